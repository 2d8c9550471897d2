#!/bin/bash
# The main job, for real, on a throw-away machine: a server schedule fires, the client is updated from 8.1.25.0 to
# 8.1.27.0; then comes a sick 8.1.28.0, whose scheduler dies at its start, and everything is put back.
#   bash packaging/demo.sh [deb|rpm]     as root, on Debian 12; installs what it needs, builds, changes nothing else here
# rpm: the client and the agent come as rpm packages, and rpm is the installer that is driven.
# Exits with 0 only if each part really ended as it should. AUTODEPLOY_MACHINE=sysv: without systemd.
set -uo pipefail
kind=${1:-deb}
case $kind in deb | rpm) ;; *) echo "usage: demo.sh [deb|rpm]" >&2; exit 2 ;; esac
project=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
began=${AUTODEPLOY_DEMO_BEGAN:-$(date +%s)}
export AUTODEPLOY_DEMO_BEGAN=$began

if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
title() { printf '\n%s=== %s%s (after %d s)\n' "$bold" "$1" "$plain" $(($(date +%s) - began)); }
show() {
    printf '%s# %s%s\n' "$bold" "$*" "$plain"
    machine_in demo "$@"
}
give_up() {
    printf '\n%sThe demo did not end as it should: %s%s\n' "$bold" "$1" "$plain" >&2
    machine_in demo sh -c 'autodeploy status; journalctl --no-pager -u autodeploy.service 2>/dev/null | tail -40' >&2
    exit 1
}

# The machine's library starts this script once more, in a mount namespace of its own.
if [ -z "${MACHINE_PRIVATE:-}" ]; then
    title "What this needs"
    bash "$project/packaging/dependencies.sh" demo || exit 1
    echo "all there"
fi
# From nothing the quickest build is one of its own.
[ -e "$project/build/release/autodeploy" ] || export AUTODEPLOY_PRESET=${AUTODEPLOY_PRESET:-first}
. "$project/tests/system/machine.sh"
. "$project/tests/system/packages.sh"
. "$project/tests/system/judge.sh"
. "$project/tests/system/scenario.sh"

title "Build"
# What the machine's root is made of is fetched meanwhile.
[ $machine_mode = none ] || machine_tree $kind >/dev/null 2>&1 &
build_preset "$preset" autodeploy autodeploy-repository settings_reference standin_dsmc standin_dsmcad standin_server || exit 1
packages_build || exit 1
if [ $kind = deb ]; then our_deb; else our_rpm; fi

title "A throw-away machine"
case $machine_mode in
systemd) echo "A root of its own, processes and network of its own, systemd as its first process." ;;
sysv) echo "Here only a root of its own can be had ($machine_why): the client is a SysV service." ;;
none)
    echo "No throw-away machine can be had here: $machine_why. This needs root, and the right to mount." >&2
    exit 1
    ;;
esac
machine_new demo $kind && machine_boot demo || exit 1
client_install demo $kind 8.1.25.0 || give_up "the client was not installed"
if [ $kind = deb ]; then show dpkg-query -W 'tivsm*' 'gsk*'; else show rpm -qa 'TIVsm*' 'gsk*'; fi
show sh -c 'dsmc help | grep Version; tail -2 /var/log/dsmsched.log'

title "A repository, made and signed on the spot"
repository_make || exit 1
repository_offer $kind 8.1.25.0 way-back || exit 1
repository_offer $kind 8.1.27.0 || exit 1
agent_install demo $kind || give_up "the agent was not installed"

title "What would happen (changes nothing)"
show autodeploy check
show autodeploy plan || give_up "there is no plan"

# Of what status --follow tells, the lines of progress, until it says that nothing goes on any more.
show_progress() {
    local line seen=
    while read -r -t 120 line; do
        case $line in
        preflight* | refresh* | choose* | fetch* | stage* | wait* | plan* | apply*) echo "    $line" && seen=yes ;;
        "no deployment goes on") [ -z "$seen" ] || return ;;
        esac
    done
}

# update SCHEDULE COUNT: the server's schedule fires; shows the progress until that many deployments have ended.
update() {
    local follower
    server_schedule demo "$1" "/usr/bin/autodeploy trigger"
    echo "The server has a schedule: $1 runs /usr/bin/autodeploy trigger"
    show_progress < <(machine_in demo autodeploy status --follow 2>/dev/null) &
    follower=$!
    agent_await demo "$2" || give_up "no deployment ended"
    wait $follower
    machine_in demo pkill -f 'status --follow'
    show cat /srv/standin/events.log
    [ "$(server_event demo "$1")" = Completed ] || give_up "the server's event is '$(server_event demo "$1")', not Completed"
    show autodeploy history "$(machine_in demo autodeploy history | awk 'END { print $2 }')"
}

title "The update: 8.1.25.0 to 8.1.27.0"
update UPDATE_27 1
[ "$(agent_last demo outcome)" = updated ] || give_up "the outcome is $(agent_last demo outcome), not updated"
verdict=$(client_judge demo $kind 8.1.25.0 8.1.27.0)
[ "$verdict" = new ] || give_up "the client is not the new one: $verdict"
echo "Looked at without the agent: packages, program, services and the server all say 8.1.27.0."

title "A sick release: 8.1.28.0 dies at its start"
repository_offer $kind 8.1.28.0 dies-at-start || exit 1
repository_put demo
judge_snapshot demo "$machines/before"
update UPDATE_28 2
[ "$(agent_last demo outcome)" = rolled_back ] || give_up "the outcome is $(agent_last demo outcome), not rolled_back"
verdict=$(client_judge demo $kind 8.1.27.0 8.1.28.0)
[ "$verdict" = old ] || give_up "the client is not as before: $verdict"
judge_snapshot demo "$machines/after"
judge_compare "$machines/before" "$machines/after" || give_up "the machine is not as before"
echo "Looked at without the agent: every file, package and unit is as before, but for the published list."

title "History"
show autodeploy history
printf '\n%sBoth ended as they should, in %d s.%s\n' "$bold" $(($(date +%s) - began)) "$plain"
