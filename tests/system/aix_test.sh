#!/bin/bash
# The whole agent as it is on AIX, against the stand-in AIX: trigger, update, report, the way back; releases that are
# sick; kills at writes of the journal; the rescue script; our own package.
#   aix_test.sh [update|sick|odd|kills|rescue|package]…      only these; all without one
# AIX_KILLS=all kills at every line of the journal, the default at some.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in judge scenario aix_machine; do . "$project/tests/system/$part.sh"; done
programs=$build
if [ "$machine_mode" = none ]; then skip "the agent on the stand-in AIX: $machine_why" && finish; fi
if [ ! -x "$build/standin/autodeploy-as-aix" ]; then skip "the agent on the stand-in AIX: it is not built" && finish; fi

wanted=${*:-selftest update sick odd kills rescue package}
wants() { case " $wanted " in *" $1 "*) ;; *) false ;; esac }

aix=aix
rm -rf "$machines/repository"
mkdir -p "$machines/repository/site"
(umask 077 && echo "correct horse battery staple" >"$machines/repository/passphrase")
prepare() {
    repository_command init --platform aix && aix_add 8.1.25.0 none --way-back-only && aix_offer 8.1.27.0 &&
        aix_new $aix && aix_boot $aix && aix_install_client $aix 8.1.25.0 && aix_install_agent $aix
}
check "aix: a machine with a client and the agent comes up" prepare || finish
check "aix: the agent finds both schedulers and nothing in the way" aix_in $aix autodeploy check
aix_snapshot $aix "$machines/before"
machine_kill $aix
machine_save $aix "$machines/prepared"

begin() { aix_begin $aix "$@"; }
# ends OUTCOME VERDICT: of the last deployment, reported and found.
ends() {
    local outcome verdict
    agent_await $aix "${3:-1}" || { echo "no deployment ended" && aix_in $aix autodeploy status && return 1; }
    outcome=$(agent_last $aix outcome)
    verdict=$(aix_judge $aix 8.1.25.0 8.1.27.0)
    [ "$outcome $verdict" = "$1 $2" ] && return 0
    echo "reported $outcome, found $verdict; $(agent_last $aix cause) $(agent_last $aix message)"
    aix_in $aix autodeploy history --json --count 1
    return 1
}
as_before() { aix_snapshot $aix "$machines/after" && judge_compare "$machines/before" "$machines/after" "$project/tests/system/aix-may-differ.txt"; }

journal_lines() { aix_in $aix sh -c 'cat /var/lib/autodeploy/attempts/*/journal | wc -l'; }

part_update() {
    begin
    server_schedule $aix UPDATE "/usr/bin/autodeploy trigger"
    check "aix: an event of the server updates the client" ends updated new
    last=$(journal_lines)
    check "aix: ... and is completed" eval '[ "$(server_event $aix UPDATE)" = Completed ]'
    check "aix: ... with a preview before anything, then applied" \
        aix_in $aix sh -c 'grep -n "installp preview" /var/adm/standin.log && grep -q slibclean /var/adm/standin.log'
    check "aix: rollback goes back by removing and installing" eval 'aix_in $aix autodeploy rollback >"$machines/rollback" 2>&1; ends updated old 2'
    check "aix: ... and the machine is as it was" as_before
    check "aix: ... as the plan has named it" aix_in $aix sh -c 'grep -rlq "removed first and installed anew" /var/lib/autodeploy/attempts'
}

