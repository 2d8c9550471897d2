#!/bin/bash
# package.sh FOLDER CLIENT.exe RELEASE [SICKNESS]: the client for Windows as the vendor ships it, a self-extracting program with a
# 7z archive: FOLDER/RELEASE-TIV-TSMBAC-WinX64.exe; prints its path. Nothing of the program's own part works. The MSI alone lies in
# FOLDER/TSMClient-RELEASE-SICKNESS. SICKNESS: none, dies-at-start, dies-soon, hangs-in-stop, never-reaches-server, wrong-version (of
# the programs), action-fails, asks-for-restart (of the MSI). Needs wixl, msitools and libarchive-tools.
set -euo pipefail
out=$1 client=$2 release=$3 sickness=${4:-none}
here=$(dirname "$(readlink -f "$0")")
work=$out/TSMClient-$release-$sickness
file=$out/$sickness/$release-TIV-TSMBAC-WinX64.exe
mkdir -p "$out/$sickness" "$work/TSMClient"
product=$(md5sum <<<"$release $sickness" | tr a-f A-F | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/{\1-\2-\3-\4-\5}/')
# Lines marked with a sickness are for that one only.
sed -E "s/<!-- $sickness -->//; /<!-- (action-fails|asks-for-restart) -->/d" "$here/baclient.wxs" >"$work/client.wxs"
for program in dsmc dsmcsvc; do
    { cat "$client" && printf '\nSTANDIN %s %s\n' "$release" "$sickness"; } >"$work/$program.exe"
done
echo "texts of $release $sickness" >"$work/dscenu.txt"
(cd "$work" && wixl -a x64 -o client.msi -D "release=$release" -D "product=$product" client.wxs &&
    # As the other look-alike: early, which is the usual place.
    msibuild client.msi -q "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'" &&
    mv client.msi "TSMClient/IBM Storage Protect Client.msi" && bsdtar -cf client.7z --format=7zip TSMClient)
# It begins as a program does and ends as an archive does.
{ head -c 4096 "$client" && cat "$work/client.7z"; } >"$file"
echo "$file"
