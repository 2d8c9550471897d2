# shellcheck shell=bash
# One update after the other, each from the same state and each broken off somewhere else; the verdict is the judge's,
# who shares no code with the agent. To be sourced after tests/system/{machine,packages,judge,scenario}.sh.
#
# The state is one in which a deployment from 8.1.25.0 to 8.1.27.0 was accepted and staged and waits for its window: the
# next boot opens it, and the update begins by itself.
#
#   faults_prepare KIND                 makes that state, once for all workers
#   faults_machine MACHINE [--disk]     a machine for it; off
#   faults_begin MACHINE                brings it there once more; not booted yet
#   faults_plan MACHINE agent|tool LINE…   options of break_off, a line for each start of the program after the next boot
#   faults_end MACHINE                  waits for the report and judges: prints "new", "old" (and then new) or "BROKEN: why"

faults_settings=(verify.watch=1s verify.contact_deadline=60s wait.event_settled=1s)
faults_limit=300

faults_prepare() {
    local kind=$1 machine=prepared root tool=dpkg
    faults_kind=$kind
    [ "$kind" = deb ] || tool=rpm
    machine_new $machine "$kind" && machine_boot $machine || return 1
    repository_make && repository_offer "$kind" 8.1.25.0 way-back && repository_offer "$kind" 8.1.27.0 || return 1
    client_install $machine "$kind" 8.1.25.0 && agent_install $machine "$kind" || return 1
    agent_settings $machine "$(faults_closed_window)" "${faults_settings[@]}"
    root=$(machine_root $machine)
    mkdir -p "$root/etc/faults" "$root/usr/lib/faults/real" "$root/etc/systemd/system/autodeploy.service.d"
    cp "$build/break_off" "$root/usr/lib/faults/"
    # Counted in /run, which ends with the boot.
    cat >"$root/usr/lib/faults/options" <<'OPTIONS'
#!/bin/sh
[ -e "/etc/faults/$1" ] || exit 0
mkdir -p /run/faults
echo >>"/run/faults/$1.starts"
sed -n "$(wc -l <"/run/faults/$1.starts")p" "/etc/faults/$1"
OPTIONS
    cat >"$root/usr/lib/faults/agent" <<'WRAPPER'
#!/bin/sh
options=$(/usr/lib/faults/options agent)
[ -n "$options" ] || exec /usr/bin/autodeploy service run
exec /usr/lib/faults/break_off --log /run/faults/agent.log $options /usr/bin/autodeploy service run
WRAPPER
    # Its dry runs are not meant.
    cat >"$root/usr/lib/faults/tool" <<'WRAPPER'
#!/bin/sh
real=/usr/lib/faults/real/${0##*/}
options=
case " $* " in
*" --no-act "* | *" --test "*) ;;
*" --install "* | *" --upgrade "*) options=$(/usr/lib/faults/options tool) ;;
esac
[ -n "$options" ] || exec "$real" "$@"
exec /usr/lib/faults/break_off --log /run/faults/tool.log --children $options "$real" "$@"
WRAPPER
    chmod +x "$root"/usr/lib/faults/{options,agent,tool}
    mv "$root/usr/bin/$tool" "$root/usr/lib/faults/real/$tool"
    cp "$root/usr/lib/faults/tool" "$root/usr/bin/$tool"
    printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=\nExecStart=/usr/lib/faults/agent\nRestartSec=100ms\n' \
        >"$root/etc/systemd/system/autodeploy.service.d/faults.conf"
    machine_in $machine sh -c 'systemctl daemon-reload; systemctl restart autodeploy.service'
    server_schedule $machine UPDATE "/usr/bin/autodeploy trigger"
    faults_await_waiting $machine || { machine_in $machine autodeploy status && return 1; }
    faults_lighten $machine
    # From now on the window is open.
    agent_settings $machine "${faults_settings[@]}"
    machine_in $machine sync
    judge_snapshot $machine "$machines/before" || return 1
    machine_kill $machine
    machine_save $machine "$machines/state"
    machine_remove $machine
}