part_sick() {
    for case in "8.1.28.0 post-fails" "8.1.28.0 never-reaches-server" "8.1.28.0 drops-subsystem" "8.1.27.0 lose"; do
        read -r release sickness more <<<"$case"
        if [ "$sickness" = lose ]; then
            begin
            aix_in $aix sh -c 'echo lose=tivoli.tsm.client.ba.64bit.base >/etc/standin/aix'
            # It is lost on the way there only.
            (while ! aix_in $aix grep -q "installp apply" /var/adm/standin.log; do sleep 0.1; done; sleep 0.5; aix_in $aix rm -f /etc/standin/aix) &
        else begin "$release" "$sickness"; fi
        aix_in $aix autodeploy trigger >/dev/null
        if [ "$sickness" = drops-subsystem ]; then
            # The subsystem was removed by the new release's script and is made again as it was: that is no failure.
            check "aix: $sickness: it is put right" eval 'agent_await $aix 1 && [ "$(agent_last $aix outcome)" = updated ] && aix_in $aix lssrc -S -s dsmsched | grep -q ":sched:/usr/bin/dsmc:"'
        elif [ "$sickness" = lose ]; then
            check "aix: a fileset missing after \"success\" is put right or rolled back" eval 'agent_await $aix 1 && case "$(agent_last $aix outcome) $(aix_judge $aix 8.1.25.0 8.1.27.0)" in "updated new" | "rolled_back old") ;; *) agent_last $aix message; false ;; esac'
        else
            check "aix: $sickness: rolled back" ends rolled_back old
            check "aix: $sickness: the machine is as it was" as_before
        fi
    done
}

# What is odd on some machines, all at once: another language, a fileset that is applied and not committed, an init that runs
# an entry again, an entry that was put off when its program became a subsystem.
part_odd() {
    local case release sickness outcome
    for case in "8.1.27.0 none updated new" "8.1.28.0 post-fails rolled_back old"; do
        read -r release sickness outcome <<<"$case"
        if [ "$sickness" = none ]; then begin; else begin "$release" "$sickness"; fi
        aix_in $aix sh -c 'printf "language=de\nonce_again=yes\n" >/etc/standin/aix
            sed -i "/|tivoli.tsm.client.ba.64bit.base|/s/|COMMITTED|/|APPLIED|/" /usr/lib/objrepos/product
            mkitab "old:2:off:/usr/bin/dsmc sched >/dev/null 2>&1"'
        aix_in $aix autodeploy trigger >/dev/null
        aix_lines+=$'\nold:2:off:/usr/bin/dsmc sched >/dev/null 2>&1'
        check "aix: an odd machine, $sickness: $outcome" ends $outcome
        check "aix: ... with one process of each scheduler" eval 'aix_snapshot $aix "$machines/odd" && [ "$(grep -c ^process "$machines/odd")" = 2 ]'
        aix_use_bits 64
    done
    begin
    aix_in $aix sh -c 'echo kernel_bits=32 >/etc/standin/aix'
    aix_in $aix autodeploy trigger >/dev/null
    check "aix: a 32-bit system is refused" ends refused old
    check "aix: ... for that reason" aix_in $aix sh -c 'autodeploy check | grep -i "32-bit\|64-bit"'
}

part_kills() {
    local killed new broken points n outcome
    if [ -z "${last:-}" ]; then
        begin
        aix_in $aix autodeploy trigger >/dev/null
        agent_await $aix 1
        last=$(journal_lines)
    fi
    killed=0 new=0 broken=0
    if [ "${AIX_KILLS:-}" = all ]; then points=$(seq 1 "$last"); else points="$((2 + $(date +%j) % (last / 2))) $((last * 2 / 3))"; fi
    for n in $points; do
        begin
        aix_in $aix autodeploy trigger >/dev/null
        aix_kill_at $aix "$n"
        agent_await $aix 1
        killed=$((killed + 1))
        outcome="$(agent_last $aix outcome) $(aix_judge $aix 8.1.25.0 8.1.27.0)"
        case $outcome in
        "updated new") new=$((new + 1)) ;;
        "rolled_back old" | "cancelled old") ;;
        *) broken=$((broken + 1)) && echo "    killed at line $n of $last: $outcome: $(agent_last $aix message)" ;;
        esac
    done
    counted $((killed - broken)) $broken "aix: killed at lines of the journal ($killed of $last): $new new, the others old"
}

