#!/usr/bin/env bash
# Look-alike packages of the backup-archive client, with the real names, relations, paths and unit, made of the stand-in
# programs; and the vendor's archive around them.
#   packages.sh [--kind deb|rpm] [--pad MB] PROGRAMS OUTDIR RELEASE [SICKNESS]
# PROGRAMS is the folder with standin_dsmc and standin_dsmcad. OUTDIR then holds RELEASE-TIV-TSMBAC-LinuxX86[_DEB].tar and the
# packages themselves. What was made once is taken from the cache.
set -euo pipefail

kind=deb pad=0
while [ $# -gt 0 ]; do
    case $1 in
    --kind) kind=$2; shift 2 ;;
    --pad) pad=$2; shift 2 ;;
    *) break ;;
    esac
done
[ $# -ge 3 ] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
programs=$1 out=$2 release=$3 sickness=${4:-none}
IFS=. read -r major minor level fix <<<"$release"
version=$major.$minor.$level

key=$(cat "$0" "$programs/standin_dsmc" "$programs/standin_dsmcad" | sha256sum | cut -c1-20)-$kind-$release-$sickness-$pad
cache=${AUTODEPLOY_CACHE:-$HOME/.cache/autodeploy}/standin/$key
mkdir -p "$out"
if [ -d "$cache" ]; then cp "$cache"/* "$out/"; exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ba=opt/tivoli/tsm/client/ba/bin
api=opt/tivoli/tsm/client/api/bin64

# What each package holds, below $work/NAME.
files_gskit() {
    local part=$1
    mkdir -p "$work/$part/usr/local/ibm/gsk8_64/lib64"
    echo "stand-in $part 8.0.60.4" >"$work/$part/usr/local/ibm/gsk8_64/lib64/lib$part.so"
}
files_api() {
    mkdir -p "$work/api/$api" "$work/api/usr/lib64"
    echo "stand-in api $release" >"$work/api/$api/libApiTSM64.so"
    echo "* sample" >"$work/api/$api/dsm.opt.smp"
    ln -s "/$api/libApiTSM64.so" "$work/api/usr/lib64/libApiTSM64.so"
    if [ "$pad" -gt 0 ]; then head -c "${pad}M" /dev/urandom >"$work/api/$api/padding.bin"; fi
}
files_ba() {
    local dir=$work/ba/$ba
    mkdir -p "$dir/EN_US" "$work/ba/usr/bin" "$work/ba/etc/init.d" "$work/ba/opt/tivoli/tsm/license"
    install -m 755 "$programs/standin_dsmc" "$dir/dsmc"
    install -m 755 "$programs/standin_dsmcad" "$dir/dsmcad"
    strip "$dir/dsmc" "$dir/dsmcad"
    printf 'release=%s\nsickness=%s\n' "$release" "$sickness" >"$dir/.standin"
    echo "* sample of dsm.opt, $release" >"$dir/dsm.opt.smp"
    echo "* sample of dsm.sys, $release" >"$dir/dsm.sys.smp"
    echo "messages $release" >"$dir/EN_US/dsmclientV3.cat"
    printf 'LANG=en_US.UTF-8\nLC_ALL=en_US.UTF-8\n' >"$dir/dsmcad.lang"
    ln -s "/$ba/dsmc" "$work/ba/usr/bin/dsmc"
    ln -s "/$ba/dsmcad" "$work/ba/usr/bin/dsmcad"
    ln -s "/$ba/rc.dsmcad" "$work/ba/etc/init.d/dsmcad"
    cat >"$dir/dsmcad.service" <<UNIT
[Unit]
Description="IBM SP Client dsmcad service."
After=local-fs.target network-online.target

[Service]
Type=forking
GuessMainPID=no
Environment="DSM_LOG=/$ba"
Environment="LD_LIBRARY_PATH=/$ba:/usr/local/ibm/gsk8_64/lib64"
EnvironmentFile=-/$ba/dsmcad.lang
ExecStart=/usr/bin/dsmcad
ExecStopPost=/bin/bash -c 'for i in 1 2 3 4 5 6 7 8 9 10; do pgrep -x dsmcad >/dev/null 2>&1 || break; sleep 1; done'
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
    cat >"$dir/rc.dsmcad" <<'RC'
#!/bin/sh
### BEGIN INIT INFO
# Provides: dsmcad
# Required-Start: $remote_fs $network
# Required-Stop: $remote_fs $network
# Default-Start: 2 3 5
# Default-Stop: 0 1 6
# Short-Description: client acceptor
### END INIT INFO
DSM_LOG=/opt/tivoli/tsm/client/ba/bin
export DSM_LOG
pids() {
    for process in /proc/[0-9]*; do
        case $(readlink "$process/exe" 2>/dev/null) in */ba/bin/dsmcad) echo "${process#/proc/}" ;; esac
    done
}
case $1 in
start) [ -n "$(pids)" ] || /usr/bin/dsmcad ;;
stop)
    for pid in $(pids); do kill "$pid"; done
    for i in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(pids)" ] && break; sleep 1; done
    [ -z "$(pids)" ] ;;
