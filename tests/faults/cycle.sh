# shellcheck shell=bash
# One update after the other, each from the same state and each broken off somewhere else; the verdict is the judge's,
# who shares no code with the agent. To be sourced after tests/system/{machine,packages,judge,scenario}.sh.
#
# The state is one in which a deployment from 8.1.25.0 to 8.1.27.0 was accepted and staged and waits for its window: the
# next boot opens it, and the update begins by itself.
#
#   faults_prepare KIND [--disk]     makes that state
#   faults_begin N                   brings the machine there once more; not booted yet
#   faults_end LABEL                 waits for the report of the deployment and judges; counts
#   faults_summary NAME              prints cycles, how many ended new, and the broken ones

# Everything by which a process changes the world outside of it. What happens between two of these leaves no trace, so
# a kill at each of them is a kill everywhere.
changing_calls=write,pwrite64,writev,fsync,fdatasync,sync_file_range,syncfs,rename,renameat,renameat2,unlink,unlinkat,rmdir
changing_calls+=,mkdir,mkdirat,link,linkat,symlink,symlinkat,ftruncate,fallocate,chmod,fchmod,fchmodat,chown,fchown,lchown
changing_calls+=,fchownat,setxattr,fsetxattr,lsetxattr,removexattr,fremovexattr,lremovexattr,utimensat,copy_file_range
changing_calls+=,sendfile,creat,fork,vfork,clone,clone3,execve,sendto,sendmsg,kill,flock

faults_machine=faults
faults_cycles=0 faults_new=0 faults_broken=() faults_again=0
closed_window='wait.window=["mon 00:00-00:01"]'

faults_prepare() {
    local kind=$1 root
    faults_kind=$kind
    machine_new $faults_machine "$kind" ${2:+"$2"} && machine_boot $faults_machine || return 1
    repository_make && repository_offer "$kind" 8.1.25.0 way-back && repository_offer "$kind" 8.1.27.0 || return 1
    client_install $faults_machine "$kind" 8.1.25.0 && agent_install $faults_machine "$kind" || return 1
    agent_settings $faults_machine "$(faults_closed_window)" verify.watch=1s
    root=$(machine_root $faults_machine)
    mkdir -p "$root/etc/faults" "$root/usr/lib/faults/real" "$root/etc/systemd/system/autodeploy.service.d"
    # Each line of a file is for one start of the program; a line that was used is gone for good.
    cat >"$root/usr/lib/faults/agent" <<WRAPPER
#!/bin/sh
n=\$(sed -n 1p /etc/faults/agent 2>/dev/null)
[ -n "\$n" ] || exec /usr/bin/autodeploy service run
sed -i 1d /etc/faults/agent
exec strace -f -qq -o /var/log/faults-agent.log -e trace=$changing_calls -e signal=none \$([ "\$n" = 0 ] || echo "-e inject=$changing_calls:signal=KILL:when=\$n") /usr/bin/autodeploy service run
WRAPPER
    cat >"$root/usr/lib/faults/tool" <<WRAPPER
#!/bin/sh
real=/usr/lib/faults/real/\${0##*/}
n=
case " \$* " in *" -i "* | *" --install "* | *" -U "* | *" --upgrade "*) n=\$(sed -n 1p /etc/faults/tool 2>/dev/null) ;; esac
[ -n "\$n" ] || exec "\$real" "\$@"
sed -i 1d /etc/faults/tool
exec strace -qq -o /var/log/faults-tool.log -e trace=$changing_calls -e signal=none \$([ "\$n" = 0 ] || echo "-e inject=$changing_calls:signal=KILL:when=\$n") "\$real" "\$@"
WRAPPER
    chmod +x "$root"/usr/lib/faults/{agent,tool}
    local tool=dpkg
    [ "$kind" = deb ] || tool=rpm
    mv "$root/usr/bin/$tool" "$root/usr/lib/faults/real/$tool"
    cp "$root/usr/lib/faults/tool" "$root/usr/bin/$tool"
    printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nNotifyAccess=all\nExecStart=\nExecStart=/usr/lib/faults/agent\nRestartSec=100ms\n' \
        >"$root/etc/systemd/system/autodeploy.service.d/faults.conf"
    machine_in $faults_machine sh -c 'systemctl daemon-reload; systemctl restart autodeploy.service'
    server_schedule $faults_machine UPDATE "/usr/bin/autodeploy trigger"
    faults_await_waiting || { machine_in $faults_machine autodeploy status && return 1; }
    # From now on the window is open.
    agent_settings $faults_machine verify.watch=1s
    # Orderly, so that all of it is on the disk.
    machine_in $faults_machine sync
    machine_kill $faults_machine
    machine_save $faults_machine "$machines/faults-prepared"
}

# A minute of the week that is neither now nor soon.
faults_closed_window() {
    local day
    day=$(LC_ALL=C date -d '+3 days' +%a | tr '[:upper:]' '[:lower:]')
    echo "wait.window=[\"$day 00:00-00:01\"]"
}
faults_await_waiting() {
    local end=$((SECONDS + 60))
    while [ $SECONDS -lt $end ]; do
        if machine_in $faults_machine autodeploy status --json | tr -d '\n' | grep -q '"phase": *"wait"'; then return 0; fi
        sleep 0.2
    done
    return 1
}

faults_begin() {
    machine_kill $faults_machine
    machine_load $faults_machine "$machines/faults-prepared"
}
# faults_plan FILE LINE…: for the next boot; into the layer that the machine writes to.
faults_plan() {
    local file=$machines/$faults_machine/store/upper/etc/faults/$1
    shift
    printf '%s\n' "$@" >"$file"
}

faults_end() {
    local label=$1 outcome verdict
    faults_cycles=$((faults_cycles + 1))
    if ! agent_await $faults_machine 1; then
        faults_note "$label" "no deployment ended"
        return 1
    fi
    outcome=$(agent_last $faults_machine outcome)
    verdict=$(client_judge $faults_machine "$faults_kind" 8.1.25.0 8.1.27.0)
    case "$outcome $verdict" in
    "updated new")
        faults_new=$((faults_new + 1))
        return 0
        ;;
    "rolled_back old" | "cancelled old" | "gave_up old" | "refused old") ;;
    *)
        faults_note "$label" "reported $outcome, found $verdict"
        return 1
        ;;
    esac
    # The package is healthy: at the next trigger at the latest it is there.
    faults_again=$((faults_again + 1))
    server_schedule $faults_machine AGAIN "/usr/bin/autodeploy trigger"
    agent_await $faults_machine 2
    verdict=$(client_judge $faults_machine "$faults_kind" 8.1.25.0 8.1.27.0)
    [ "$verdict" = new ] || faults_note "$label" "the next trigger ended $(agent_last $faults_machine outcome), found $verdict"
}

faults_note() {
    faults_broken+=("$1: $2")
    echo "    BROKEN at $1: $2"
    machine_in $faults_machine sh -c 'tail -3 /var/log/faults-agent.log /var/log/faults-tool.log; autodeploy history --json --count 1
        journalctl --no-pager -u autodeploy.service | tail -20' 2>/dev/null | sed 's/^/        /'
}

faults_summary() {
    local name="$1: $faults_cycles cycles, $faults_new new, $faults_again old and then new, ${#faults_broken[@]} broken"
    if [ ${#faults_broken[@]} = 0 ] && [ "$faults_cycles" -gt 0 ]; then ok "$name"; else not_ok "$name"; fi
}