part_rescue() {
    # The agent is gone in the middle: the rescue script needs nothing of it.
    install -D -m 755 "$project/packaging/aix/autodeploy-rescue" "$machines/rescue"
    begin
    cp "$machines/rescue" "$(machine_root $aix)/usr/lib/autodeploy-rescue"
    aix_in $aix autodeploy trigger >/dev/null
    aix_in $aix bash -c 'until [ -s /var/lib/autodeploy/restart-services ] && ! lssrc -s dsmsched | grep -q active; do sleep 0.02; done
        mv /usr/bin/autodeploy /usr/bin/autodeploy.gone; stopsrc -f -s autodeploy >/dev/null; while ps -e -o args | grep -q "^[^ ]*/installp "; do sleep 0.1; done'
    check "aix: the rescue script starts what was stopped" aix_in $aix /usr/lib/autodeploy-rescue --now
    check "aix: ... both schedulers, and inittab is as it was" eval 'aix_in $aix lssrc -s dsmsched | grep -q " active" && [ "$(aix_in $aix lsitab -a | grep -v "^init:\|^autodeploy:")" = "$aix_lines" ] && aix_in $aix sh -c "sleep 1; ps -e -o args" | grep -q "dsmcad -optfile"'
    # What the agent has noted of a service that it holds outlives the list.
    aix_in $aix sh -c 'mkdir -p /var/lib/autodeploy/services; printf "held\ninstance\nprogram /usr/bin/dsmc\n" >/var/lib/autodeploy/services/dsmsched'
    for damage in 'rm -f L' ': >L' 'head -c 4000 /dev/urandom >L' 'printf "dsmsched\n../evil\n" >L'; do
        aix_in $aix sh -c "stopsrc -f -s dsmsched; ${damage//L/\/var\/lib\/autodeploy\/restart-services}" >/dev/null
        rescued=$(aix_in $aix /usr/lib/autodeploy-rescue --now 2>&1)
        check "aix: ... with a list damaged by '$damage', too" eval '[[ $rescued == *"lost or damaged"* ]] && aix_in $aix lssrc -s dsmsched | grep -q " active"'
    done
    machine_in $aix sh -c 'mount -t tmpfs -o size=16k,mode=700 tmpfs /var/lib/autodeploy && echo dsmsched >/var/lib/autodeploy/restart-services &&
        { head -c 1000000 /dev/zero >/var/lib/autodeploy/full; mount -o remount,ro /var/lib/autodeploy; }' 2>/dev/null
    aix_in $aix stopsrc -f -s dsmsched >/dev/null
    check "aix: ... with its state's disk full and read-only" eval 'aix_in $aix /usr/lib/autodeploy-rescue --now && aix_in $aix lssrc -s dsmsched | grep -q " active"'
    check "aix: ... and refuses what it does not know" eval 'aix_in $aix /usr/lib/autodeploy-rescue --then >/dev/null; [ $? = 2 ]'
}