status) if [ -n "$(pids)" ]; then echo "dsmcad is running"; else echo "dsmcad is stopped"; exit 3; fi ;;
restart) "$0" stop && "$0" start ;;
*) echo "usage: $0 start|stop|status|restart" >&2; exit 2 ;;
esac
RC
    chmod 755 "$dir/rc.dsmcad"
}

# What the scriptlets of the client's package do; the same text for both kinds.
pre_script() {
    if [ "$sickness" = pre-fails ]; then echo 'echo "stand-in: the preparation fails" >&2; exit 1'; fi
    echo :
}
post_script() {
    cat <<POST
if [ -d /etc/systemd/system ] && [ ! -e /etc/systemd/system/dsmcad.service ]; then
    cp /$ba/dsmcad.service /etc/systemd/system/dsmcad.service
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload >/dev/null 2>&1 || true; fi
POST
    case $sickness in
    post-fails) [ "$kind" = deb ] || echo "rm -f /$ba/dsm.opt.smp"; echo 'echo "stand-in: the last script fails" >&2; exit 1' ;;
    post-fails-harmlessly) if [ "$kind" = rpm ]; then echo 'echo "stand-in: a message at the end fails" >&2; exit 1'
        else echo 'echo "stand-in: a message at the end fails" >&2'; fi ;;
    scriptlet-hangs) echo 'sleep 100000' ;;
    drops-unit) echo 'rm -f /etc/systemd/system/dsmcad.service; [ ! -d /run/systemd/system ] || systemctl daemon-reload' ;;
    changes-options) echo "echo 'SERVERNAME somewhere-else' >/$ba/dsm.opt" ;;
    starts-service) echo 'if [ -d /run/systemd/system ]; then systemctl start --no-block dsmcad.service || true; else /etc/init.d/dsmcad start || true; fi' ;;
    esac
    echo :
}
# Of the old package, after the new one is there.
removal_script() {
    if [ "$sickness" = old-removal-stops ]; then echo '[ ! -d /run/systemd/system ] || systemctl stop dsmcad.service || true'; fi
    echo :
}

