#!/bin/bash
# Inside of a machine's new namespaces, before its first process: lays the root and goes into it.
# machine_root.sh LOWER STORE ROOT CONSOLE COMMAND…
set -e
lower=$1 store=$2 root=$3 console=$4
shift 4
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$store/upper,workdir=$store/work" "$root"
cd "$root"
mount -t proc proc proc
# Otherwise the machine's boot changes settings of the kernel that is everybody's.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for node in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
    read -r name major minor <<<"$node"
    mknod -m 666 "dev/$name" c "$major" "$minor"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${stream%:*}" "dev/${stream#*:}"; done
: >dev/console
mount --bind "$console" dev/console
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
rmdir /.outside
exec env -i container=throw-away PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb "$@"