# own_package MACHINE VERB…: what installp does with our own package.
own_package() {
    local machine=$1
    shift
    aix_in "$machine" sh -c 'LC_ALL=C installp "$@"' sh "$@" >"$machines/own.log" 2>&1
    aix_in "$machine" sh -c 'LC_ALL=C lslpp -Lcq autodeploy.rte 2>/dev/null' | cut -d: -f3,6
}
own_process() { aix_in own lssrc -s autodeploy 2>/dev/null | awk '$NF == "active" { print $(NF - 1) }'; }
own_is_up() { local try; for ((try = 0; try < 100; try++)); do [ -z "$(own_process)" ] || return 0; sleep 0.1; done; return 1; }
part_package() {
    local level before
    for level in 1.0.0 1.0.1; do
        check "aix: our own package $level is made" env PATH="$project/tests/standin/aix:$PATH" \
            sh "$project/packaging/aix/build-image.sh" "$build/standin/autodeploy-as-aix" $level "$machines/own-images/$level" || return
    done
    machine_kill $aix
    aix_new own && aix_boot own && cp -r "$machines/own-images" "$(machine_root own)/root/images" &&
        aix_in own /usr/sbin/inutoc /root/images/1.0.0 && aix_in own /usr/sbin/inutoc /root/images/1.0.1
    check "aix: ... installed" eval '[ "$(own_package own -acXYgd /root/images/1.0.0 autodeploy.rte)" = 1.0.0.0:C ]'
    check "aix: ... it runs" own_is_up
    check "aix: ... and is started at boot, as the rescue script is" aix_in own sh -c 'lsitab autodeploy && lsitab adrescue'
    check "aix: ... its folders are there, its state is private" \
        aix_in own sh -c '[ "$(stat -c %a /var/lib/autodeploy)" = 700 ] && [ -s /etc/autodeploy/autodeploy.yaml ] && [ -x /usr/lib/autodeploy/rotate-logs ]'
    aix_in own sh -c 'echo "mode: observe" >/etc/autodeploy/autodeploy.yaml; echo dsmsched >/var/lib/autodeploy/restart-services'
    check "aix: while it is at work it is not replaced" eval '[ "$(own_package own -acXYgd /root/images/1.0.1 autodeploy.rte)" = 1.0.0.0:C ]'
    check "aix: ... nor removed" eval '[ "$(own_package own -u autodeploy.rte)" = 1.0.0.0:C ] && [ -n "$(own_process)" ]'
    aix_in own rm /var/lib/autodeploy/restart-services
    before=$(own_process)
    check "aix: a newer package takes its place" eval '[ "$(own_package own -acXYgd /root/images/1.0.1 autodeploy.rte)" = 1.0.1.0:C ]'
    check "aix: ... and its program that of the old one" eval 'own_is_up && [ "$(own_process)" != "$before" ]'
    check "aix: ... with the settings that were there" aix_in own grep -q observe /etc/autodeploy/autodeploy.yaml
    check "aix: it is removed" eval '[ -z "$(own_package own -u autodeploy.rte)" ]'
    check "aix: ... with what was made for it, but not its history" \
        aix_in own sh -c '! lssrc -s autodeploy && ! lsitab autodeploy && ! lsitab adrescue && [ ! -e /usr/bin/autodeploy ] && [ -d /var/lib/autodeploy ]'
    machine_remove own

    head -c 1100000 /dev/zero >"$machines/long.log"
    check "aix: logs are turned over" bash -c 'sh "$1/packaging/aix/rotate-logs" "$2" && [ ! -s "$2" ] && [ -s "$2.1" ]' _ "$project" "$machines/long.log"
}

part_selftest() { bash "$project/tests/standin/aix/selftest.sh" "$build/standin" || failures=$((failures + 1)); }

# lane PART…: these one after the other on a machine of their own, with a repository of their own.
lane() {
    local base=$machines part any=
    for part; do ! wants "$part" || any=yes; done
    [ -n "$any" ] || return 0
    machines=$base/lane-$1 aix=aix-$1 failures=0
    mkdir "$machines" && cp -a "$base/repository" "$base/images" "$machines/" && ln -s "$base"/{prepared,before} "$machines/" && aix_new $aix
    for part; do ! wants "$part" || "part_$part"; done
    machine_kill $aix
    [ $failures = 0 ]
}
# They wait more than they work.
lanes=("update kills" sick odd "selftest rescue package") running=()
for i in "${!lanes[@]}"; do
    # Words are words here.
    # shellcheck disable=SC2086
    (lane ${lanes[i]}) >"$machines/lane-$i.log" 2>&1 &
    running+=($!)
done
for i in "${!lanes[@]}"; do
    wait "${running[i]}" || failures=$((failures + 1))
    cat "$machines/lane-$i.log"
done
finish
