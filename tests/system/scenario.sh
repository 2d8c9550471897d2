# shellcheck shell=bash
# A machine with a stand-in client that a stand-in server schedules. To be sourced after machine.sh and judge.sh.
#   client_install MACHINE deb|rpm RELEASE [SICKNESS]    client, its server, options; both run, node NODE1
#   client_version MACHINE deb|rpm       what the package database says, "8.1.25.0"; "none", or "mixed: …"
#   client_judge MACHINE deb|rpm OLD NEW   prints old, new or "BROKEN: why"
#   server_schedule MACHINE NAME COMMAND   the scheduler runs it soon
#   server_event MACHINE NAME            its latest state: Started, Completed, Failed, Severed
#   server_heard MACHINE RELEASE         the scheduler makes contact from now on, as that release; waits for it

client_directory=/opt/tivoli/tsm/client/ba/bin

# await COMMAND…: until it succeeds, half a minute at most.
await() { local try; for ((try = 0; try < 300; try++)); do "$@" && return 0; sleep 0.1; done; return 1; }

# client_packages KIND RELEASE [SICKNESS]: prints the folder that holds the packages and the vendor's archive.
# client_pad: so many MB are added to each set.
client_packages() {
    local folder=$machines/packages/$1-$2-${3:-none}
    [ -d "$folder" ] || bash "$project/tests/standin/packages.sh" --kind "$1" --pad "${client_pad:-0}" "$build/standin" "$folder" "$2" "${3:-none}" || return 1
    echo "$folder"
}

client_names() { if [ "$1" = deb ]; then echo gskcrypt64 gskssl64 tivsm-api64 tivsm-ba; else echo gskcrypt64 gskssl64 TIVsm-API64 TIVsm-BA; fi; }

# client_command VERB…: of the service, by whatever starts services on that machine.
client_service() {
    if [ "$machine_mode" = systemd ]; then machine_in "$1" systemctl "$2" dsmcad.service; else machine_in "$1" /etc/init.d/dsmcad "$2"; fi
}

server_start() {
    local root
    root=$(machine_root "$1")
    mkdir -p "$root/srv/standin/schedules"
    cp "$build/standin/standin_server" "$root/usr/local/bin/"
    if [ "$machine_mode" = systemd ]; then
        printf '[Unit]\nDescription=stand-in server\n[Service]\nExecStart=/usr/local/bin/standin_server --port 1500 --directory /srv/standin\n[Install]\nWantedBy=multi-user.target\n' \
            >"$root/etc/systemd/system/standin-server.service"
        machine_in "$1" systemctl -q enable --now standin-server.service
    else
        printf '#!/bin/sh\n[ "$1" != start ] || setsid /usr/local/bin/standin_server --port 1500 --directory /srv/standin </dev/null >/dev/null 2>&1 &\n' \
            >"$root/etc/init.d/standin-server"
        chmod +x "$root/etc/init.d/standin-server"
        ln -s ../init.d/standin-server "$root/etc/rc2.d/S01standin-server"
        machine_in "$1" /etc/init.d/standin-server start
    fi
}

