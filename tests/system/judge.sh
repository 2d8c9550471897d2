# shellcheck shell=bash
# What became of a machine, by the system's own tools; shares no code with the agent. To be sourced after machine.sh.
#   judge_snapshot NAME FILE        all that is compared, one fact a line
#   judge_compare BEFORE AFTER [MAY_DIFFER…]
#                                   prints each difference that is not on the published list; 0 if there is none

judge_snapshot() {
    machine_in "$1" bash -s <"$project/tests/system/snapshot_inside.sh" | LC_ALL=C sort >"$2"
    # A snapshot that broke off would compare as equal to another such.
    grep -q '^content	/etc/passwd	' "$2" && grep -q '^package	' "$2"
}

judge_compare() {
    local kinds=() patterns=() kind pattern rest side name value i found=0
    local before=$1 after=$2
    shift 2
    [ $# != 0 ] || set -- "$project"/tests/system/{,rig-}may-differ.txt
    while read -r kind pattern rest; do
        case $kind in '' | '#'*) continue ;; esac
        kinds+=("$kind") patterns+=("$pattern")
    done < <(cat "$@")
    while IFS=$'\t' read -r kind name value; do
        side=${kind:0:1} kind=${kind:2}
        for i in "${!kinds[@]}"; do
            # The pattern is meant as one.
            # shellcheck disable=SC2053
            if [ "$kind" = "${kinds[i]}" ] && [[ $name == ${patterns[i]} ]]; then continue 2; fi
        done
        printf '%s %s %s: %s\n' "$side" "$kind" "$name" "$value"
        found=1
    done < <(LC_ALL=C diff "$before" "$after" | grep '^[<>]')
    return $found
}
