#!/bin/bash
# kill -9 and power cuts over whole updates of a real machine, and faults planted to see that these are found;
# tests/faults/run.sh [--short]. AUTODEPLOY_WORKERS: machines at a time and kind (default 2).
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds without a warning ($preset)" build_preset "$preset" || finish
workers=${AUTODEPLOY_WORKERS:-2}

run_one() {
    local begun=$SECONDS log
    log=build/faults-$1.log
    $limited 11h bash tests/faults/sweep.sh "$@" >"$log" 2>&1 </dev/null
    local status=$?
    if [ $status != 0 ] && ! grep -q '^not ok ' "$log"; then echo "not ok faults $* ended with $status" >>"$log"; fi
    # The single cycles stay in the log.
    printf -- '--- %s: %d s, in full in %s\n%s\n' "$*" $((SECONDS - begun)) "$log" "$(grep -v '^  [a-z]' "$log")"
}
: >build/faults.log
if [ "${1:-}" = --short ]; then
    # As many points by chance as a minute has room for; each sweep makes at least one cycle for each worker. First the
    # power goes again before systemd has heard that the recovering service is up: hardly ever met by chance.
    for kind in deb rpm; do
        run_one $kind --workers "$workers" --seconds 60 --point "power tool 100 4" journal=20 agent=20 tool=20 power=20 >>build/faults.log &
    done
else
    run_one deb --workers "$workers" journal agent tool twice=150 power=300 >>build/faults.log &
    run_one rpm --workers "$workers" journal agent tool twice=150 power=250 >>build/faults.log &
fi
wait
cat build/faults.log
failures=$(grep -c '^not ok ' build/faults.log)
if [ "${1:-}" != --short ]; then
    bash tests/faults/repository.sh || failures=$((failures + 1))
    bash tests/mutations/run.sh tests/faults/planted-fake.txt || failures=$((failures + 1))
    bash tests/faults/planted.sh || failures=$((failures + 1))
fi
finish
