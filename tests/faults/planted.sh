#!/bin/bash
# Builds the agent with one fault of tests/faults/planted-disk.txt at a time and shows that the sweep finds it.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
. "$project/tests/mutations/mutate.sh"
cd "$project" || exit 1
check "builds ($preset)" build_preset "$preset" || finish
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
check "the list can be read" read_mutations "$work" "$build" tests/faults/planted-disk.txt || finish
for folder in "$work"/[0-9]*; do
    label="$(cat "$folder/file"): without $(cat "$folder/name")"
    mkdir "$folder/programs"
    cp "$build/autodeploy-repository" "$build/settings_reference" "$folder/programs/"
    if ! why=$(compile_mutant "$folder" "$build" -O1) || ! why=$(link_mutant "$folder" "$build" autodeploy "$folder/programs/autodeploy"); then
        not_ok "$label: $why"
        continue
    fi
    # Words on purpose.
    # shellcheck disable=SC2046
    AUTODEPLOY_PROGRAMS=$folder/programs AUTODEPLOY_PACKAGES=$folder/packages AUTODEPLOY_STOP_AT_BROKEN=yes \
        bash tests/faults/sweep.sh $(cat "$folder/where") >"$folder/log" 2>&1
    if grep -q '^not ok .* [1-9][0-9]* broken' "$folder/log"; then
        ok "$label: found after $(grep -c '^  hit' "$folder/log") cycles"
    else
        not_ok "$label: the sweep stays green"
        tail -5 "$folder/log"
    fi
done
finish
