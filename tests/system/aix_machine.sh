# shellcheck shell=bash
# A throw-away machine that is the stand-in AIX, with a client that has two schedulers: NODE1 is a subsystem (dsmsched),
# NODE2 an acceptor started from inittab. To be sourced after machine.sh, judge.sh and scenario.sh.
#   aix_new MACHINE                 off, with the stand-in laid over it
#   aix_boot MACHINE
#   aix_install_client MACHINE RELEASE
#   aix_install_agent MACHINE       the agent as it is on AIX, as its own subsystem, with settings for tests
#   aix_add RELEASE SICKNESS [OPTION…]  to the repository, not published
#   aix_offer RELEASE [SICKNESS]    added, offered to everybody, published
#   aix_snapshot MACHINE FILE
#   aix_judge MACHINE OLD NEW       prints old, new or "BROKEN: why"
#   aix_begin MACHINE [RELEASE SICKNESS]  from "$machines/prepared", with another release on offer where one is named
#   aix_kill_at MACHINE LINES       the agent is killed as soon as its journal has so many; the controller starts it again
#   aix_use_bits 32|64              of the client that is installed and judged from now on; 64 at first

aix_use_bits() {
    aix_ba=/usr/tivoli/tsm/client/ba/bin${1/32/}
    aix_filesets="tivoli.tsm.client.api.$1bit tivoli.tsm.client.ba.$1bit.common tivoli.tsm.client.ba.$1bit.base"
    aix_lines='server:2:once:/usr/local/bin/standin_server --port 1500 --directory /srv/standin
dsmsched:2:once:/usr/bin/startsrc -s dsmsched >/dev/console 2>&1
dsmcad:2:once:'$aix_ba'/rc.dsmcad start -optfile=/etc/two.opt >/dev/null 2>&1'
}
aix_use_bits 64

# aix_images RELEASE [SICKNESS]: prints the folder with the vendor's archive.
aix_images() {
    local folder=$machines/images/$1-${2:-none}
    [ -d "$folder" ] || bash "$project/tests/standin/aix/images.sh" "$build/standin" "$folder" "$1" "${2:-none}" >&2 || return 1
    echo "$folder"
}

aix_new() {
    machine_new "$1" deb && bash "$project/tests/standin/aix/install.sh" "$build/standin" "$machines/$1/store/upper"
    # What Debian has under these names leads elsewhere.
    mkdir -p "$machines/$1/store/upper/usr/local/bin" "$machines/$1/store/upper/srv/standin/schedules"
    cp "$build/standin/standin_server" "$machines/$1/store/upper/usr/local/bin/"
    rm -rf "$machines/$1/store/upper/var/run"
    # What the programs need there, beside themselves.
    [ ! -d "$build/machine" ] || cp -a "$build/machine/." "$machines/$1/store/upper/"
}

aix_boot() {
    local folder=$machines/$1 group=$machine_cgroups/$1 try
    if [ "$machine_mode" = systemd ]; then
        mkdir "$group" "$group/machine" "$group/visitors"
        (
            echo "$BASHPID" >"$group/machine/cgroup.procs"
            exec unshare -m -p -f -C -u -i -n --kill-child=KILL --propagation private bash "$project/tests/system/machine_root.sh" \
                "$(<"$folder/tree")" "$folder/store" "$folder/root" "$folder/console" /usr/sbin/init
        ) </dev/null >>"$folder/console" 2>&1 &
        echo $! >"$folder/outer"
        disown
        for ((try = 0; try < 500; try++)); do
            if pgrep -P "$(<"$folder/outer")" >"$folder/init" && [ -e "/proc/$(<"$folder/init")/root/run/standin-init.pid" ]; then return 0; fi
            sleep 0.02
        done
        tail "$folder/console" >&2
        return 1
    fi
    mount -t overlay overlay -o "lowerdir=$(<"$folder/tree"),upperdir=$folder/store/upper,workdir=$folder/store/work" "$folder/root" &&
        mount -t proc proc "$folder/root/proc" && mount --bind /dev "$folder/root/dev" &&
        mount -t tmpfs -o mode=755 tmpfs "$folder/root/run" && mount -t tmpfs -o mode=1777 tmpfs "$folder/root/tmp" || return 1
    (machine_in_sysv "$1" setsid /usr/sbin/init </dev/null >/dev/null 2>&1 &)
    for ((try = 0; try < 500; try++)); do [ ! -e "$folder/root/run/standin-init.pid" ] || return 0; sleep 0.02; done
    return 1
}

aix_in() { machine_in "$@"; }