# Units that nothing loads, and what looks for disks and terminals at each reload, take most of a cycle's processor time.
faults_lighten() {
    machine_in "$1" sh -c 'cd /lib/systemd/system && for unit in *.service; do
            systemctl list-units --all --plain --no-legend "$unit" | grep -q . || rm -f "$unit"
        done
        cd ../system-generators && for generator in *; do
            [ "$generator" = systemd-sysv-generator ] || rm -f "$generator"
        done
        systemctl daemon-reload'
}

# A minute of the week that is neither now nor soon.
faults_closed_window() {
    local day
    day=$(LC_ALL=C date -d '+3 days' +%a | tr '[:upper:]' '[:lower:]')
    echo "wait.window=[\"$day 00:00-00:01\"]"
}
faults_await_waiting() {
    local end=$((SECONDS + 180))
    while [ $SECONDS -lt $end ]; do
        if machine_in "$1" autodeploy status --json | tr -d '\n' | grep -q '"phase": *"wait"'; then return 0; fi
        sleep 0.3
    done
    return 1
}

faults_machine() {
    machine_new "$1" "$faults_kind" ${2:+"$2"} || return 1
    [ -n "${2:-}" ] || return 0
    cp -a "$machines/state/upper" "$machines/$1/store/"
    machine_save "$1" "$machines/$1-state"
}
faults_begin() {
    machine_kill "$1"
    if [ -d "$machines/$1-state" ]; then machine_load "$1" "$machines/$1-state"; else machine_load "$1" "$machines/state"; fi
}
# Into the layer that the machine writes to; it is off.
faults_plan() {
    local file=$machines/$1/store/upper/etc/faults/$2
    shift 2
    printf '%s\n' "$@" >"$file"
}
faults_no_plan() { rm -f "$machines/$1"/store/upper/etc/faults/{agent,tool}; }

# faults_await MACHINE COUNT: until that many deployments have ended.
faults_await() {
    local end=$((SECONDS + faults_limit)) history
    history=$(machine_root "$1")/var/lib/autodeploy/history.jsonl
    while [ $SECONDS -lt $end ]; do
        [ ! -e "$history" ] || [ "$(grep -c '"accepted_at"' "$history")" -lt "$2" ] || return 0
        sleep 0.1
    done
    return 1
}

faults_end() {
    local machine=$1 outcome verdict
    faults_await "$machine" 1 || { echo "BROKEN: no deployment ended" && return; }
    outcome=$(agent_last "$machine" outcome)
    verdict=$(client_judge "$machine" "$faults_kind" 8.1.25.0 8.1.27.0)
    case "$outcome $verdict" in
    "updated new") echo new && return ;;
    "rolled_back old" | "cancelled old" | "gave_up old" | "refused old") ;;
    *) echo "BROKEN: reported $outcome ($(agent_last "$machine" cause)), found $verdict" && return ;;
    esac
    judge_snapshot "$machine" "$machines/$machine-after" || { echo "BROKEN: no snapshot can be taken" && return; }
    verdict=$(judge_compare "$machines/before" "$machines/$machine-after" "$project"/tests/system/{,rig-}may-differ.txt \
        "$project/tests/faults/may-differ.txt") || { echo "BROKEN: differs from before: $verdict" && return; }
    # The package is healthy: at the next trigger at the latest it is there.
    server_schedule "$machine" AGAIN "/usr/bin/autodeploy trigger"
    faults_await "$machine" 2 || { echo "BROKEN: after $outcome the next trigger led to nothing" && return; }
    verdict=$(client_judge "$machine" "$faults_kind" 8.1.25.0 8.1.27.0)
    [ "$verdict" = new ] || { echo "BROKEN: after $outcome the next trigger ended $(agent_last "$machine" outcome), found $verdict" && return; }
    echo old
}

# What a person needs to find out why.
faults_evidence() {
    machine_in "$1" sh -c 'tail -n 3 /run/faults/agent.log /run/faults/tool.log; cat /var/lib/autodeploy/attempts/*/journal
        autodeploy history --json --count 2; journalctl --no-pager -u autodeploy.service -u autodeploy-rescue.service | tail -40
        systemctl is-system-running; systemctl list-jobs --no-pager; systemctl --failed --no-pager; systemctl status --no-pager autodeploy.service
        journalctl --no-pager -b | tail -40; ps -ef' 2>&1 | sed 's/^/        /'
}
