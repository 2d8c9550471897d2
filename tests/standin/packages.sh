#!/usr/bin/env bash
# Look-alike packages of the backup-archive client, with the real names, relations, paths and unit, made of the stand-in
# programs; and the vendor's archive around them.
#   packages.sh [--kind deb|rpm] [--arch i386] [--pad MB] PROGRAMS OUTDIR RELEASE [SICKNESS]
# PROGRAMS is the folder with standin_dsmc and standin_dsmcad. OUTDIR then holds RELEASE-TIV-TSMBAC-LinuxX86[_DEB].tar, the
# four packages that a client needs, those that it may have besides in OUTDIR/optional, and for rpm
# OUTDIR/support/standin-system.rpm, which provides /bin/sh where the system itself is not in the rpm database.
# --arch i386 (rpm only) makes the set of an old 32-bit client. --pad makes the set so many MB heavier.
# SICKNESS: README.md. What was made once is taken from the cache (AUTODEPLOY_CACHE, default ~/.cache/autodeploy).
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)

kind=deb arch=x86_64 pad=0
while [ $# -gt 0 ]; do
    case $1 in
    --kind) kind=$2; shift 2 ;;
    --arch) arch=$2; shift 2 ;;
    --pad) pad=$2; shift 2 ;;
    -h | --help) sed -n '2,9s/^# //p' "$0"; exit 0 ;;
    -*) echo "packages.sh: unknown option $1" >&2; exit 2 ;;
    *) break ;;
    esac
done
[ $# -ge 3 ] || { sed -n '2,9s/^# //p' "$0" >&2; exit 2; }
programs=$1 out=$2 release=$3 sickness=${4:-none}
case $kind-$arch in deb-x86_64 | rpm-x86_64 | rpm-i386) ;; *) echo "packages.sh: there are no packages $kind $arch" >&2; exit 2 ;; esac
[[ $release =~ ^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$ ]] || { echo "packages.sh: '$release' is no release like 8.1.27.0" >&2; exit 2; }
case $sickness in
none | dies-at-start | dies-after-20s | hangs-in-start | hangs-in-stop | scheduler-dies | never-reaches-server | wrong-version) ;;
missing-file | pre-fails | post-fails | post-fails-harmlessly | scriptlet-hangs | drops-unit | changes-options | starts-service) ;;
old-removal-stops | old-preun-stops) ;;
*) echo "packages.sh: unknown sickness '$sickness' (README.md lists them)" >&2; exit 2 ;;
esac
IFS=. read -r major minor level fix <<<"$release"
version=$major.$minor.$level
# GSKit moves more slowly than the client: from 8.1.25 to 8.1.28 it is the same, before and after that another one.
if [ "$major$minor" -lt 81 ]; then gskit=8.0-50.66
elif [ "$major$minor" -gt 81 ] || [ "$level" -gt 28 ]; then gskit=8.0-60.6
elif [ "$level" -le 15 ]; then gskit=8.0-55.24
elif [ "$level" -le 24 ]; then gskit=8.0-60.2
else gskit=8.0-60.4; fi

