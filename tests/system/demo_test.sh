#!/bin/bash
# The demo of the README ends as it should, with systemd and with init scripts, and shows what goes on.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
if [ "$machine_mode" = none ]; then skip "demo: $machine_why" && finish; fi

# demo MODE [COMMAND…]: run by that command.
demo() {
    local mode=$1 log=$project/build/demo-$1.log
    shift
    shows_progress() { grep -q "^    apply: bring the packages" "$log" && grep -q "^    apply: going back" "$log"; }
    if env -u MACHINE_PRIVATE AUTODEPLOY_MACHINE="$mode" "$@" bash "$project/packaging/demo.sh" >"$log" 2>&1; then
        ok "the demo ($mode): $(tail -1 "$log")"
        check "the demo ($mode) shows progress, forward and back" shows_progress
    else
        not_ok "the demo ($mode) ends as it should"
        tail -40 "$log" | sed 's/^/    /'
    fi
}
if [ "$machine_mode" = systemd ]; then
    demo systemd
    # The clients of other tests' machines are none of its own.
    demo sysv unshare --pid --fork --kill-child --mount-proc --net sh -c 'ip link set lo up && exec "$0" "$@"'
else
    demo sysv
fi
finish
