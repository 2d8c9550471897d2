#!/bin/bash
# Two services of the client on one host, each with its own options file and node: both are stopped, both started again,
# each is judged by its own contact with the server; one service's no refuses the whole client.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "two services: $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "$(basename "$0"): the program is not there yet" && finish; fi
check "the packages can be built" packages_build || finish

# heard NODE RELEASE: the server hears from that node from now on, as that release.
heard() {
    machine_in two sh -c '
        began=$(date +%s)
        for try in $(seq 300); do
            awk -v began="$began" -v node="$1" -v level="$2" "\$1 > began && \$2 == node && \$3 == level { found = 1 } END { exit !found }" \
                /srv/standin/contacts.log 2>/dev/null && exit 0
            sleep 0.1
        done
        exit 1' sh "$1" "$2"
}
services_run() { machine_in two systemctl --quiet is-active dsmcad.service && machine_in two systemctl --quiet is-active dsmcad-second.service; }
# Its unit tells no main process.
started() { machine_in two systemctl show -p ActiveEnterTimestampMonotonic --value "$1"; }
update() { # SCHEDULE COUNT OUTCOME CAUSE
    server_schedule two "$1" "/usr/bin/autodeploy trigger"
    agent_await two "$2" && [ "$(agent_last two outcome)" = "$3" ] && [ "$(agent_last two cause)" = "$4" ] && return
    machine_in two sh -c 'autodeploy status; tail -3 /srv/standin/events.log; journalctl --no-pager -u autodeploy.service | tail -30' | sed 's/^/    /'
    return 1
}

repository_make && repository_offer deb 8.1.25.0 way-back && repository_offer deb 8.1.27.0
machine_new two deb && machine_boot two || { not_ok "a machine comes up" && finish; }
check "a client is installed" client_install two deb 8.1.25.0 || finish
root=$(machine_root two)
# The second one: a unit of the administrator's, another stanza, another node, another log; not at home in the package.
cat >>"$root$client_directory/dsm.sys" <<'SYS'
SERVERNAME second
   COMMMethod         TCPip
   TCPPort            1500
   TCPServeraddress   127.0.0.1
   NODename           NODE2
   PASSWORDAccess     generate
   MANAGEDServices    schedule
   SCHEDLOGName       /var/log/dsmsched-second.log
   ERRORLOGName       /var/log/dsmerror-second.log
SYS
mkdir -p "$root/etc/adsm"
echo 'SERVERNAME second' >"$root/etc/adsm/second.opt"
# The package's own waits for every dsmcad to end when it is stopped: with two of them that is wrong.
mkdir -p "$root/etc/systemd/system/dsmcad.service.d"
printf '[Service]\nExecStopPost=\n' >"$root/etc/systemd/system/dsmcad.service.d/two.conf"
sed -e '/^ExecStopPost/d' -e 's|^ExecStart=.*|ExecStart=/usr/bin/dsmcad -optfile=/etc/adsm/second.opt|' \
    "$root/etc/systemd/system/dsmcad.service" >"$root/etc/systemd/system/dsmcad-second.service"
machine_in two systemctl daemon-reload
machine_in two systemctl -q enable --now dsmcad-second.service
check "both nodes work with the server" eval 'heard NODE1 8.1.25.0 && heard NODE2 8.1.25.0' || finish
check "the agent is installed" agent_install two deb || finish
agent_settings two verify.watch=2s verify.contact_deadline=10s

machine_in two autodeploy inventory >"$machines/inventory"
check "each service is found with its options file and node" \
    eval 'grep -q "options $client_directory/dsm.opt" "$machines/inventory" && grep -q "options /etc/adsm/second.opt" "$machines/inventory" && grep -q "node    NODE1" "$machines/inventory" && grep -q "node    NODE2" "$machines/inventory"' ||
    sed 's/^/    /' "$machines/inventory"

echo 'AUTODEPLOY no' >>"$root/etc/adsm/second.opt"
check "one service's no refuses the whole client" update SAYS_NO 1 refused client-option-autodeploy
check "its reason names that file and line" eval 'agent_last two message | grep -q "/etc/adsm/second.opt:2"' || agent_last two message
check "nothing was stopped, and both are as before" eval 'services_run && [ "$(client_version two deb)" = 8.1.25.0 ]'
echo 'SERVERNAME second' >"$root/etc/adsm/second.opt"

before_first=$(started dsmcad.service) before_second=$(started dsmcad-second.service)
check "the update is done" update UPDATE 2 updated ""
check "both services run, each started anew" \
    eval 'services_run && [ "$(started dsmcad.service)" != "$before_first" ] && [ "$(started dsmcad-second.service)" != "$before_second" ]'
check "both nodes work with the server as the new release" eval 'heard NODE1 8.1.27.0 && heard NODE2 8.1.27.0'
check "the program is the new one" [ "$(client_version two deb)" = 8.1.27.0 ]

# The second node's server turns it away from now on, so its scheduler has no contact; the first one's is fine.
repository_offer deb 8.1.28.0 && repository_put two
machine_in two sh -c 'cat >/usr/local/bin/refuse-second <<"SH"
#!/bin/sh
# As soon as the new release is there, the server refuses the second node.
while ! dpkg-query -W tivsm-ba | grep -q 8.1.28; do sleep 0.1; done
echo "refuse=NODE2" >/srv/standin/.behaviour && mv /srv/standin/.behaviour /srv/standin/behaviour
while dpkg-query -W tivsm-ba | grep -q 8.1.28; do sleep 0.1; done
echo >/srv/standin/behaviour
SH
chmod +x /usr/local/bin/refuse-second && systemd-run -q --unit refuse-second /usr/local/bin/refuse-second'
check "both nodes are heard before the next one" eval 'heard NODE1 8.1.27.0 && heard NODE2 8.1.27.0'
check "a new release with which one of the two loses its server is put back" update LOSES_ONE 3 rolled_back server_not_reached
check "its reason names that service" eval 'agent_last two message | grep -q "dsmcad-second.service"' || agent_last two message
check "both nodes work with the server as the old release again" eval 'heard NODE1 8.1.27.0 && heard NODE2 8.1.27.0'
finish