aix_install_client() {
    local root folder node
    root=$(machine_root "$1")
    folder=$(aix_images "$2") || return 1
    mkdir -p "$root/root/client" "$root/etc/security/adsm"
    cp -r "$folder/images" "$root/root/client/"
    aix_in "$1" /usr/sbin/installp -acXYgd /root/client/images all >"$machines/installp.log" || return 1
    rm -r "$root/root/client"
    printf 'poll_seconds=1\n' >"$root/etc/standin/switches"
    echo 'SERVERNAME one' >"$root$aix_ba/dsm.opt"
    echo 'SERVERNAME two' >"$root/etc/two.opt"
    for node in one:NODE1 two:NODE2; do
        cat <<SYS
SERVERNAME ${node%:*}
   COMMMethod         TCPip
   TCPPort            1500
   TCPServeraddress   127.0.0.1
   NODename           ${node#*:}
   PASSWORDAccess     generate
   PASSWORDDIR        /etc/security/adsm
   MANAGEDServices    schedule
   SCHEDLOGName       /var/log/dsmsched-${node#*:}.log
   ERRORLOGName       /var/log/dsmerror.log
SYS
    done >"$root$aix_ba/dsm.sys"
    aix_in "$1" /usr/bin/mkssys -s dsmsched -p /usr/bin/dsmc -u 0 -a sched -S -n 15 -f 9 -R -Q -w 20 >/dev/null || return 1
    while IFS= read -r line; do aix_in "$1" /usr/sbin/mkitab "$line" || return 1; done <<<"$aix_lines"
    aix_in "$1" /usr/sbin/telinit q
    server_heard "$1" "$2"
}

aix_add() {
    local folder
    folder=$(aix_images "$1" "$2") && repository_command add "$folder"/*.tar "${@:3}"
}
aix_offer() {
    aix_add "$1" "${2:-none}" && repository_command release "$1" && repository_command publish
}

aix_install_agent() {
    local root
    root=$(machine_root "$1")
    install -m 755 "$build/standin/autodeploy-as-aix" "$root/usr/bin/autodeploy"
    mkdir -p "$root/etc/autodeploy"
    cp "$machines/repository/site/published/metadata/1.root.json" "$root/etc/autodeploy/root.json"
    repository_put "$1"
    agent_settings "$1" verify.watch=2s verify.contact_deadline=8s
    aix_in "$1" /usr/bin/autodeploy service install && aix_in "$1" /usr/bin/autodeploy service start
}

# Also what no file holds: which services run, with their arguments and environment.
aix_snapshot() {
    judge_snapshot "$1" "$2" && aix_in "$1" sh -c '
        export LC_ALL=C
        lssrc -s dsmsched | awk "NR > 1 { print \"service\tdsmsched\t\" \$NF }"
        for pid in $(ps -e -o pid,ppid,args | awk "/client\/ba\/bin64\/dsmcad|dsmc sched/ && !/awk/ { print \$1 }"); do
            parent=$(awk "{ print \$4 }" /proc/$pid/stat)
            case $(readlink "/proc/$parent/exe") in */dsmcad) continue ;; esac
            args=$(tr "\0" " " </proc/$pid/cmdline)
            printf "process\t%s\t%s\n" "$args" "$(tr "\0" "\n" </proc/$pid/environ | grep "^DSM_" | sort | tr "\n" " ")"
        done' | sort >>"$2"
}

aix_judge() {
    local version found
    found=$(aix_in "$1" sh -c "LC_ALL=C lslpp -Lcq $aix_filesets" | awk -F: '{ print $3, $6 }' | sort -u)
    version=${found% *}
    case $found in "$2 C" | "$3 C") ;; *) echo "BROKEN: lslpp says '$found'" && return ;; esac
    found=$(aix_in "$1" sh -c 'LC_ALL=C lslpp -lcq all' | grep -v ':COMMITTED:')
    [ -z "$found" ] || { echo "BROKEN: states: $found" && return; }
    found=$(aix_in "$1" sh -c 'LC_ALL=C lppchk -c "tivoli*" "GSKit8*"' 2>&1)
    [ -z "$found" ] || { echo "BROKEN: lppchk says '$found'" && return; }
    found=$(aix_in "$1" /usr/bin/dsmc help | sed -n 's/.*Client Version \([0-9]*\), Release \([0-9]*\), Level \([0-9.]*[0-9]\).*/\1.\2.\3/p')
    [ "$found" = "$version" ] || { echo "BROKEN: the program says '$found', the database '$version'" && return; }
    found=$(aix_in "$1" sh -c 'LC_ALL=C lsitab -a' | grep -v '^init:\|^autodeploy:')
    [ "$found" = "$aix_lines" ] || { echo "BROKEN: inittab is '$found'" && return; }
    aix_in "$1" sh -c 'LC_ALL=C lssrc -s dsmsched' | grep -q ' active$' || { echo "BROKEN: dsmsched is not active" && return; }
    found=$(aix_in "$1" sh -c 'for p in /proc/[0-9]*; do readlink $p/exe; done 2>/dev/null' | grep -c "$aix_ba/dsmcad")
    [ "$found" = 1 ] || { echo "BROKEN: $found acceptors run" && return; }
    server_heard "$1" "$version" || { echo "BROKEN: its server does not hear from it" && return; }
    if [ "$version" = "$2" ]; then echo old; else echo new; fi
}

aix_begin() {
    local machine=$1
    shift
    machine_kill "$machine"
    machine_load "$machine" "$machines/prepared"
    aix_boot "$machine" || return 1
    if [ $# != 0 ]; then
        cp -a "$machines/repository" "$machines/repository.kept"
        aix_offer "$@" && repository_put "$machine"
        rm -rf "$machines/repository"
        mv "$machines/repository.kept" "$machines/repository"
    fi
    server_heard "$machine" 8.1.25.0
}

aix_kill_at() {
    aix_in "$1" bash -c '
        end=$((SECONDS + 60))
        while [ $SECONDS -lt $end ]; do
            lines=$(cat /var/lib/autodeploy/attempts/*/journal 2>/dev/null | wc -l)
            if [ "$lines" -ge "$1" ]; then
                pid=$(lssrc -s autodeploy | awk "/active/ { print \$(NF - 1) }")
                kill -9 $pid; exit 0
            fi
            sleep 0.005
        done; exit 1' bash "$2"
}
