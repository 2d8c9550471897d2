#!/bin/bash
# A 32-bit client becomes a 64-bit one: real i386 and x86_64 packages with rpm under a real systemd, forward, back from
# a sick release, on from a kill of the agent in each step, and back from one while a sick release is in work or undone.
# AUTODEPLOY_ALL_FAULTS=1: at every step, the default at some.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "32 to 64 bit: $machine_why" && finish; fi
if ! command -v i686-linux-gnu-g++ >/dev/null; then skip "32 to 64 bit: there is no compiler for i386" && finish; fi
check "32 to 64 bit: the packages can be built" packages_build || finish

old=8.1.25.0 old_bits=32 approved=
client_packages() {
    local folder=$machines/packages/$1-$2-${3:-none} options=() from=$build/standin
    if [ "$2 $old_bits" = "$old 32" ]; then folder=$folder-32 options=(--arch i386) from=$machines/standin32; fi
    [ -d "$folder" ] || bash "$project/tests/standin/packages.sh" --kind "$1" "${options[@]}" "$from" "$folder" "$2" "${3:-none}" || return 1
    echo "$folder"
}
# Those of the one set that is there, and none of the other's.
client_names() {
    if machine_in bits rpm -q TIVsm-API64 >/dev/null 2>&1; then echo gskcrypt64 gskssl64 TIVsm-API64 TIVsm-BA; else echo gskcrypt32 gskssl32 TIVsm-API TIVsm-BA; fi
}
sets() { machine_in bits rpm -qa --qf '%{ARCH} %{NAME}\n' 'TIVsm*' 'gsk*' | LC_ALL=C sort | tr '\n' ' '; }
old_set="i386 TIVsm-API i386 TIVsm-BA i386 gskcrypt32 i386 gskssl32 "
new_set="x86_64 TIVsm-API64 x86_64 TIVsm-BA x86_64 gskcrypt64 x86_64 gskssl64 "
# What must stay in its place: files of the administrator, a link, a stored password.
own_files() {
    machine_in bits sh -c 'cd /opt/tivoli/tsm/client/ba/bin && mkdir -p /etc/tivoli && mv dsm.sys /etc/tivoli/ && ln -s /etc/tivoli/dsm.sys dsm.sys &&
        chmod 640 dsm.opt && echo certificates >dsmcert.kdb && chmod 600 dsmcert.kdb'
}
kept_files() { machine_in bits sh -c 'cd /opt/tivoli/tsm/client/ba/bin && stat -c "%n %a %F" dsm.opt dsm.sys dsmcert.kdb && readlink dsm.sys && cat dsm.opt dsm.sys dsmcert.kdb'; }

prepare() {
    rm -rf "$machines/made" "$machines/prepared"
    [ -d "$machines/standin32" ] || client_programs_32 "$machines/standin32" || return 1
    repository_make && repository_offer rpm $old way-back && cp -a "$machines/repository" "$machines/made" || return 1
    machine_new bits rpm && machine_boot bits && client_install bits rpm $old || return 1
    agent_install bits rpm && own_files && server_heard bits $old || return 1
    machine_kill bits
    machine_save bits "$machines/prepared"
}
# begin [SICKNESS]: the machine as it was, with a repository that offers 8.1.27.0.
begin() {
    machine_kill bits
    machine_load bits "$machines/prepared" && machine_boot bits || return 1
    rm -rf "$machines/repository"
    cp -a "$machines/made" "$machines/repository" && repository_offer rpm 8.1.27.0 "${1:-none}" || return 1
    repository_put bits
    agent_settings bits $approved
    machine_in bits systemctl restart autodeploy.service
    kept=$(kept_files)
    judge_snapshot bits "$machines/before"
}
# ended LABEL OUTCOME VERDICT SET
ended() {
    local outcome verdict now
    agent_await bits 1 || { not_ok "$1: ends" && machine_in bits sh -c 'autodeploy status; journalctl --no-pager -u autodeploy.service | tail -30' | sed 's/^/    /' && return; }
    outcome=$(agent_last bits outcome) verdict=$(client_judge bits rpm $old 8.1.27.0) now=$(sets)
    if [ "$outcome $verdict" = "$2 $3" ] && [ "$now" = "$4" ] && [ "$(kept_files)" = "$kept" ]; then ok "$1: $2, $3, down $(agent_last bits down_ms) ms"
    else
        not_ok "$1: $outcome, $verdict, packages: $now"
        machine_in bits sh -c 'autodeploy history --json --count 1; journalctl --no-pager -u autodeploy.service | tail -30' | sed 's/^/    /'
    fi
    check "$1: nothing is held" machine_in bits sh -c '! ls /etc/systemd/system/*/50-autodeploy-hold.conf 2>/dev/null && ! [ -s /var/lib/autodeploy/restart-services ]'
}
# rolled_back LABEL: and the machine compared.
rolled_back() {
    ended "$1" rolled_back old "$old_set"
    judge_snapshot bits "$machines/after"
    check "$1: the machine is as before" judge_compare "$machines/before" "$machines/after" "$project"/tests/system/{,rig-,bits-}may-differ.txt
}
journal_says() { machine_in bits sh -c "cat /var/lib/autodeploy/attempts/*/journal 2>/dev/null | grep -q '\"$1\",\"step\":$2'"; }
await_closely() { local try; for ((try = 0; try < 1000; try++)); do "$@" && return 0; sleep 0.02; done; return 1; }

