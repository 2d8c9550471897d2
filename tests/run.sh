#!/bin/bash
# Runs the tests: bash tests/run.sh [unit|system|faults|fuzz|windows|big-endian|mutations|bench]…
# Each kind named runs in full. Without one: unit, system, short faults, short fuzz, windows and big-endian.
# The last line is "N passed, N failed", with ", N skipped" where there were any; 0 only if nothing failed.
# AUTODEPLOY_CACHE: where costly things are kept (default ~/.cache/autodeploy). AUTODEPLOY_PRESET: default release.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
. tests/lib.sh

all="unit system faults fuzz windows big-endian"
full=yes
kinds=$*
for kind in $kinds; do
    case $kind in
    unit | system | faults | fuzz | windows | big-endian | mutations | bench) ;;
    -h | --help) sed -n "2,5s/^# //p" tests/run.sh; exit 0 ;;
    *) echo "run.sh: unknown kind '$kind': unit system faults fuzz windows big-endian mutations bench" >&2; exit 2 ;;
    esac
done
if [ -z "$kinds" ]; then kinds=$all full=no; fi

# A root that was only just made may lack what every machine has.
if ! getent hosts localhost >/dev/null; then
    echo "adding localhost to /etc/hosts, which lacks it"
    echo '127.0.0.1 localhost' | if [ "$(id -u)" = 0 ]; then tee -a /etc/hosts; else sudo tee -a /etc/hosts; fi >/dev/null
fi

passed=0 failed=0 skipped=0 failed_names=()
mkdir -p "$cache" build

# total LOG ok|"not ok": single results and counted ones.
total() {
    awk -v word="$2" 'index($0, word " ") == 1 { n++ }
        /^counted [0-9]+ passed, [0-9]+ failed: / { n += word == "ok" ? $2 : $4 }
        END { print n + 0 }' "$1"
}

# part NAME LIMIT COMMAND…: a section with its time; counts the result lines of the command's output.
part() {
    local name=$1 limit=$2 begun=$SECONDS status log=$project/build/tests-$1.log good bad left told
    shift 2
    printf '\n=== %s\n' "$name"
    exec 3> >(tee "$log")
    told=$!
    # Awaited, not in front: who is asked to end does so at once, and what was begun with him.
    $limited "$limit" "$@" >&3 2>&1 3>&- </dev/null &
    wait $!
    status=$?
    exec 3>&-
    wait "$told"
    good=$(total "$log" ok) bad=$(total "$log" 'not ok') left=$(grep -ac '^skip ' "$log")
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then
        echo "not ok $name: not finished within $limit"
        bad=$((bad + 1)) failed_names+=("$name: not finished within $limit")
    elif [ "$status" != 0 ] && [ "$bad" = 0 ]; then
        echo "not ok $name: ended with $status"
        bad=1 failed_names+=("$name: ended with $status")
    fi
    while IFS= read -r line; do failed_names+=("$name: $line"); done < \
        <(sed -n 's/^not ok //p; s/^counted [0-9]* passed, \([1-9][0-9]* failed: .*\)/\1/p' "$log")
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
    printf -- '--- %s: %d s\n' "$name" $((SECONDS - begun))
    [ "$bad" = 0 ]
}

# kind NAME LIMIT: a kind that has a folder of its own.
kind() {
    if [ ! -e "tests/$1/run.sh" ]; then
        printf '\n=== %s\nleft out: there is no tests/%s yet\n' "$1" "$1"
        return 0
    fi
    part "$1-dependencies" 30m bash packaging/dependencies.sh build "$1" || return 0
    if [ $full = yes ]; then part "$1" "$2" bash "tests/$1/run.sh"; else part "$1" "$2" bash "tests/$1/run.sh" --short; fi
}

# Half an hour of processor time where it was never done, and nobody waits for it: the tests before it often wait.
if [[ " $kinds " == *" windows "* ]] && part windows-dependencies 30m bash packaging/dependencies.sh build windows; then
    $limited 60m nice -n 19 bash packaging/windows/build-libraries.sh >build/windows-libraries-ahead.log 2>&1 </dev/null &
fi

for kind in $kinds; do
    case $kind in
    unit)
        part unit-dependencies 30m bash packaging/dependencies.sh build unit || continue
        if [ $full = yes ]; then part unit 4h bash tests/unit.sh; else part unit 50m bash tests/unit.sh --short; fi
        ;;
    system) kind system 40m ;;
    windows) if [ $full = yes ]; then kind windows 12h; else kind windows 60m; fi ;;
    big-endian) kind big-endian 60m ;;
    *) kind $kind 12h ;;
    esac
done

printf '\n=== in all: %d s\n' $SECONDS
for name in "${failed_names[@]}"; do echo "failed: $name"; done
summary="$passed passed, $failed failed"
[ $skipped = 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ $failed = 0 ]
