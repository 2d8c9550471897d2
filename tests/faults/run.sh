#!/bin/bash
# kill -9 and power cuts over whole updates of a real machine; tests/faults/run.sh [--short]
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds without a warning ($preset)" build_preset "$preset" || finish

run_one() {
    local begun=$SECONDS log
    log=build/faults-$(tr ' /' '--' <<<"$*").log
    timeout --kill-after=30 12h bash tests/faults/"$1" "${@:2}" >"$log" 2>&1 </dev/null
    local status=$?
    if [ $status != 0 ] && ! grep -q '^not ok ' "$log"; then echo "not ok $* ended with $status" >>"$log"; fi
    printf -- '--- %s: %d s\n%s\n' "$*" $((SECONDS - begun)) "$(<"$log")"
}
export -f run_one
if [ "${1:-}" = --short ]; then
    set -- "kill.sh deb agent 12" "kill.sh rpm tool 8" "power.sh deb 10" "kill.sh deb tool 8" "kill.sh rpm agent 8" "kill.sh deb twice 6"
else
    set -- "kill.sh deb agent" "kill.sh rpm agent" "kill.sh deb tool" "kill.sh rpm tool" "kill.sh deb twice" "power.sh deb 300" "power.sh rpm 250" repository.sh
fi
printf '%s\n' "$@" | xargs -n 1 -P 2 -d '\n' bash -c 'run_one $0' | tee build/faults.log
! grep -q '^not ok ' build/faults.log
