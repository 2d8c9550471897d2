#!/bin/bash
# The stand-in client as deb and as rpm on a real systemd: what is healthy works, what is sick is sick as it says.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
bash "$project/tests/standin/selftest.sh" "$build/standin" || failures=$((failures + 1))
if [ "$machine_mode" != systemd ]; then skip "stand-in packages: $machine_why" && finish; fi
# The packages are the same for all: what was made stays in the cache.
sets=$machines/sets
client=/opt/tivoli/tsm/client/ba/bin

names() { if [ "$1" = deb ]; then echo gskcrypt64 gskssl64 tivsm-api64 tivsm-ba; else echo gskcrypt64 gskssl64 TIVsm-API64 TIVsm-BA; fi; }
# put KIND RELEASE [SICKNESS]: the packages lie in /root/RELEASE-SICKNESS of the machine.
put() {
    local folder=$sets/$1-$2-${3:-none} inside
    inside=$(machine_root client)/root/$2-${3:-none}
    [ -d "$folder" ] || bash "$project/tests/standin/packages.sh" --kind "$1" "$build/standin" "$folder" "$2" "${3:-none}" || return 1
    mkdir -p "$inside" && cp "$folder"/*."$1" "$inside/"
}
# bring KIND RELEASE [SICKNESS]: as an administrator would. dpkg takes a pre-dependency within one command for unmet.
bring() {
    put "$@" || return 1
    if [ "$1" = deb ]; then machine_in client sh -c "cd /root/$2-${3:-none} && dpkg -i gsk*.deb tivsm-api64*.deb </dev/null && dpkg -i tivsm-ba*.deb </dev/null"
    else machine_in client sh -c "rpm -U --oldpackage --replacepkgs /root/$2-${3:-none}/*.rpm"; fi
}
# healthy KIND: the old release, stopped, with options and unit as they were.
healthy() {
    machine_in client systemctl stop --no-block dsmcad.service
    machine_in client systemctl kill -s KILL dsmcad.service 2>/dev/null
    bring "$1" 8.1.25.0 || return 1
    options
    machine_in client sh -c "cp $client/dsmcad.service /etc/systemd/system/; systemctl daemon-reload; systemctl stop dsmcad; systemctl reset-failed dsmcad" 2>/dev/null
    version_is "$1" 8.1.25.0
}
options() {
    machine_in client sh -c "mkdir -p /etc/standin; cat >/etc/standin/switches; echo 'SErvername backup' >$client/dsm.opt" <<<$'poll_seconds=1\ndie_seconds=6'
    machine_in client sh -c "cat >$client/dsm.sys" <<'SYS'
SErvername backup
   COMMMethod         TCPip
   TCPServeraddress   127.0.0.1
   NODename           NODE1
   PASSWORDAccess     generate
   MANAGEDServices    schedule
   SCHEDLOGName       /var/log/dsmsched.log
   ERRORLOGName       /var/log/dsmerror.log
SYS
}
version_is() {
    local name found
    for name in $(names "$1" | sed 's/gsk[a-z0-9]* //g'); do
        if [ "$1" = deb ]; then found=$(machine_in client dpkg-query -W -f '${db:Status-Abbrev}${Version}' "$name")
        else found="ii $(machine_in client rpm -q --qf '%{VERSION}-%{RELEASE}' "$name")"; fi
        [ "$found" = "ii ${2%.*}-${2##*.}" ] || { echo "$name is '$found', not $2" && return 1; }
    done
}
verified() {
    if [ "$1" = deb ]; then [ -z "$(machine_in client sh -c "dpkg --audit; dpkg --verify $(names deb)")" ]
    else machine_in client sh -c "rpm -V $(names rpm)"; fi
}
banner() { machine_in client dsmc help | grep -q "Client Version 8, Release 1, Level $1"; }
start() { machine_in client systemctl start dsmcad.service; }
stop() { machine_in client systemctl stop dsmcad.service; }
active() { machine_in client systemctl is-active --quiet dsmcad.service; }
state_is() { [ "$(machine_in client systemctl is-active dsmcad.service)" = "$1" ]; }
await() { local try; for ((try = 0; try < 150; try++)); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; echo "did not come about: $*"; return 1; }
never() { ! "$@"; }
both() { "$1" && "$2"; }
# heard RELEASE: the server hears from it, from now on.
heard() { machine_in client sh -c ': >/srv/standin/contacts.log'; await machine_in client grep -q " NODE1 $1\$" /srv/standin/contacts.log; }
schedule() { machine_in client sh -c 'printf "node=NODE1\naction=command\nobjects=%s\n" "$2" >"/srv/standin/schedules/$1"' sh "$1" "$2"; }
event() { machine_in client grep -q " $1 NODE1 $2" /srv/standin/events.log; }

well() {
    local kind=$1
    if [ "$kind" = deb ]; then check "deb: the strict pre-dependency is refused within one command" eval 'put deb 8.1.25.0 && never machine_in client sh -c "dpkg -i /root/8.1.25.0-none/*.deb"'; fi
    check "$kind: the first installation" bring "$kind" 8.1.25.0
    options
    check "$kind: the unit can be read" machine_in client systemd-analyze verify --man=no dsmcad.service
    check "$kind: the acceptor starts" start
    check "$kind: its server hears from it" heard 8.1.25.0
    schedule CHILD "cat /proc/self/cgroup >/root/cgroup"
    check "$kind: a scheduled command runs" await event CHILD "Completed 0"
    check "$kind: ... in the unit's cgroup" machine_in client grep -q dsmcad.service /root/cgroup
    schedule KILLED "systemctl stop dsmcad.service; touch /root/survived"
    check "$kind: a command that stops its own service is severed" await event KILLED Severed
    check "$kind: ... and does not survive that" machine_in client test ! -e /root/survived
    await state_is inactive
    check "$kind: packages verify while the client runs" eval 'start && verified '"$kind"
    check "$kind: an upgrade under the running acceptor" bring "$kind" 8.1.27.0
    check "$kind: ... is in the database" version_is "$kind" 8.1.27.0
    check "$kind: ... and says so" banner 27.0
    check "$kind: ... even under the old acceptor the scheduler is the new one" heard 8.1.27.0
    check "$kind: stops in order" eval 'stop && state_is inactive'
    check "$kind: a downgrade" eval 'healthy '"$kind"' && verified '"$kind"
    check "$kind: ... works" eval 'start && heard 8.1.25.0 && stop'
}

# sick KIND SICKNESS: brought as 8.1.28.0, judged by what the service and the server then see.
sick() {
    local kind=$1 name="$1: $2"
    check "$name: a healthy client before" healthy "$kind" || return
    case $2 in
    pre-fails)
        check "$name: the tool says so" never bring "$kind" 8.1.28.0 "$2"
        check "$name: the client is not the new one" never version_is "$kind" 8.1.28.0
        return ;;
    post-fails)
        if [ "$kind" = deb ]; then check "$name: the tool says so" never bring "$kind" 8.1.28.0 "$2"; check "$name: it is half configured" eval '[ "$(machine_in client dpkg-query -W -f "\${db:Status-Abbrev}" tivsm-ba)" = "iF " ]'
        else check "$name: the tool says nothing" bring "$kind" 8.1.28.0 "$2"; check "$name: a file is missing" never verified "$kind"; fi
        return ;;
    scriptlet-hangs)
        check "$name: the tool does not end" hangs "$kind"
        return ;;
    old-preun-stops | old-removal-stops)
        bring "$kind" 8.1.28.0 "$2" >/dev/null 2>&1; start
        check "$name: taken away, it has stopped what ran" eval 'active && bring '"$kind"' 8.1.29.0 && await never active'
        return ;;
    esac
    check "$name: the tool is content" bring "$kind" 8.1.28.0 "$2" || return
    check "$name: the package is the new one, and verifies" eval 'version_is '"$kind"' 8.1.28.0 && verified '"$kind"
    case $2 in
    dies-at-start | changes-options | missing-file) check "$name: the unit does not start" never start ;;
    dies-after-20s) check "$name: it runs, and then no more" eval 'start && active && heard 8.1.28.0 && await never active' ;;
    scheduler-dies) check "$name: the unit runs, and its server hears nothing" eval 'start && silent && active' ;;
    never-reaches-server) check "$name: it tries, and its server hears nothing" eval 'start && silent && active && tried' ;;
    hangs-in-start) machine_in client systemctl start --no-block dsmcad.service; check "$name: the unit is being started, and stays so" eval 'sleep 3; state_is activating' ;;
    hangs-in-stop) check "$name: it works, and does not stop" eval 'start && heard 8.1.28.0; machine_in client timeout 4 systemctl stop dsmcad.service; state_is deactivating' ;;
    wrong-version) check "$name: the program says another one, to the server too" eval 'banner 0.0 && start && heard 8.1.0.0' ;;
    post-fails-harmlessly) check "$name: it works" eval 'start && heard 8.1.28.0' ;;
    # systemd then makes one of the init script.
    drops-unit) check "$name: there is no unit file" eval '[ "$(machine_in client systemctl show -p FragmentPath --value dsmcad.service)" != /etc/systemd/system/dsmcad.service ]' ;;
    starts-service) check "$name: it runs by itself" eval 'await active && heard 8.1.28.0' ;;
    esac
}
silent() { machine_in client sh -c ': >/srv/standin/contacts.log; sleep 3; ! grep -q NODE1 /srv/standin/contacts.log'; }
tried() { machine_in client sh -c 'tail -4 /var/log/dsmsched.log | grep -q "QUERY BEGIN" && ! tail -4 /var/log/dsmsched.log | grep -q "QUERY END"'; }
hangs() {
    put "$1" 8.1.28.0 scriptlet-hangs || return 1
    machine_in client systemd-run --quiet --unit=tool sh -c "$([ "$1" = deb ] && echo 'cd /root/8.1.28.0-scriptlet-hangs; dpkg -i gsk* tivsm-api*; dpkg -i' || echo 'rpm -U --oldpackage --replacepkgs') /root/8.1.28.0-scriptlet-hangs/*"
    await machine_in client pgrep -x sleep && sleep 1 && machine_in client systemctl is-active --quiet tool
    local status=$?
    machine_in client systemctl kill -s KILL tool
    machine_in client systemctl reset-failed tool 2>/dev/null
    return $status
}

for kind in deb rpm; do
    machine_new client $kind && machine_boot client || { not_ok "a machine comes up" && finish; }
    cp "$build/standin/standin_server" "$(machine_root client)/usr/local/bin/"
    check "$kind: the server starts" machine_in client systemd-run --quiet --unit=standin-server \
        /usr/local/bin/standin_server --directory /srv/standin
    well $kind
    for sickness in dies-at-start dies-after-20s scheduler-dies hangs-in-start hangs-in-stop never-reaches-server wrong-version missing-file \
        pre-fails post-fails post-fails-harmlessly drops-unit changes-options starts-service old-preun-stops old-removal-stops scriptlet-hangs; do
        sick $kind $sickness
    done
    machine_remove client
done
finish
