#!/bin/bash
# Lays the stand-in AIX over a root: install.sh PROGRAMS ROOT. PROGRAMS is the folder with standin_aix.
set -e
programs=$1 root=$2
mkdir -p "$root"/usr/{bin,sbin,lib/standin,lib/objrepos,lpp} "$root"/etc/{objrepos,standin,security} "$root/var/adm/ras" "$root/var/run"
install -m 755 "$programs/standin_aix" "$root/usr/lib/standin/aix"
put() { # FOLDER NAME…
    local folder=$1 name
    shift
    for name; do ln -sfn ../lib/standin/aix "$root/usr/$folder/$name"; done
}
put bin lssrc startsrc stopsrc mkssys chssys rmssys odmget lslpp lppchk ps errlogger oslevel getconf
put sbin lsitab mkitab chitab rmitab telinit init installp inutoc slibclean fuser mount
[ -e "$root/etc/inittab" ] || cat >"$root/etc/inittab" <<'TABLE'
: Note - initdefault and sysinit should be the first and second entry.
init:2:initdefault:
TABLE
# Packages ask for the system itself.
[ -e "$root/usr/lib/objrepos/product" ] || echo 'bos.rte|bos.rte|7.2.5.0|COMMITTED|Base Operating System Runtime|' >"$root/usr/lib/objrepos/product"
