#!/bin/bash
# The unit tests that make units and services of their own: they run only on a machine that was made for them.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
if [ $machine_mode != systemd ]; then skip "real systemd: $machine_why" && finish; fi

prepare() {
    machine_new units deb && machine_boot units || return 1
    mkdir -p "$(machine_root units)/root/tests/platform"
    cp -r tests/platform/transcripts "$(machine_root units)/root/tests/platform/" && cp "$build/unit_tests" "$(machine_root units)/root/"
}
cd "$project" || exit 1
check "real systemd: a machine is prepared" prepare || finish
if said=$(machine_in units env -C /root AUTODEPLOY_TEST_REAL_SYSTEMD=1 timeout 300 ./unit_tests -tc="real systemd*" 2>&1); then
    read -r passed <<<"$(sed -n 's/.*test cases: *\([0-9]*\) |.*/\1/p' <<<"$said")"
    if [ "${passed:-0}" -ge 15 ]; then counted "$passed" 0 "the unit tests of real systemd"; else not_ok "real systemd: only ${passed:-0} tests were run"; fi
    sed -n 's/.*MESSAGE: \(took .*\)/    \1/p' <<<"$said"
else
    not_ok "real systemd: the unit tests"
    sed 's/^/    /' <<<"$said"
fi
finish
