#!/bin/bash
# Takes one check at a time out of the program (tests/mutations/*.txt) and shows that the unit tests turn red.
# tests/mutations/run.sh [--short] [LIST.txt…] [WORD]: only these lists, only mutations whose file or name holds WORD. The second line of the lists' form
# ("!") is the folder or file below tests/ whose cases must notice; without it the folder of the same name as the file's.
set -uo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
. "$project/tests/mutations/mutate.sh"
cd "$project" || exit 1

# one FOLDER: its verdict is one line.
one() {
    local folder=$1 label why
    label="$(cat "$folder/file"): without $(cat "$folder/name")"
    if ! why=$(compile_mutant "$folder" "$build" -g0 -O0) ||
        ! why=$(link_mutant "$folder" "$build" unit_tests "$folder/unit_tests"); then
        echo "not ok $label: $why"
        return
    fi
    # One that never ends has noticed too.
    if $limited "${AUTODEPLOY_MUTATION_LIMIT:-120}" "$folder/unit_tests" --abort-after=1 \
        --source-file="*/tests/$(cat "$folder/where")*" >"$folder/log" 2>&1 </dev/null; then
        echo "not ok $label: the tests stay green"
    else
        echo "ok $label"
    fi
    rm -f "$folder/unit_tests" "$folder/mutant.o"
}
if [ "${1:-}" = --one ]; then
    one "$2"
    exit
fi

word='' lists=()
for argument; do case $argument in --short) ;; *.txt) lists+=("$argument") ;; *) word=$argument ;; esac; done
[ ${#lists[@]} != 0 ] || lists=(tests/mutations/*.txt)
check "builds ($preset)" build_preset "$preset" unit_tests || finish
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
check "the lists can be read" read_mutations "$work" "$build" "${lists[@]}" || finish
for folder in "$work"/[0-9]*; do
    [[ "$(cat "$folder/file"): $(cat "$folder/name")" != *"$word"* ]] || printf '%s\n' "$folder"
done | xargs -r -P "${AUTODEPLOY_JOBS:-$(nproc)}" -I{} bash tests/mutations/run.sh --one {} | tee "$work/results"
failures=$((failures + $(grep -c '^not ok ' "$work/results")))
finish