# Of what was made once only the vendor's archive is kept: the rest is in it.
store=${AUTODEPLOY_CACHE:-$HOME/.cache/autodeploy}/standin
key=$(cat "$here/packages.sh" "$here"/client-files/* "$programs/standin_dsmc" "$programs/standin_dsmcad" | sha256sum | cut -c1-20)
cached=$store/$key-$kind-$arch-$release-$sickness-$pad
suffix=LinuxX86
[ "$kind" = rpm ] || suffix=LinuxX86_DEB
tar=$release-TIV-TSMBAC-$suffix.tar

hand_out() {
    mkdir -p "$out/optional"
    cp "$cached/$tar" "$out/"
    tar -xf "$out/$tar" -C "$out" --wildcards "*.$kind"
    (cd "$out" && for file in *_pd.* *cit.*; do [ ! -e "$file" ] || mv "$file" optional/; done)
    if [ "$kind" = rpm ]; then mkdir -p "$out/support" && cp "$cached/standin-system.rpm" "$out/support/"; fi
}
if [ -d "$cached" ]; then touch "$cached"; hand_out; exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The same content gives the same bytes.
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC
ba=opt/tivoli/tsm/client/ba/bin
bits=64
[ "$arch" = x86_64 ] || bits=32
if [ $bits = 64 ]; then api=opt/tivoli/tsm/client/api/bin64 gsk=usr/local/ibm/gsk8_64 lib=lib64; else api=opt/tivoli/tsm/client/api/bin gsk=usr/local/ibm/gsk8 lib=lib; fi

# Bytes that cannot be compressed, the same each time.
noise() { # NAME BYTES
    if command -v openssl >/dev/null; then
        head -c "$2" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(sha256sum <<<"$release $1" | cut -c1-32)" -iv 0 2>/dev/null
    else head -c "$2" /dev/urandom; fi
}

# What each package holds, below $work/PART.
files_gskit() { # gskcrypt|gskssl
    mkdir -p "$work/$1/$gsk/$lib" "$work/$1/$gsk/bin" "$work/$1-pd/$gsk/$lib/debug"
    echo "stand-in $1$bits $gskit" >"$work/$1/$gsk/$lib/lib$1.so"
    echo "stand-in debug symbols of $1$bits $gskit" >"$work/$1-pd/$gsk/$lib/debug/lib$1.so.debug"
    [ "$1" = gskcrypt ] || { printf '#!/bin/sh\necho "stand-in gsk8capicmd %s"\n' "$gskit" >"$work/$1/$gsk/bin/gsk8capicmd_$bits"; chmod 755 "$work/$1/$gsk/bin/gsk8capicmd_$bits"; }
}
files_api() {
    mkdir -p "$work/api/$api/EN_US" "$work/api/usr/$lib" "$work/apicit/opt/tivoli/tsm/license/api"
    echo "stand-in api $release" >"$work/api/$api/libApiTSM$bits.so"
    echo "messages of the api, $release" >"$work/api/$api/EN_US/dsmclientV3.cat"
    printf 'SErvername  server_a\n' >"$work/api/$api/dsm.opt.smp"
    printf 'SErvername  server_a\n   COMMMethod         TCPip\n   TCPPort            1500\n' >"$work/api/$api/dsm.sys.smp"
    ln -s "/$api/libApiTSM$bits.so" "$work/api/usr/$lib/libApiTSM$bits.so"
    echo "inventory of the api, $release" >"$work/apicit/opt/tivoli/tsm/license/api/apicit.swidtag"
    # As heavy as they are to each other in a real set: 126 and 76.
    if [ "$pad" -gt 0 ]; then
        noise api $((pad * 1048576 * 76 / 202)) >"$work/api/$api/libgpfs-padding.so"
        noise ba $((pad * 1048576 * 126 / 202)) >"$work/ba/$ba/libpadding.so"
    fi
}
files_ba() {
    local dir=$work/ba/$ba
    mkdir -p "$dir/EN_US" "$work/ba/usr/bin" "$work/ba/etc/init.d" "$work/ba/opt/tivoli/tsm/license" "$work/bacit/opt/tivoli/tsm/license/ba"
    install -m 755 "$programs/standin_dsmc" "$dir/dsmc"
    install -m 755 "$programs/standin_dsmcad" "$dir/dsmcad"
    [ "$bits" = 32 ] || strip "$dir/dsmc" "$dir/dsmcad" # those of 32 bits come without symbols
    install -m 755 "$here/client-files/rc.dsmcad" "$dir/rc.dsmcad"
    install -m 644 "$here/client-files/dsmcad.service" "$dir/dsmcad.service"
    printf 'release=%s\nsickness=%s\n' "$release" "$sickness" >"$dir/.standin"
    printf '* Sample Client User Options file for UNIX, %s\n\nSErvername  server_a\n' "$release" >"$dir/dsm.opt.smp"
    printf '* Sample Client System Options file for UNIX, %s\n\nSErvername  server_a\n   COMMMethod         TCPip\n   TCPPort            1500\n   TCPServeraddress   node.domain.company.COM\n' "$release" >"$dir/dsm.sys.smp"
    [ "$sickness" = missing-file ] || echo "messages $release" >"$dir/EN_US/dsmclientV3.cat"
    echo "licence, $release" >"$work/ba/opt/tivoli/tsm/license/en.txt"
    echo "inventory of the client, $release" >"$work/bacit/opt/tivoli/tsm/license/ba/bacit.swidtag"
    ln -s "/$ba/dsmc" "$work/ba/usr/bin/dsmc"
    ln -s "/$ba/dsmcad" "$work/ba/usr/bin/dsmcad"
    ln -s "/$ba/rc.dsmcad" "$work/ba/etc/init.d/dsmcad"
}

# What the scriptlets of the client's package do; nearly the same text for both kinds.
pre_script() {
    if [ "$sickness" = pre-fails ]; then echo 'echo "stand-in: the preparation fails" >&2; exit 1'; fi
    echo 'exit 0'
}
post_script() {
    cat <<POST
if [ ! -e /$ba/dsmcad.lang ]; then printf 'LANG=en_US\nLC_ALL=en_US\n' >/$ba/dsmcad.lang; fi
if [ -d /etc/systemd/system ] && [ ! -e /etc/systemd/system/dsmcad.service ]; then
    cp /$ba/dsmcad.service /etc/systemd/system/dsmcad.service
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload >/dev/null 2>&1 || true; fi
POST
    case $sickness in
    post-fails) [ "$kind" = deb ] || echo "rm -f /$ba/dsm.opt.smp"; echo 'echo "stand-in: the last script fails" >&2; exit 1' ;;
    post-fails-harmlessly)
        echo 'echo "stand-in: a message at the end fails" >&2'
        [ "$kind" = deb ] || echo 'exit 1'
        ;;
    scriptlet-hangs) echo 'sleep 100000' ;;
    drops-unit) echo 'rm -f /etc/systemd/system/dsmcad.service; [ ! -d /run/systemd/system ] || systemctl daemon-reload' ;;
    changes-options) echo "echo 'SErvername somewhere-else' >/$ba/dsm.opt" ;;
    starts-service) echo 'if [ -d /run/systemd/system ]; then systemctl start --no-block dsmcad.service || true; else /etc/init.d/dsmcad start || true; fi' ;;
    esac
    echo 'exit 0'
}
stop_service='if [ -d /run/systemd/system ]; then systemctl stop dsmcad.service || true; else /etc/init.d/dsmcad stop || true; fi'
# Before a package is taken away. $1 is what rpm ("0": nothing stays) or dpkg ("remove") says.
preun_script() {
    if [ "$sickness" = old-preun-stops ]; then echo "$stop_service"; fi
    echo 'if [ "$1" = 0 ] || [ "$1" = remove ]; then'
    echo "    $stop_service"
    echo 'fi'
    echo 'exit 0'
}
# After that; of the old package it runs when the new one is there.
postun_script() {
    if [ "$sickness" = old-removal-stops ]; then echo "$stop_service"; fi
    cat <<POSTUN
if [ "\$1" = 0 ] || [ "\$1" = remove ]; then
    rm -f /etc/systemd/system/dsmcad.service /etc/systemd/system/multi-user.target.wants/dsmcad.service
    [ ! -d /run/systemd/system ] || systemctl daemon-reload >/dev/null 2>&1 || true
fi
exit 0
POSTUN
}

deb() { # NAME VERSION PART RELATIONS FILE
    local name=$1 tree=$work/$3 script
    mkdir -p "$tree/DEBIAN"
    cat >"$tree/DEBIAN/control" <<CONTROL
Package: $name
Version: $2
Architecture: amd64
Maintainer: IBM
Section: Utilities/Archiving
Priority: optional
Installed-Size: $(du -sk --apparent-size "$tree" | cut -f1)
${4}Description: This is a stand-in for the IBM Storage Protect Linux client ($name)
CONTROL
    (cd "$tree" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
    if [ "$3" = ba ]; then
        for script in preinst:pre postinst:post prerm:preun postrm:postun; do
            { echo '#!/bin/sh'; "${script#*:}_script"; } >"$tree/DEBIAN/${script%:*}"
            chmod 755 "$tree/DEBIAN/${script%:*}"
        done
    fi
    find "$tree" -exec touch -hd @$SOURCE_DATE_EPOCH {} +
    local compression="-Zgzip -z1"
    [ "$pad" = 0 ] || compression=-Znone
    # shellcheck disable=SC2086
    dpkg-deb --root-owner-group $compression -b "$tree" "$work/out/$5" >/dev/null
}

# One spec for all of them: rpmbuild takes a second for each start.
rpm_part() { # NAME VERSION RELEASE PART RELATIONS
    local script
    cat <<SPEC
%package -n $1
Version: $2
Release: $3
Summary: Stand-in for the IBM Storage Protect Linux client
Group: Utilities/Archiving
AutoReqProv: no
$5
%description -n $1
A stand-in, made for tests.
%files -n $1
%defattr(-,root,root)
SPEC
    [ "$4" != ba ] || printf '%%dir "/%s"\n' opt/tivoli/tsm/client/ba $ba $ba/EN_US
    (cd "$work/$4" && find . \( -type f -o -type l \) -printf '"/%P"\n' | sort)
    if [ "$4" = ba ]; then
        for script in pre post preun postun; do echo "%$script -n $1"; "${script}_script"; done
    fi
}
rpms() { # writes them to $work/rpms
    local part compression=w1.gzdio
    [ "$pad" = 0 ] || compression=w.ufdio
    {
        cat <<SPEC
Name: standin
Version: 1
Release: 1
Summary: Stand-in
License: none
%description
A stand-in, made for tests.
%install
mkdir -p %{buildroot}
SPEC
        for part in "$work"/parts/*; do echo "cp -al $part/. %{buildroot}/"; done
        cat "$work/parts.spec"
    } >"$work/standin.spec"
    rpmbuild -bb --quiet --buildroot "$work/root" --target "$arch" \
        --define "_rpmdir $work/rpms" --define "_topdir $work/top" --define "_dbpath $work/db" --define "_tmppath $work/tmp" \
        --define "_binary_payload $compression" --define '__os_install_post %{nil}' --define '_build_id_links none' \
        --define 'debug_package %{nil}' --define '__check_files %{nil}' --define '_buildhost standin' \
        --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
        --define '_rpmfilename %%{NAME}.rpm' \
        "$work/standin.spec" >"$work/rpmbuild.log" 2>&1 || { cat "$work/rpmbuild.log" >&2; exit 1; }
}

mkdir -p "$work/out" "$work/top" "$work/tmp" "$work/keep"
files_gskit gskcrypt; files_gskit gskssl; files_ba; files_api
gskit_version=${gskit%%-*} gskit_release=${gskit#*-} gskit_dots=${gskit/-/.}
if [ "$kind" = deb ]; then
    full=$version-$fix
    deb gskcrypt64 "$gskit" gskcrypt "" "gskcrypt64_$gskit.linux.x86_64.deb"
    deb gskssl64 "$gskit" gskssl "Depends: gskcrypt64 (>= $gskit)"$'\n' "gskssl64_$gskit.linux.x86_64.deb"
    deb tivsm-api64 "$full" api "Depends: gskcrypt64 (>= $gskit), gskssl64 (>= $gskit)"$'\n' tivsm-api64.amd64.deb
    deb tivsm-apicit "$full" apicit "Depends: tivsm-api64 (= $full)"$'\n' tivsm-apicit.amd64.deb
    deb tivsm-ba "$full" ba "Pre-Depends: tivsm-api64 (= $full)"$'\n' tivsm-ba.amd64.deb
    deb tivsm-bacit "$full" bacit "Depends: tivsm-ba (= $full)"$'\n' tivsm-bacit.amd64.deb
    (cd "$work/out" && sha256sum -- *.deb >sha256sum.txt)
else
    if [ $bits = 64 ]; then client_api=TIVsm-API64; else client_api=TIVsm-API; fi
    mkdir -p "$work/parts"
    {
        rpm_part gskcrypt$bits "$gskit_version" "$gskit_release" gskcrypt ""
        rpm_part gskssl$bits "$gskit_version" "$gskit_release" gskssl "Requires: gskcrypt$bits >= $gskit"
        rpm_part $client_api "$version" "$fix" api "Requires: gskcrypt$bits >= $gskit, gskssl$bits >= $gskit"
        rpm_part TIVsm-BA "$version" "$fix" ba "Requires: $client_api = $version-$fix"
        if [ $bits = 64 ]; then
            rpm_part gskcrypt64_pd "$gskit_version" "$gskit_release" gskcrypt-pd "Requires: gskcrypt64 = $gskit"
            rpm_part gskssl64_pd "$gskit_version" "$gskit_release" gskssl-pd "Requires: gskssl64 = $gskit"
            rpm_part TIVsm-APIcit "$version" "$fix" apicit "Requires: $client_api = $version-$fix"
            rpm_part TIVsm-BAcit "$version" "$fix" bacit "Requires: TIVsm-BA = $version-$fix"
        fi
        printf '%%package -n standin-system\nSummary: What the rest of the system provides\nProvides: /bin/sh /bin/bash /usr/bin/sh\n%%description -n standin-system\nMade for tests.\n%%files -n standin-system\n'
    } >"$work/parts.spec"
    for part in gskcrypt gskssl api ba gskcrypt-pd gskssl-pd apicit bacit; do mv "$work/$part" "$work/parts/$part"; done
    rpms
    mv "$work/rpms/standin-system.rpm" "$work/keep/"
    for name in gskcrypt$bits gskssl$bits; do
        mv "$work/rpms/$name.rpm" "$work/out/$name-$gskit_dots.linux.${arch/i386/x86}.rpm"
        [ ! -e "$work/rpms/${name}_pd.rpm" ] || mv "$work/rpms/${name}_pd.rpm" "$work/out/$name-$gskit_dots.linux.x86_64_pd.rpm"
    done
    for file in "$work"/rpms/TIVsm-*.rpm; do name=$(basename "$file" .rpm); mv "$file" "$work/out/$name.$arch.rpm"; done
    echo "stand-in for the vendor's public key" >"$work/out/RPM-GPG-KEY-ibmpkg"
    echo "stand-in for GSKit's public key" >"$work/out/GSKit.pub2.pgp"
fi
for file in README.htm README_api.htm update.txt TIVsm-filepath-source.tar.gz; do echo "stand-in for the vendor's $file of $release" >"$work/out/$file"; done
(cd "$work/out" && tar --sort=name --owner=0 --group=0 --mtime=@$SOURCE_DATE_EPOCH -cf "$work/keep/$tar" -- *)
mkdir -p "$store"
# Sets that nobody asked for during four days are not asked for any more: each build of the programs makes new ones.
find "$store" -mindepth 1 -maxdepth 1 -mtime +4 -exec rm -rf {} +
mv "$work/keep" "$cached.$$"
mv -T "$cached.$$" "$cached" 2>/dev/null || rm -rf "$cached.$$"
hand_out