check "32 to 64 bit: a machine with a 32-bit client" prepare || finish
begin || { not_ok "32 to 64 bit: begin" && finish; }
check "32 to 64 bit: the old set is i386" eval '[ "$(sets)" = "$old_set" ]'
machine_in bits autodeploy plan >"$machines/plan" 2>&1
check "32 to 64 bit: the plan names what is removed first" grep -q 'removed first, since others take their place:.*TIVsm-BA.i386' "$machines/plan"
[ "$failures" = 0 ] || sed 's/^/    /' "$machines/plan"
server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
ended "32 to 64 bit" updated new "$new_set"

for sickness in dies-at-start post-fails; do
    begin $sickness || { not_ok "32 to 64 bit, $sickness: begin" && continue; }
    server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
    rolled_back "32 to 64 bit, $sickness"
    check "32 to 64 bit, $sickness: what is left of the other set is empty" machine_in bits sh -c \
        '[ -z "$(find /opt/tivoli/tsm/client/api/bin64 /usr/local/ibm/gsk8_64 ! -type d 2>/dev/null)" ]'
done

# killed MARK STEP: as soon as the journal says so.
killed() {
    await_closely journal_says "$1" "$2" || return
    machine_in bits systemctl kill -s KILL autodeploy.service
}
# In each step that changes something; all of them on request.
steps="1 3 5" sick_steps=3 undone_steps=3
[ -z "${AUTODEPLOY_ALL_FAULTS:-}" ] || { steps="0 1 2 3 4 5 6" && sick_steps="0 1 2 3 4 5" undone_steps=$steps; }
for step in $steps; do
    name="32 to 64 bit, killed in step $step"
    begin || { not_ok "$name: begin" && continue; }
    server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
    if killed performing "$step"; then ended "$name" updated new "$new_set"; else not_ok "$name: step is seen"; fi
done
for step in $sick_steps; do
    name="32 to 64 bit, sick and killed in step $step"
    begin dies-at-start || { not_ok "$name: begin" && continue; }
    server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
    if killed performing "$step"; then rolled_back "$name"; else not_ok "$name: step is seen"; fi
done
for step in $undone_steps; do
    name="32 to 64 bit, sick and killed behind the undoing of step $step"
    begin dies-at-start || { not_ok "$name: begin" && continue; }
    server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
    if killed undone "$step"; then rolled_back "$name"; else not_ok "$name: undoing is seen"; fi
done

# From a level that knows no update in place; its passwords move, which is approved.
machine_remove bits
old=6.2.5.0 approved='approved_one_way=[session-security,password-store]'
check "6.2 of 32 bit: a machine" prepare || finish
begin || { not_ok "6.2 of 32 bit: begin" && finish; }
server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
ended "6.2 of 32 bit" updated new "$new_set"
begin dies-at-start || { not_ok "6.2 of 32 bit, dies-at-start: begin" && finish; }
server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
rolled_back "6.2 of 32 bit, dies-at-start"

# Of 64 bit, as on Linux on Z: the same names, and yet no update in place.
machine_remove bits
old_bits=64 old_set=$new_set
check "6.2 of 64 bit: a machine" prepare || finish
begin || { not_ok "6.2 of 64 bit: begin" && finish; }
machine_in bits autodeploy plan >"$machines/plan" 2>&1
check "6.2 of 64 bit: the plan names what is removed first" grep -q 'removed first and installed anew.*TIVsm-BA.x86_64' "$machines/plan"
server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
ended "6.2 of 64 bit" updated new "$new_set"
begin dies-at-start || { not_ok "6.2 of 64 bit, dies-at-start: begin" && finish; }
server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
rolled_back "6.2 of 64 bit, dies-at-start"
finish