client_install() {
    local machine=$1 kind=$2 folder root
    folder=$(client_packages "$kind" "$3" "${4:-none}") || return 1
    root=$(machine_root "$machine")
    mkdir -p "$root/root/client" "$root/etc/standin" "$root$client_directory"
    cp "$folder"/*."$kind" "$root/root/client/"
    # One after the other: at a first installation the pre-dependency must be configured before.
    if [ "$kind" = deb ]; then machine_in "$machine" sh -c 'for file in /root/client/*.deb; do dpkg -i "$file" || exit 1; done' >/dev/null || return 1
    else machine_in "$machine" sh -c 'rpm -U /root/client/*.rpm' 2>/dev/null || return 1; fi
    rm -r "$root/root/client"
    echo poll_seconds=1 >"$root/etc/standin/switches"
    echo 'SERVERNAME backup' >"$root$client_directory/dsm.opt"
    cat >"$root$client_directory/dsm.sys" <<'SYS'
* the usual
SERVERNAME backup
   COMMMethod         TCPip
   TCPPort            1500
   TCPServeraddress   127.0.0.1
   NODename           NODE1
   PASSWORDAccess     generate
   MANAGEDServices    schedule
   SCHEDLOGName       /var/log/dsmsched.log
   ERRORLOGName       /var/log/dsmerror.log
SYS
    server_start "$machine"
    if [ "$machine_mode" = systemd ]; then
        machine_in "$machine" systemctl -q enable dsmcad.service
    else
        machine_in "$machine" update-rc.d dsmcad defaults
    fi
    client_service "$machine" start
    server_heard "$machine" "$3"
}

server_schedule() {
    # A file that is being written could be read half.
    machine_in "$1" sh -c 'printf "node=NODE1\naction=command\nobjects=%s\nstart=0\n" "$2" >"/srv/standin/schedules/.$1" && mv "/srv/standin/schedules/.$1" "/srv/standin/schedules/$1"' sh "$2" "$3"
}
server_event() { machine_in "$1" sh -c 'awk -v name="$1" "\$2 == name { state = \$4 } END { print state }" /srv/standin/events.log 2>/dev/null' sh "$2"; }
server_heard() {
    machine_in "$1" sh -c '
        began=$(date +%s)
        for try in $(seq 300); do
            awk -v began="$began" -v level="$1" "\$1 > began && \$2 == \"NODE1\" && \$3 == level { found = 1 } END { exit !found }" \
                /srv/standin/contacts.log 2>/dev/null && exit 0
            sleep 0.1
        done
        exit 1' sh "$2"
}

client_version() {
    local name all version= gskit= wanted=8.0-60.4
    for name in $(client_names "$2"); do
        if [ "$2" = deb ]; then
            all=$(machine_in "$1" dpkg-query -W -f '${db:Status-Want} ${db:Status-Eflag} ${db:Status-Status} ${Version}\n' "$name" 2>/dev/null)
        else
            all=$(machine_in "$1" rpm -q --qf 'install ok installed %{VERSION}-%{RELEASE}\n' "$name" 2>/dev/null)
        fi
        case $name in
        gsk*)
            all=${all#install ok installed }
            [ "${gskit:-$all}" = "$all" ] || { echo "mixed: $name is '$all' beside '$gskit'" && return; }
            gskit=$all
            ;;
        *)
            all=${all#install ok installed }
            [ "${version:-$all}" = "$all" ] || { echo "mixed: $name is '$all' beside '$version'" && return; }
            version=$all
            ;;
        esac
    done
    case $version in 6.*) wanted=8.0-50.66 ;; esac # as packages.sh makes them
    [ "$gskit" = $wanted ] || { echo "mixed: GSKit '$gskit' beside '$version'" && return; }
    echo "${version/-/.}"
}

client_judge() {
    local machine=$1 kind=$2 old=$3 new=$4 version found
    version=$(client_version "$machine" "$kind")
    case $version in "$old" | "$new") ;; *) echo "BROKEN: the database says '$version'" && return ;; esac
    if [ "$kind" = deb ]; then
        found=$(machine_in "$machine" sh -c 'dpkg --audit; dpkg --verify $1' sh "$(client_names deb)" 2>&1)
    else
        found=$(machine_in "$machine" sh -c 'rpm -V $1' sh "$(client_names rpm)" 2>&1 | grep -v '^rpm: \|^$')
    fi
    [ -z "$found" ] || { echo "BROKEN: verification of the packages says '$found'" && return; }
    found=$(machine_in "$machine" /usr/bin/dsmc help | sed -n 's/.*Client Version \([0-9]*\), Release \([0-9]*\), Level \([0-9.]*[0-9]\).*/\1.\2.\3/p')
    [ "$found" = "$version" ] || { echo "BROKEN: the program says '$found', the database '$version'" && return; }
    if [ "$machine_mode" = systemd ]; then
        machine_in "$machine" systemctl --quiet is-active dsmcad.service || { echo "BROKEN: dsmcad.service does not run" && return; }
        machine_in "$machine" systemctl --quiet is-enabled dsmcad.service || { echo "BROKEN: dsmcad.service is not enabled" && return; }
        found=$(machine_in "$machine" find /etc/systemd/system -name '50-autodeploy*')
        [ -z "$found" ] || { echo "BROKEN: still held by $found" && return; }
    fi
    # One acceptor; a scheduler is there when something is due.
    found=$(machine_in "$machine" sh -c 'mine=$(readlink /proc/self/ns/mnt)
        for p in /proc/[0-9]*; do [ "$(readlink $p/ns/mnt)" != "$mine" ] || readlink $p/exe; done 2>/dev/null | grep "/ba/bin/" | grep -v "/ba/bin/dsmc$" | sort | tr "\n" " "')
    [ "$found" = "$client_directory/dsmcad " ] || { echo "BROKEN: processes of the client are '$found'" && return; }
    server_heard "$machine" "$version" || { echo "BROKEN: its server does not hear from it" && return; }
    if [ "$version" = "$old" ]; then echo old; else echo new; fi
}

# The agent and its repository on that machine:
#   repository_make                      keys, an empty repository; both kinds
#   repository_offer KIND RELEASE [SICKNESS|way-back[:SICKNESS]]   adds the vendor's archive, offers it to everybody,
#                                        publishes; way-back: added only to be returned to
#   repository_put MACHINE               as it is now, to /srv/repository on the machine
#   agent_install MACHINE deb|rpm        our own package, settings for tests, the trusted root
#   agent_settings MACHINE [KEY=VALUE…]  the settings for tests, and others: "verify.watch=25s"
#   agent_await MACHINE COUNT            until that many deployments have ended; at most 3 minutes
#   agent_last MACHINE FIELD             of the newest report: outcome, cause, from, to, down_ms, evidence, …

repository_command() {
    "$programs/autodeploy-repository" "$@" --quiet --by tester --repository "$machines/repository/site" \
        --keys "$machines/repository/site/keys" --passphrase-file "$machines/repository/passphrase"
}
repository_make() {
    rm -rf "$machines/repository"
    mkdir -p "$machines/repository/site"
    (umask 077 && echo "correct horse battery staple" >"$machines/repository/passphrase")
    repository_command init --platform linux-x86_64 --platform linux-x86_64-deb && repository_command publish
}
repository_offer() {
    local folder sickness=${3:-none} options=()
    case $sickness in
    way-back) sickness=none options=(--way-back-only) ;;
    way-back:*) sickness=${sickness#way-back:} options=(--way-back-only) ;;
    esac
    # What the stand-in's rpms lack is a signature.
    [ "$1" = deb ] || options+=(--waive tester --reason "look-alikes are not signed")
    folder=$(client_packages "$1" "$2" "$sickness") || return 1
    repository_command add "$folder"/*.tar "${options[@]}" || return 1
    [ "${options[0]:-}" = --way-back-only ] || repository_command release "$2" || return 1
    repository_command publish
}
repository_put() {
    local root
    root=$(machine_root "$1")
    mkdir -p "$root/srv"
    cp -a "$machines/repository/site/published" "$root/srv/repository.new"
    rm -rf "$root/srv/repository"
    mv "$root/srv/repository.new" "$root/srv/repository"
}

agent_settings() {
    local root pair
    root=$(machine_root "$1")
    shift
    # The last of a key counts; those of one section stand together.
    for pair in mode=armed 'repository.mirrors=[/srv/repository]' wait.look_every=1s wait.event_settled=2s \
        apply.stop_deadline=30s apply.start_deadline=30s verify.watch=3s verify.contact_deadline=20s retry.pause=1s "$@"; do
        echo "$pair"
    done | awk -F= '{ value[$1] = substr($0, length($1) + 2) } END { for (key in value) print key "=" value[key] }' | sort |
        awk -F= '{ value = substr($0, length($1) + 2); dot = index($1, ".")
            if (!dot) { print $1 ": " value; next }
            part = substr($1, 1, dot - 1)
            if (part != last) print part ":"
            last = part
            print "  " substr($1, dot + 1) ": " value }' >"$root/etc/autodeploy/autodeploy.yaml"
}

agent_install() {
    local root package
    root=$(machine_root "$1")
    if [ "$2" = deb ]; then package=$(our_deb); else package=$(our_rpm); fi
    cp "$package" "$root/root/"
    if [ "$2" = deb ]; then machine_in "$1" dpkg -i "/root/$(basename "$package")" >/dev/null || return 1
    else machine_in "$1" rpm -U "/root/$(basename "$package")" 2>/dev/null || return 1; fi
    rm "$root/root/$(basename "$package")"
    cp "$machines/repository/site/published/metadata/1.root.json" "$root/etc/autodeploy/root.json"
    repository_put "$1"
    agent_settings "$1"
    if [ "$machine_mode" = systemd ]; then machine_in "$1" systemctl restart autodeploy.service
    else machine_in "$1" /etc/init.d/autodeploy restart >/dev/null; fi
}

agent_count() { machine_in "$1" autodeploy history --json 2>/dev/null | grep -o '"accepted_at"' | wc -l; }
agent_last() {
    machine_in "$1" autodeploy history --json --count 1 | tr -d '\n' | grep -oE "\"$2\": *(\"([^\"\\\\]|\\\\.)*\"|-?[0-9]+)" | tail -1 |
        sed -E 's/^"[a-z_]*": *//; s/^"(.*)"$/\1/'
}
agent_await() {
    local end=$((SECONDS + 180))
    while [ $SECONDS -lt $end ]; do
        [ "$(agent_count "$1")" -lt "$2" ] || return 0
        sleep 0.2
    done
    return 1
}
# agent_looks MACHINE: at the client in its probation; the service does so every five minutes, and once when it starts.
agent_looks() {
    local machine=$1 file=/var/lib/autodeploy/probation.json before
    before=$(machine_in "$machine" stat -c %Y.%i $file)
    machine_in "$machine" systemctl restart autodeploy.service
    await eval '[ "$(machine_in "$machine" stat -c %Y.%i $file)" != "$before" ]'
}
