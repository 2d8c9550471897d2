#!/bin/bash
# Look-alike installation images of the client for AIX and the vendor's archive around them:
#   images.sh [--bits 32] PROGRAMS OUTDIR RELEASE [SICKNESS]
# PROGRAMS is the folder with standin_dsmc, standin_dsmcad and standin_aix. OUTDIR gets RELEASE-TIV-TSMBAC-AIX.tar and, in
# OUTDIR/images, what is in it. An image is a tar file with an lpp_name first; the real ones are made by backup(1).
# SICKNESS: those of the stand-in client (../README.md), and pre-fails, post-fails. --bits 32: the set of a 32-bit client.
set -euo pipefail
bits=64 suffix=64
if [ "$1" = --bits ]; then bits=$2 suffix=$2 && shift 2; fi
[ "$bits" = 64 ] || suffix=
programs=$1 out=$2 release=$3 sickness=${4:-none}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ba=usr/tivoli/tsm/client/ba/bin$suffix api=usr/tivoli/tsm/client/api/bin$suffix gsk=usr/opt/ibm/gsk8${suffix:+_64}
mkdir -p "$out/images"
here=$(dirname "$(readlink -f "$0")")

long_level() { printf '%02d.%02d.%04d.%04d' $(tr . ' ' <<<"$1"); }
# image NAME FILESET…: of what lies in $work/FILESET/, with $work/FILESET.needs ("name level" a line) and scripts
# $work/FILESET.pre_i, .post_i.
image() {
    local name=$1 level fileset path
    shift
    rm -rf "$work/image"
    mkdir "$work/image"
    {
        echo "4 R I $name {"
        for fileset; do
            level=$(<"$work/$fileset.level")
            echo "$fileset $(long_level "$level") 1 N U en_US Storage Protect stand-in ${fileset##*.}"
            echo "["
            if [ -e "$work/$fileset.needs" ]; then sed 's/^/*prereq /' "$work/$fileset.needs"; fi
            echo "%"
            (cd "$work/$fileset" && find . -type d ! -name . -printf '/%P\n' | sort | while read -r path; do
                echo "$path $(($(find "./$path" -maxdepth 1 -type f -printf '%s\n' | awk '{ s += $1 } END { print int(s / 512) + 1 }')))"
            done)
            printf '%%\n%%\n%%\n]\n'
            cp -a "$work/$fileset" "$work/image/$fileset"
            for path in pre_i post_i; do [ ! -e "$work/$fileset.$path" ] || cp "$work/$fileset.$path" "$work/image/"; done
        done
        echo "}"
    } >"$work/lpp_name"
    mv "$work/lpp_name" "$work/image/lpp_name"
    (cd "$work/image" && tar --format=ustar --sort=name --owner=0 --group=0 --mtime=@1700000000 -cf "$out/images/$name" lpp_name $(ls | grep -v '^lpp_name$'))
}

gskit=8.0.60.4
for part in gskcrypt gskssl; do
    fileset=GSKit8.${part}$bits.ppc.rte
    mkdir -p "$work/$fileset/$gsk/lib$suffix"
    echo "stand-in $part $gskit" >"$work/$fileset/$gsk/lib$suffix/lib$part.so"
    echo $gskit >"$work/$fileset.level"
done
echo "GSKit8.gskcrypt$bits.ppc.rte $gskit" >"$work/GSKit8.gskssl$bits.ppc.rte.needs"

fileset=tivoli.tsm.client.api.${bits}bit
mkdir -p "$work/$fileset/$api/EN_US"
echo "stand-in api $release" >"$work/$fileset/$api/libApiTSM$suffix.a"
echo "messages of the api, $release" >"$work/$fileset/$api/EN_US/dsmclientV3.cat"
echo "GSKit8.gskssl$bits.ppc.rte 8.0.50.0" >"$work/$fileset.needs"
echo "$release" >"$work/$fileset.level"

fileset=tivoli.tsm.client.ba.${bits}bit.common
mkdir -p "$work/$fileset/$ba/EN_US"
[ "$sickness" = missing-file ] || echo "messages $release" >"$work/$fileset/$ba/EN_US/dsmclientV3.cat"
printf '* Sample Client System Options file, %s\n' "$release" >"$work/$fileset/$ba/dsm.sys.smp"
printf '* Sample Client User Options file, %s\n' "$release" >"$work/$fileset/$ba/dsm.opt.smp"
echo "tivoli.tsm.client.api.${bits}bit $release" >"$work/$fileset.needs"
echo "$release" >"$work/$fileset.level"

fileset=tivoli.tsm.client.ba.${bits}bit.base
mkdir -p "$work/$fileset/$ba" "$work/$fileset/usr/bin"
install -m 755 "$programs/standin_dsmc" "$work/$fileset/$ba/dsmc"
install -m 755 "$programs/standin_dsmcad" "$work/$fileset/$ba/dsmcad"
strip "$work/$fileset/$ba/dsmc" "$work/$fileset/$ba/dsmcad" 2>/dev/null || true
sed "s|^DSM_DIR=.*|DSM_DIR=/$ba|" "$here/rc.dsmcad" >"$work/$fileset/$ba/rc.dsmcad"
chmod 755 "$work/$fileset/$ba/rc.dsmcad"
printf 'release=%s\nsickness=%s\n' "$release" "$sickness" >"$work/$fileset/$ba/.standin"
ln -s "/$ba/dsmc" "$work/$fileset/usr/bin/dsmc"
ln -s "/$ba/dsmcad" "$work/$fileset/usr/bin/dsmcad"
echo "tivoli.tsm.client.ba.${bits}bit.common $release" >"$work/$fileset.needs"
echo "$release" >"$work/$fileset.level"
case $sickness in
pre-fails) echo 'echo "stand-in: the preparation fails" >&2; exit 1' >"$work/$fileset.pre_i" ;;
post-fails) echo 'echo "stand-in: the last script fails" >&2; exit 1' >"$work/$fileset.post_i" ;;
changes-options) echo "printf 'SErvername nowhere\n' >\"\$ROOT/$ba/dsm.opt\"" >"$work/$fileset.post_i" ;;
starts-service) echo '"$ROOT/usr/bin/startsrc" -s dsmsched; exit 0' >"$work/$fileset.post_i" ;;
drops-subsystem) echo '"$ROOT/usr/bin/rmssys" -s dsmsched; exit 0' >"$work/$fileset.post_i" ;;
esac

image GSKit8.gskcrypt$bits.ppc.rte GSKit8.gskcrypt$bits.ppc.rte
image GSKit8.gskssl$bits.ppc.rte GSKit8.gskssl$bits.ppc.rte
image tivoli.tsm.client.api.${bits}bit tivoli.tsm.client.api.${bits}bit
image tivoli.tsm.client.ba.${bits}bit tivoli.tsm.client.ba.${bits}bit.common tivoli.tsm.client.ba.${bits}bit.base
mkdir -p "$work/tools/usr/sbin"
ln -s "$(readlink -f "$programs/standin_aix")" "$work/tools/usr/sbin/inutoc"
mkdir -p "$work/tools/images"
cp "$out"/images/* "$work/tools/images/"
"$work/tools/usr/sbin/inutoc" /images
cp "$work/tools/images/.toc" "$out/images/.toc"
tar --format=ustar --sort=name --owner=0 --group=0 --mtime=@1700000000 -C "$out" -cf "$out/$release-TIV-TSMBAC-AIX.tar" images
