#!/bin/bash
# How long the scheduler is down: an update by the agent (its own down_ms) against a script on the same machine that
# stops the service, runs the bare native tool on the same packages and starts the service.
#   downtime.sh deb|rpm [PAIRS [MEGABYTES]]
kind=${1:-deb} pairs=${2:-9} client_pad=${3:-300}
. "$(dirname "$(readlink -f "$0")")/../system/machine.sh"
for part in packages scenario; do . "$project/tests/system/$part.sh"; done
. "$project/tests/bench/median.sh"
if [ $machine_mode != systemd ]; then skip "downtime ($kind): $machine_why" && finish; fi
check "downtime ($kind): the packages can be built" packages_build || finish

prepare() {
    machine_new bench "$kind" && machine_boot bench && client_install bench "$kind" 8.1.25.0 || return 1
    repository_make && repository_offer "$kind" 8.1.25.0 way-back && repository_offer "$kind" 8.1.27.0 || return 1
    agent_install bench "$kind" && agent_settings bench verify.watch=1s wait.event_settled=1s || return 1
    machine_in bench systemctl restart autodeploy.service
    root=$(machine_root bench)
    mkdir "$root/srv/old" "$root/srv/new"
    cp "$(client_packages "$kind" 8.1.25.0)"/*."$kind" "$root/srv/old/"
    cp "$(client_packages "$kind" 8.1.27.0)"/*."$kind" "$root/srv/new/"
    rm -rf "$machines/repository" "$machines/packages"
    # The bare way: what an administrator's script does, and only with the packages that change.
    cat >"$root/srv/bare-update" <<'BARE'
#!/bin/sh
# bare-update deb|rpm FOLDER: prints the milliseconds from the stop command to the return of the start command.
cd "$2" && cat ./* >/dev/null && sync || exit 1
begun=$(date +%s%3N)
systemctl stop dsmcad.service || exit 1
# dpkg takes a strict Pre-Depends only from an earlier command.
if [ "$1" = deb ]; then dpkg -i tivsm-api64*.deb >/dev/null 2>&1 && dpkg -i tivsm-ba*.deb >/dev/null 2>&1 || exit 1
else rpm -U --oldpackage TIVsm-*.rpm >/dev/null 2>&1 || exit 1; fi
systemctl start dsmcad.service || exit 1
echo $(($(date +%s%3N) - begun))
BARE
    chmod +x "$root/srv/bare-update"
}
bare() { machine_in bench /srv/bare-update "$kind" "/srv/$1"; }
# The client must have been heard and be quiet, or the agent waits.
ours() {
    local said
    said=$(machine_in bench autodeploy deploy --quiet 2>&1) || { echo "$said" >&2 && return 1; }
    agent_last bench down_ms
}

check "downtime ($kind): a machine with $client_pad MB of packages" prepare || finish
results=$machines/pairs
for ((pair = 1; pair <= pairs; pair++)); do
    # Each first in turn.
    if ((pair % 2)); then
        mine=$(ours) && bare old >/dev/null && theirs=$(bare new) && bare old >/dev/null
    else
        theirs=$(bare new) && bare old >/dev/null && mine=$(ours) && bare old >/dev/null
    fi || { not_ok "downtime ($kind): pair $pair"; finish; }
    echo "$mine $theirs" >>"$results"
    [ -z "${BENCH_VERBOSE:-}" ] || echo "pair $pair: $mine $theirs ($SECONDS s)" >&2
done
judge_ratio "downtime ($kind, $client_pad MB)" 1.05 ms "$results"
finish