deb() { # NAME VERSION TREE RELATIONS
    local name=$1 full=$2 tree=$work/$3
    mkdir -p "$tree/DEBIAN"
    cat >"$tree/DEBIAN/control" <<CONTROL
Package: $name
Version: $full
Architecture: amd64
Maintainer: IBM
Section: Utilities/Archiving
Priority: optional
Installed-Size: $(du -sk "$tree" | cut -f1)
${4}Description: This is a stand-in for the IBM Storage Protect client ($name)
CONTROL
    (cd "$tree" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    if [ "$3" = ba ]; then
        { echo '#!/bin/sh'; pre_script; } >"$tree/DEBIAN/preinst"
        { echo '#!/bin/sh'; post_script; } >"$tree/DEBIAN/postinst"
        { echo '#!/bin/sh'; removal_script; } >"$tree/DEBIAN/postrm"
        chmod 755 "$tree"/DEBIAN/p*
    fi
    local file=${5:-$name.amd64.deb}
    dpkg-deb --root-owner-group -Zgzip -z1 -b "$tree" "$work/out/$file" >/dev/null
}

rpm_package() { # NAME VERSION RELEASE TREE RELATIONS FILE
    local name=$1 tree=$work/$4
    {
        cat <<SPEC
Name: $name
Version: $2
Release: $3
Summary: stand-in for the IBM Storage Protect client
License: none
AutoReqProv: no
$5
%description
stand-in
%install
mkdir -p %{buildroot}
cp -a $tree/. %{buildroot}/
SPEC
        if [ "$4" = ba ]; then
            echo "%pre"; pre_script
            echo "%post"; post_script
            echo "%postun"; removal_script
        fi
        echo "%files"
        (cd "$tree" && find . \( -type f -o -type l \) -printf '"/%P"\n')
    } >"$work/$4.spec"
    rpmbuild -bb --quiet --buildroot "$work/root-$4" --target x86_64 \
        --define "_rpmdir $work/rpms" --define "_topdir $work/top" --define "_dbpath $work/db" \
        --define '_binary_payload w1.gzdio' --define '__os_install_post %{nil}' --define '_build_id_links none' \
        --define 'debug_package %{nil}' \
        --define '__check_files %{nil}' "$work/$4.spec" >"$work/rpmbuild.log" 2>&1 || { cat "$work/rpmbuild.log" >&2; exit 1; }
    mv "$work/rpms/x86_64/$name-$2-$3.x86_64.rpm" "$work/out/$6"
}

mkdir -p "$work/out"
files_gskit gskcrypt64; files_gskit gskssl64; files_api; files_ba
if [ "$kind" = deb ]; then
    deb gskcrypt64 8.0-60.4 gskcrypt64 "" gskcrypt64_8.0-60.4.linux.x86_64.deb
    deb gskssl64 8.0-60.4 gskssl64 $'Depends: gskcrypt64 (>= 8.0-60.4)\n' gskssl64_8.0-60.4.linux.x86_64.deb
    deb tivsm-api64 "$version-$fix" api $'Depends: gskcrypt64, gskssl64\n'
    deb tivsm-ba "$version-$fix" ba "Pre-Depends: tivsm-api64 (= $version-$fix)"$'\n'
    tar=$release-TIV-TSMBAC-LinuxX86_DEB.tar
    (cd "$work/out" && sha256sum -- *.deb >sha256sum.txt)
else
    rpm_package gskcrypt64 8.0 60.4 gskcrypt64 "" gskcrypt64-8.0.60.4.linux.x86_64.rpm
    rpm_package gskssl64 8.0 60.4 gskssl64 "Requires: gskcrypt64 >= 8.0" gskssl64-8.0.60.4.linux.x86_64.rpm
    rpm_package TIVsm-API64 "$version" "$fix" api "Requires: gskcrypt64, gskssl64" TIVsm-API64.x86_64.rpm
    rpm_package TIVsm-BA "$version" "$fix" ba "Requires: TIVsm-API64 = $version-$fix" TIVsm-BA.x86_64.rpm
    tar=$release-TIV-TSMBAC-LinuxX86.tar
fi
echo "stand-in for the vendor's notes of $release" >"$work/out/README.htm"
(cd "$work/out" && tar --sort=name --owner=0 --group=0 --mtime=@1700000000 -cf "$tar" -- *)
rm -f "$work/out/README.htm" "$work/out/sha256sum.txt"
mkdir -p "$(dirname "$cache")"
mv "$work/out" "$cache.$$" && mv -T "$cache.$$" "$cache" 2>/dev/null || rm -rf "$cache.$$"
cp "$cache"/* "$out/"
