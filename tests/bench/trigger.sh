#!/bin/bash
# What a server's schedule costs: processor time and time of `autodeploy trigger` beside `dpkg --version`. It has no bound:
# it runs a few times a week.  trigger.sh [PAIRS]
pairs=${1:-15}
. "$(dirname "$(readlink -f "$0")")/../system/machine.sh"
for part in packages scenario; do . "$project/tests/system/$part.sh"; done
. "$project/tests/bench/median.sh"
if [ $machine_mode != systemd ]; then skip "trigger: $machine_why" && finish; fi
check "trigger: the packages can be built" packages_build || finish
prepare() {
    machine_new bench deb && machine_boot bench && client_install bench deb 8.1.25.0 || return 1
    repository_make && repository_offer deb 8.1.25.0 way-back && repository_offer deb 8.1.27.0 || return 1
    # What is accepted waits: nothing else is at work while the next is timed.
    agent_install bench deb && agent_settings bench "wait.window=[$(LC_ALL=C date -d '3 days' +%a | tr A-Z a-z) 02:00-02:05]" wait.look_every=1h wait.deadline=30d || return 1
    machine_in bench systemctl restart autodeploy.service && machine_in bench autodeploy trigger
}
check "trigger: a machine with an accepted request" prepare || finish
machine_in bench bash -c 'TIMEFORMAT="%U %S %R"
    for ((i = 0; i <= $1; i++)); do
        first=$({ time autodeploy trigger >/dev/null 2>&1 || echo failed; } 2>&1) second=$({ time dpkg --version >/dev/null; } 2>&1)
        [ $i = 0 ] || echo "$first $second"
    done' bash "$pairs" >"$machines/all"
if [ "$(wc -l <"$machines/all")" != "$pairs" ] || grep -q failed "$machines/all"; then
    not_ok "trigger: each is accepted"
    sed 's/^/    /' "$machines/all"
    finish
fi
figures() { awk -v from="$1" -v to="$2" '{ sum = 0; for (i = from; i <= to; i++) sum += $i; printf "%d\n", sum * 1000 }' "$machines/all"; }
ok "trigger: $(middle $(figures 1 2)) ms of processor time, $(middle $(figures 3 3)) ms in all; dpkg --version: $(middle $(figures 4 5)) and $(middle $(figures 6 6)) ms (medians of $pairs)"
finish
