# shellcheck shell=bash
# Throw-away machines: a root of their own over a cached tree, real systemd as PID 1, own processes, network with
# loopback only. What is written stays until machine_remove, so that they can lose power and come up again.
# To be sourced; the script that does so is started again in a mount namespace of its own, with which every mount ends.
#
#   machine_new NAME deb|rpm [--disk]   off; with --disk what it writes lies on an ext4 of its own
#   machine_start NAME                  returns as soon as systemd answers; the boot goes on
#   machine_boot NAME                   returns when systemd says that it is up
#   machine_in NAME COMMAND…            runs a command in it
#   machine_kill NAME                   every process is gone at once; what was written is there
#   machine_cut NAME                    the same, and what had not reached the disk is lost (--disk only)
#   machine_reboot NAME                 orderly
#   machine_save NAME FOLDER, machine_load NAME FOLDER      what it has written; the machine is off
#   machine_root NAME                   prints where its files can be seen from outside while it is up
#   machine_remove NAME
#
# machine_mode is "systemd", or, where namespaces are forbidden, "sysv": a chroot in which init scripts start the services;
# machine_why says what is missing. Where not even mounting is allowed it is "none": no machine can be had.

. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/trees.sh"

machine_private() { unshare --mount --propagation private "$@" 2>/dev/null; }

if [ -z "${MACHINE_PRIVATE:-}" ] && machine_private true; then
    MACHINE_PRIVATE=yes exec unshare --mount --propagation private bash "$0" "$@"
fi

machines=$(mktemp -d "${TMPDIR:-/tmp}/autodeploy-machines.XXXXXX")
machine_cgroups=$machines/cgroup
machine_pids=$(stat -Lc %i /proc/self/ns/pid)

# Sets machine_mode and machine_why.
machine_probe() {
    machine_mode=none
    if [ "$(id -u)" != 0 ]; then machine_why="not root" && return; fi
    mount -t tmpfs -o mode=700 tmpfs "$machines" 2>/dev/null || { machine_why="mounting is forbidden here" && return; }
    machine_mode=sysv
    if [ -z "${MACHINE_PRIVATE:-}" ]; then machine_why="mount namespaces are forbidden here" && return; fi
    if [ "${AUTODEPLOY_MACHINE:-}" = sysv ]; then machine_why="AUTODEPLOY_MACHINE says so" && return; fi
    mkdir "$machine_cgroups"
    # A mount of our own: hosts have it in different places, or read-only, or only the older kind.
    mount -t cgroup2 cgroup2 "$machine_cgroups" 2>/dev/null || { machine_why="cgroup2 cannot be mounted here" && return; }
    machine_cgroups+=$(sed -n 's/^0:://p' /proc/self/cgroup)
    machine_sweep_cgroups
    mkdir "$machine_cgroups/autodeploy-$machine_pids-$$" 2>/dev/null || { machine_why="cgroups cannot be made here" && return; }
    machine_cgroups+=/autodeploy-$machine_pids-$$
    unshare -m -p -f -C -u -i -n --kill-child true 2>/dev/null || { machine_why="namespaces are forbidden here" && return; }
    machine_mode=systemd machine_why=
}

# cgroups of runs whose script is gone. Those of another namespace of processes (a container) are told apart by its number.
machine_sweep_cgroups() {
    local left
    for left in "$machine_cgroups/autodeploy-$machine_pids"-*; do
        [ -d "$left" ] || continue
        kill -0 "${left##*-}" 2>/dev/null || machine_end_cgroup "$left"
    done
}

