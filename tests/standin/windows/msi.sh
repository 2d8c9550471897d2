#!/bin/bash
# msi.sh FOLDER SERVICE.exe: the stand-in client as MSIs, NAME-RELEASE.msi in the folder: client and runtime of 8.1.25.0 and 8.1.27.0,
# both of 8.1.28.0, where the custom action of the client fails. Needs wixl and msitools.
set -euo pipefail
out=$1 service=$2
here=$(dirname "$(readlink -f "$0")")
# guid TEXT: the same for the same text
guid() { md5sum <<<"$1" | tr a-f A-F | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/{\1-\2-\3-\4-\5}/'; }
build() { # FILE NAME RELEASE [sick]: lines marked so are left out of those that are not
    local file=$1 name=$2 release=$3
    if [ "${4:-}" = sick ]; then cp "$here/client.wxs" "$out/client.wxs"; else sed '/<!-- sick -->/d' "$here/client.wxs" >"$out/client.wxs"; fi
    echo "$name $release" >"$out/readme-$file.txt"
    { cat "$service" && echo "$release"; } >"$out/dsmcsvc.exe"
    (cd "$out" && wixl -a x64 -o "$file-$release.msi" -D "name=$name" -D "version=$release" -D "product=$(guid "$name $release")" \
        -D "upgrade=$(guid "$name")" -D "component1=$(guid "$name service")" -D "component2=$(guid "$name notes")" \
        -D service=dsmcsvc.exe -D "notes=readme-$file.txt" -D "folder=Stand-in $file" -D "servicename=Stand-in $file" \
        -D "key=Standin$file" -D programs=ProgramFiles64Folder -D win64=yes client.wxs &&
        # wixl knows one place only for it, the last; the vendor's place is not known, and this is the usual one.
        msibuild "$file-$release.msi" -q "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'")
}
for release in 8.1.25.0 8.1.27.0; do
    build client "Stand-in Client" $release
    build runtime "Stand-in Runtime" $release
done
build runtime "Stand-in Runtime" 8.1.28.0
build client "Stand-in Client" 8.1.28.0 sick
