#!/bin/bash
# Rules of the tree, format, the unit tests as shipped and under sanitizers, clang-tidy on what was changed. unit.sh
# [--short]: the sweeps over faults with a spread of their points, under sanitizers a wider one.
set -uo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
cd "$project" || exit 1

section() { printf -- '--- %s (after %d s)\n' "$1" $SECONDS; }

limit=1500
if [ "${1:-}" != --short ]; then export AUTODEPLOY_ALL_FAULTS=yes && limit=6000; fi

# The sweeps over every fault take as long as all others together, and what speaks to the system's tools waits more than
# it works: these three at a time.
sweeps="one fault*,a second fault*"
system="*tests/platform/*"

# unit_tests LABEL PROGRAM
unit_tests() {
    local begun=$SECONDS part
    unit_part "$1" "$2" sweeps -tc="$sweeps" &
    unit_part "$1" "$2" platform -sf="$system" &
    unit_part "$1" "$2" others -tce="$sweeps" -sfe="$system" &
    wait
    for part in sweeps platform others; do count_part "$1" $part $((SECONDS - begun)); done
}
# unit_part LABEL PROGRAM PART FILTER…
unit_part() {
    local log=$project/build/unit-$1-$3.log
    $limited $limit "$2" "${@:4}" >"$log" 2>&1
    echo "ended with $?" >>"$log"
}
# count_part LABEL PART SECONDS
count_part() {
    local log=$project/build/unit-$1-$2.log
    counted_doctest "$log" "$(sed -n '$s/^ended with //p' "$log")" "unit tests ($1, $2), $3 s"
    grep -a '^skipped: ' "$log" | sort -u | sed "s/^skipped: /skip unit ($1): /"
}

section "rules of the tree"
bash tests/rules.sh || failures=$((failures + 1))
bash tests/rules_test.sh || failures=$((failures + 1))
bash tests/run_test.sh || failures=$((failures + 1))

section "format"
check "clang-format has nothing to change" clang-format --dry-run -Werror $(git ls-files '*.cpp' '*.h')
check "shell scripts can be parsed" bash -c 'for f in $(git ls-files "*.sh"); do bash -n "$f" || exit 1; done'

section "build $preset"
if check "builds without a warning ($preset)" build_preset "$preset"; then unit_tests "$preset" "$build/unit_tests"; fi

# Clang's view of the code, sanitizers and fuzz targets in one build.
section "build with sanitizers"
if check "builds without a warning (clang, sanitizers)" build_preset fuzz; then
    export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1
    unit_tests sanitizers build/fuzz/unit_tests
    section "clang-tidy"
    bash tests/tidy.sh build/fuzz || failures=$((failures + 1))
fi
finish
