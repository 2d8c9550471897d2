#!/bin/bash
# The whole agent against real tools, each test on throw-away machines of its own; three tests at a time: they wait
# more than they work. From the end of the alphabet, where the longest happen to be.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds without a warning ($preset)" build_preset "$preset" || finish

run_one() {
    local begun=$SECONDS log=build/system-$(basename "$1" .sh).log
    $limited 25m bash "$1" >"$log" 2>&1 </dev/null
    local status=$?
    if [ $status != 0 ] && ! grep -q '^not ok ' "$log"; then echo "not ok $1 ended with $status" >>"$log"; fi
    printf -- '--- %s: %d s\n%s\n' "$(basename "$1" .sh)" $((SECONDS - begun)) "$(<"$log")"
}
export -f run_one
ls -r tests/system/*_test.sh | xargs -n 1 -P 3 bash -c 'run_one "$0"' | tee build/system.log
! grep -q '^not ok ' build/system.log
