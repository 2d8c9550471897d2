#!/bin/bash
# The file system of /var/lib/autodeploy full or read-only: before a trigger, and while the client is being changed. Each
# time the scheduler runs, and what is told is what the machine shows. The same at every single point, on a machine in
# memory: tests/installer/full_disk_test.cpp. full_disk_test.sh rpm: the same with rpm.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "full disk: $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "$(basename "$0"): the program is not there yet" && finish; fi
check "the packages can be built" packages_build || finish
state=/var/lib/autodeploy
saved=$machines/full-disk
kind=${1:-deb}

inside() { machine_in full "$@"; }
client_runs() { inside systemctl --quiet is-active dsmcad.service; }

# A small file system of its own, made before the agent of this boot is started again.
begin() {
    machine_kill full
    machine_load full "$saved"
    machine_boot full || return 1
    inside sh -c "systemctl stop autodeploy.service && mount -t tmpfs -o size=64m,mode=700 tmpfs $state && systemctl start autodeploy.service"
    server_heard full 8.1.25.0
}
fill() { inside sh -c "cat /dev/zero >$state/fill 2>/dev/null; ! [ \$(df --output=avail $state | tail -1) -gt 0 ]"; }
empty() { inside rm -f "$state/fill"; }
# In the eyes of the agent, which has its own view of the mounts. It holds a lock there, so the mount itself stays as it
# is and a read-only view is put over it.
remount() {
    local do="mount --bind $state $state && mount -o remount,bind,ro $state"
    [ "$1" = ro ] || do="umount -l $state"
    inside sh -c "nsenter -t \$(systemctl show -p MainPID --value autodeploy.service) -m sh -c '$do'"
}
# The packages are being changed: their step has begun.
changing() { inside sh -c "cat $state/attempts/*/journal 2>/dev/null | grep -q '\"performing\",\"step\":3'"; }
# told_so LABEL: the report against the machine.
told_so() {
    local outcome verdict
    outcome=$(agent_last full outcome)
    verdict=$(client_judge full $kind 8.1.25.0 8.1.27.0)
    case $outcome/$verdict in
    updated/new | rolled_back/old) ok "$1: $outcome, and the $verdict release runs" ;;
    *)
        not_ok "$1: told is '$outcome', the machine says '$verdict'"
        inside sh -c 'autodeploy history --json --count 1; journalctl --no-pager -u autodeploy.service | tail -30' | sed 's/^/    /'
        ;;
    esac
}

repository_make && repository_offer $kind 8.1.25.0 way-back && repository_offer $kind 8.1.27.0 || { not_ok "a repository is made" && finish; }
machine_new full $kind && machine_boot full && client_install full $kind 8.1.25.0 && agent_install full $kind || { not_ok "a machine is prepared" && finish; }
agent_settings full limits.spare_bytes=1MiB limits.evidence_bytes=1MiB
machine_kill full
machine_save full "$saved"

check "a machine with a small disk for the agent comes up" begin || finish
fill
inside sh -c '/usr/bin/autodeploy trigger >/tmp/answer 2>&1; [ $? = 12 ]'
check "full before the trigger: refused with 12" [ $? = 0 ]
check "... with the place that is full on its line" inside grep -q "cannot accept the request.*$state\|cannot .*$state.*No space left" /tmp/answer
check "... and the client is as it was" [ "$(client_judge full $kind 8.1.25.0 8.1.27.0)" = old ]
empty

# With room again the very same machine updates; it gets full in the middle of that.
server_schedule full UPDATE "/usr/bin/autodeploy trigger"
check "the packages are being changed" await changing
fill
check "full in the middle: the scheduler runs" await client_runs
inside autodeploy status --exit-code >/dev/null 2>&1
check "... nobody is told that all is well or that nothing was touched before that is known" eval "case $? in 21 | 23 | 25) ;; *) [ \"\$(agent_last full outcome)\" = updated ] ;; esac"
empty
check "... with room it comes to an end" agent_await full 1
told_so "full in the middle"
check "... nothing is held" inside sh -c '! ls /etc/systemd/system/*/50-autodeploy-hold.conf 2>/dev/null'

begin
server_schedule full UPDATE "/usr/bin/autodeploy trigger"
check "the packages are being changed" await changing
if remount ro; then
    check "read-only in the middle: the scheduler runs" await client_runs
    remount rw
    check "... when it can be written again it comes to an end" agent_await full 1
    told_so "read-only in the middle"
    check "... nothing is held" inside sh -c '! ls /etc/systemd/system/*/50-autodeploy-hold.conf 2>/dev/null'
else
    skip "read-only in the middle: the agent's view of its disk cannot be changed here"
fi
finish
