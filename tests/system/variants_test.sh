#!/bin/bash
# The whole agent, our own package, real package tools, real systemd: a healthy release and every sick one, with the
# expected end from sick_variants.txt.  variants_test.sh [deb|rpm [SICKNESS]]
kind=${1:-deb} only=${2:-}
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "variants ($kind): $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "$(basename "$0"): the program is not there yet" && finish; fi
check "the packages can be built" packages_build || finish

folder=$machines/variants
mkdir "$folder"

# prepare SICKNESS: a machine as before an update and its repository with that way back, once for each kind of old
# client; $prepared is where it is kept.
prepare() {
    prepared=$folder/prepared-$1
    rm -rf "$machines/repository"
    if [ -d "$prepared" ]; then cp -a "$prepared/repository" "$machines/repository" && return; fi
    repository_make && repository_offer "$kind" 8.1.25.0 "way-back:$1" || return 1
    machine_remove variant
    machine_new variant "$kind" && machine_boot variant && client_install variant "$kind" 8.1.25.0 "$1" && agent_install variant "$kind" || return 1
    # What must come back exactly: rights, an attribute, an ACL, a link.
    machine_in variant sh -c 'cd /opt/tivoli/tsm/client/ba/bin && chmod 640 dsm.opt && chown 0:12 dsm.opt && setfacl -m u:13:r dsm.sys &&
        setfattr -n user.note -v mine dsm.opt && mkdir -p /etc/tivoli && mv dsm.sys /etc/tivoli/ && ln -s /etc/tivoli/dsm.sys dsm.sys'
    server_heard variant 8.1.25.0 || return 1
    machine_kill variant
    machine_save variant "$prepared" && cp -a "$machines/repository" "$prepared/repository"
}

# variant SICKNESS OUTCOME RUNS
variant() {
    local label="$kind $1" outcome verdict old=none new=$1
    case $1 in old-*) old=$1 new=none ;; old:*) old=${1#old:} new=none ;; esac
    prepare "$old" || { not_ok "$label: a machine is prepared" && return; }
    machine_kill variant
    machine_load variant "$prepared"
    machine_boot variant || { not_ok "$label: a machine comes up" && return; }
    repository_offer "$kind" 8.1.27.0 "$new" || { not_ok "$label: offered" && return; }
    repository_put variant
    # Words are words here.
    # shellcheck disable=SC2046
    agent_settings variant $(variant_settings "$1")
    machine_in variant systemctl restart autodeploy.service
    judge_snapshot variant "$folder/before"
    server_schedule variant UPDATE "/usr/bin/autodeploy trigger"
    if ! agent_await variant 1; then
        not_ok "$label: ends"
        machine_in variant sh -c 'autodeploy status; journalctl --no-pager -u autodeploy.service | tail -30' | sed 's/^/    /'
        return
    fi
    outcome=$(agent_last variant outcome)
    verdict=$(client_judge variant "$kind" 8.1.25.0 8.1.27.0)
    if [ "$outcome" = "$2" ] && [ "$verdict" = "$3" ] && [ "$(server_event variant UPDATE)" = Completed ]; then
        ok "$label: $outcome ($(agent_last variant cause)), $verdict release runs, down $(agent_last variant down_ms) ms"
    else
        not_ok "$label: $outcome, $verdict, the server's event is $(server_event variant UPDATE); expected $2, $3, Completed"
        machine_in variant sh -c 'autodeploy history --json --count 1; journalctl --no-pager -u autodeploy.service | tail -30' | sed 's/^/    /'
    fi
    if [ "$3" = old ]; then
        judge_snapshot variant "$folder/after"
        check "$label: the machine is as before" judge_compare "$folder/before" "$folder/after"
    fi
    check "$label: nothing is left over of the hold and the rescue list" machine_in variant sh -c \
        '! ls /etc/systemd/system/*/50-autodeploy-hold.conf 2>/dev/null && ! [ -s /var/lib/autodeploy/restart-services ]'
}

# What each needs to end soon.
variant_settings() {
    case $1 in
    dies-after-20s) echo verify.watch=25s verify.contact_deadline=30s ;;
    scriptlet-hangs) echo apply.tool_overrun=2s apply.scriptlet_limit=6s ;;
    hangs-in-start) echo apply.start_deadline=5s ;;
    esac
}

while read -r sickness outcome runs why; do
    sickness=${sickness#"$kind/"}
    case $sickness in '' | '#'* | */*) continue ;; esac
    [ -z "$only" ] || [ "$only" = "$sickness" ] || continue
    variant "$sickness" "$outcome" "$runs"
done <"$project/tests/system/sick_variants.txt"
finish
