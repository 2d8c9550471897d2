#!/bin/bash
# Makes our own MSI of a program that was built for Windows, with autodeploy-rescue.exe beside it: build-msi.sh PROGRAM SETTINGS VERSION OUTPUT
# SETTINGS: the example of settings. With AUTODEPLOY_SIGN_CERTIFICATE and AUTODEPLOY_SIGN_KEY (files, PEM) program and
# package are signed, with a time stamp of AUTODEPLOY_SIGN_TIMESTAMP (an address) if that is given.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
[ $# = 4 ] || { sed -n '3,5s/^# //p' "$0" >&2; exit 2; }
program=$1 settings=$2 version=$3 output=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# signed FILE DESCRIPTION: in its place; nothing without a key.
signed() {
    [ -n "${AUTODEPLOY_SIGN_KEY:-}" ] || return 0
    osslsigncode sign -h sha256 -certs "${AUTODEPLOY_SIGN_CERTIFICATE:?names no certificate}" -key "$AUTODEPLOY_SIGN_KEY" -n autodeploy \
        ${AUTODEPLOY_SIGN_TIMESTAMP:+-ts "$AUTODEPLOY_SIGN_TIMESTAMP"} -in "$1" -out "$1.signed" >/dev/null && mv "$1.signed" "$1"
}
x86_64-w64-mingw32-strip -o "$work/autodeploy.exe" "$program"
x86_64-w64-mingw32-strip -o "$work/autodeploy-rescue.exe" "$(dirname "$program")/autodeploy-rescue.exe"
signed "$work/autodeploy.exe"
signed "$work/autodeploy-rescue.exe"
# wixl finds files only in the folder that it runs in.
cp "$settings" "$work/settings.example.yaml"
cp "$here/autodeploy.wxs" "$work/"
(cd "$work" && wixl -a x64 -D Version="$version" -o autodeploy.msi autodeploy.wxs)
signed "$work/autodeploy.msi"
mv "$work/autodeploy.msi" "$output"
