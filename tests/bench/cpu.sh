#!/bin/bash
# Processor time of verifying and unpacking one package: the agent's own staging (the whole file hashed while it
# is unpacked, all of it on the disk) against sha256sum or openssl and bsdtar, and against swupdate.
#   cpu.sh [PAIRS [MEGABYTES]]
pairs=${1:-9} megabytes=${2:-200}
. "$(dirname "$(readlink -f "$0")")/../system/machine.sh"
. "$project/tests/bench/median.sh"
if [ $machine_mode = none ]; then skip "cpu: $machine_why" && finish; fi
for tool in bsdtar openssl zstd; do command -v $tool >/dev/null || { skip "cpu: no $tool here" && finish; }; done
work=$machines/cpu # in memory: the disk is not what is measured
mkdir -m 700 "$work" "$work/set"
cd "$work" || exit 1
TIMEFORMAT='%U %S'

# Files as in a vendor's set. A part of the bytes can be packed to three quarters, the rest not at all.
noise() { head -c "$2" /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(sha256sum <<<"$1" | cut -c1-32)" -iv 0 2>/dev/null; }
make_set() {
    local half=$((megabytes * 1048576 / 2)) file
    noise ba $((half * 6 / 5)) >set/TIVsm-BA.rpm
    noise api $((half * 3 / 5)) | base64 -w 0 >set/TIVsm-API64.rpm
    for file in gskcrypt64 gskssl64; do noise $file 4000000 >set/$file.rpm; done
    (cd set && tar --owner=0 --group=0 -cf ../package.tar -- *.rpm)
    zstd -q package.tar -o package.tar.zst && gzip -1 -k package.tar
}

# cpu COMMAND…: milliseconds of user and system time of all its processes.
cpu() {
    local figures
    figures=$({ time "$@" >"$work/out.log" 2>&1 || echo failed >"$work/failed"; } 2>&1) || return 1
    [ ! -e "$work/failed" ] || { cat "$work/out.log" >&2 && return 1; }
    awk '{ printf "%d", ($1 + $2) * 1000 }' <<<"$figures"
}
# Whoever was timed must have unpacked all of it.
unpacked() { [ "$(find "$work/into" -name '*.rpm' -size +3M | wc -l)" = 4 ]; }
clear_away() { rm -rf "$work/into" && mkdir -m 700 "$work/into"; }
ours() { "$build/stage_package" stage "$work/$1" "$work/$1.json" "$work/into/staged"; }
by_sha256sum() { sha256sum "$work/$1" && bsdtar -x -f "$work/$1" -C "$work/into"; }
by_openssl() { openssl dgst -sha256 "$work/$1" && bsdtar -x -f "$work/$1" -C "$work/into"; }

# compare NAME BOUND FILE OTHER: their runs in turn.
compare() {
    local pair mine theirs
    : >"$work/pairs"
    for ((pair = 0; pair <= pairs; pair++)); do
        clear_away && mine=$(cpu ours "$3") && unpacked && clear_away && theirs=$(cpu "$4" "$3") && unpacked || { not_ok "$1: a run failed" && return; }
        # The first one only warms up.
        [ $pair = 0 ] || echo "$mine $theirs" >>"$work/pairs"
    done
    judge_ratio "$1" "$2" "ms of processor time" "$work/pairs"
}

check "cpu: a package of $megabytes MB in three kinds" make_set || finish
for file in package.tar package.tar.gz package.tar.zst; do
    "$build/stage_package" describe "$work/$file" >"$file.json" || { not_ok "cpu: $file can be described" && continue; }
    compare "cpu $file against sha256sum and bsdtar" 0.75 $file by_sha256sum
    compare "cpu $file against openssl and bsdtar" 1.25 $file by_openssl
done

# swupdate takes an archive of its own form: the same tar as its payload, handed to its archive handler, which unpacks with
# the same library, with the hash that its description demands. It needs a cpio around it, made before the clock runs.
if ! command -v swupdate >/dev/null || ! command -v cpio >/dev/null; then
    skip "cpu against swupdate: no swupdate or no cpio here"
    finish
fi
by_swupdate() { swupdate -l 1 -H bench:1.0 -k "$work/swupdate.pem" -i "$work/$1.swu"; }
make_swu() { # FILE
    [ -e swupdate.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout swupdate.key -out swupdate.pem -subj /CN=bench \
        -addext keyUsage=digitalSignature -addext extendedKeyUsage=emailProtection 2>/dev/null || return 1
    cat >sw-description <<SWU
software = { version = "1"; hardware-compatibility: [ "1.0" ];
  files: ( { filename = "$1"; path = "$work/into"; type = "archive"; sha256 = "$(sha256sum "$1" | cut -d' ' -f1)"; installed-directly = true; } ); }
SWU
    openssl cms -sign -in sw-description -out sw-description.sig -signer swupdate.pem -inkey swupdate.key -outform DER \
        -nosmimecap -binary || return 1
    printf '%s\n' sw-description sw-description.sig "$1" | cpio -o -H crc --quiet >"$1.swu"
}
for file in package.tar package.tar.zst; do
    check "cpu: $file for swupdate" make_swu $file || continue
    compare "cpu $file against swupdate" 0.9 $file by_swupdate
done
finish