# Ends everything in the cgroup and below, then takes it away.
machine_end_cgroup() {
    local try
    echo 1 >"$1/cgroup.kill" 2>/dev/null || cat "$1"/cgroup.procs "$1"/*/cgroup.procs 2>/dev/null | xargs -r kill -9
    for ((try = 0; try < 500; try++)); do
        # Another run may clear away the same leftovers.
        [ -d "$1" ] || return 0
        grep -q '^populated 0' "$1/cgroup.events" && break
        sleep 0.01
    done
    find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
    [ ! -d "$1" ] || { echo "machine: cgroup $1 cannot be removed" >&2 && return 1; }
}

machine_end_all() {
    local folder
    for folder in "$machines"/*/; do [ -e "$folder/tree" ] && machine_kill "$(basename "$folder")"; done
    if [ "$machine_mode" = systemd ]; then machine_end_cgroup "$machine_cgroups"; fi
    umount -l "$machines" 2>/dev/null
    rmdir "$machines" 2>/dev/null
}

machine_new() {
    local folder=$machines/$1 tree
    tree=$(machine_tree "$2") || return 1
    mkdir -p "$folder/store" "$folder/root"
    echo "$tree" >"$folder/tree"
    : >"$folder/console"
    if [ "${3:-}" = --disk ]; then
        truncate -s 2G "$folder/disk"
        mkfs.ext4 -q -F -E lazy_itable_init=1,lazy_journal_init=1 -m 0 "$folder/disk"
        mount -o loop "$folder/disk" "$folder/store"
    fi
    mkdir "$folder/store/upper" "$folder/store/work"
}

machine_start() {
    local folder=$machines/$1 group=$machine_cgroups/$1 try
    mkdir "$group" "$group/machine" "$group/visitors"
    (
        echo "$BASHPID" >"$group/machine/cgroup.procs"
        exec unshare -m -p -f -C -u -i -n --kill-child=KILL --propagation private bash "$project/tests/system/machine_root.sh" \
            "$(<"$folder/tree")" "$folder/store" "$folder/root" "$folder/console" \
            /lib/systemd/systemd --log-target=console --show-status=0
    ) </dev/null >>"$folder/console" 2>&1 &
    echo $! >"$folder/outer"
    disown
    for ((try = 0; try < 500; try++)); do
        if pgrep -P "$(<"$folder/outer")" >"$folder/init" && [ -S "/proc/$(<"$folder/init")/root/run/systemd/private" ]; then return 0; fi
        [ -d "/proc/$(<"$folder/outer")" ] || break
        sleep 0.02
    done
    echo "machine $1: its systemd does not answer" >&2
    tail -20 "$folder/console" >&2
    return 1
}

machine_boot() {
    local folder=$machines/$1 state
    if [ "$machine_mode" != systemd ]; then machine_boot_sysv "$1"; return; fi
    machine_start "$1" || return 1
    # It returns when the queue of the boot is empty; "degraded" is for the caller to judge.
    state=$(timeout 90 nsenter -t "$(<"$folder/init")" -m -p -u -i -n -C -r -w systemctl is-system-running --wait 2>&1)
    case $state in running | degraded) return 0 ;; esac
    echo "machine $1 does not come up: $state" >&2
    tail -20 "$folder/console" >&2
    return 1
}

machine_in() {
    local name=$1
    shift
    if [ "$machine_mode" != systemd ]; then machine_in_sysv "$name" "$@"; return; fi
    (
        echo "$BASHPID" >"$machine_cgroups/$name/visitors/cgroup.procs"
        exec nsenter -t "$(<"$machines/$name/init")" -m -p -u -i -n -C -r -w \
            env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb SYSTEMD_PAGER= LANG=C.UTF-8 "$@"
    )
}

machine_kill() {
    local folder=$machines/$1
    if [ "$machine_mode" != systemd ]; then machine_kill_sysv "$1"; return; fi
    [ ! -d "$machine_cgroups/$1" ] || machine_end_cgroup "$machine_cgroups/$1"
    [ ! -e "$folder/outer" ] || machine_await_end "$(<"$folder/outer")"
    rm -f "$folder/outer" "$folder/init"
}

# At most a minute: a stop of services may take that long.
machine_await_end() {
    local try
    for ((try = 0; try < 3000; try++)); do
        [ -d "/proc/$1" ] || return 0
        sleep 0.02
    done
    return 1
}

machine_reboot() {
    if [ "$machine_mode" = systemd ]; then
        machine_in "$1" systemctl reboot >/dev/null 2>&1
        machine_await_end "$(<"$machines/$1/outer")"
    else
        machine_rc "$1" stop
    fi
    machine_kill "$1"
    machine_boot "$1"
}

# A machine that boots beside holds a copy of every mount for a moment, and with it the file system: mounted again while
# that lasts it would be the old one, still shut down.
machine_unmount() {
    local folder=$machines/$1 try
    umount "$folder/store" || return 1
    for ((try = 0; try < 1500; try++)); do
        [ -n "$(losetup --associated "$folder/disk")" ] || return 0
        sleep 0.02
    done
    echo "the disk of machine $1 stays in use" >&2
    return 1
}

machine_cut() {
    local folder=$machines/$1
    "$build/shut_down_ext4" "$folder/store" || return 1
    machine_kill "$1"
    machine_unmount "$1" || return 1
    e2fsck -p "$folder/disk" >"$folder/e2fsck" 2>&1
    # 1: mended, as a boot would.
    [ $? -le 1 ] || { cat "$folder/e2fsck" >&2 && return 1; }
    mount -o loop "$folder/disk" "$folder/store"
}

machine_save() {
    rm -rf "$2"
    mkdir -p "$2"
    if [ -e "$machines/$1/disk" ]; then
        machine_unmount "$1" || return 1
        cp --sparse=always "$machines/$1/disk" "$2/disk"
        mount -o loop "$machines/$1/disk" "$machines/$1/store"
    else
        cp -a "$machines/$1/store/upper" "$2/upper"
    fi
}

machine_load() {
    local folder=$machines/$1
    if [ -e "$folder/disk" ]; then
        machine_unmount "$1" || return 1
        cp --sparse=always "$2/disk" "$folder/disk"
        mount -o loop "$folder/disk" "$folder/store"
    else
        rm -rf "$folder/store/upper" "$folder/store/work"
        mkdir "$folder/store/work"
        cp -a "$2/upper" "$folder/store/upper"
    fi
}

machine_root() {
    if [ "$machine_mode" = systemd ]; then echo "/proc/$(<"$machines/$1/init")/root"; else echo "$machines/$1/root"; fi
}

machine_remove() {
    local folder=$machines/$1
    machine_kill "$1"
    ! mountpoint -q "$folder/store" || umount "$folder/store"
    rm -rf --one-file-system "$folder"
}

machine_boot_sysv() {
    local folder=$machines/$1
    mount -t overlay overlay -o "lowerdir=$(<"$folder/tree"),upperdir=$folder/store/upper,workdir=$folder/store/work" "$folder/root" &&
        mount -t proc proc "$folder/root/proc" && mount --bind /dev "$folder/root/dev" &&
        mount -t tmpfs -o mode=755 tmpfs "$folder/root/run" && mount -t tmpfs -o mode=1777 tmpfs "$folder/root/tmp" || return 1
    machine_rc "$1" start
}

# What init would do: the scripts of run level 2, in order.
machine_rc() {
    machine_in_sysv "$1" sh -c 'for script in /etc/rc2.d/S*; do [ ! -x "$script" ] || "$script" "$0" </dev/null >/dev/null 2>&1; done' "$2"
}

machine_in_sysv() {
    local name=$1
    shift
    chroot "$machines/$name/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8 "$@"
}

machine_kill_sysv() {
    local root=$machines/$1/root process part left=yes
    while [ -n "$left" ]; do
        left=
        for process in /proc/[0-9]*; do
            if [ "$(readlink "$process/root")" = "$root" ]; then kill -9 "${process##*/}" && left=yes; fi
        done 2>/dev/null
    done
    for part in proc dev run tmp ""; do ! mountpoint -q "$root/$part" || umount "$root/$part"; done
}

machine_probe
trap machine_end_all EXIT
