#!/bin/bash
# package.sh FOLDER CLIENT.exe RELEASE [SICKNESS [BITS [FAMILY]]]: the client for Windows as the vendor ships it, a self-extracting
# program with a 7z archive: FOLDER/SICKNESS/RELEASE-TIV-TSMBAC-WinX64.exe, WinX32 where BITS is 32; prints its path. Nothing of the
# program's own part works. The MSI alone lies in FOLDER/TSMClient-RELEASE-SICKNESS-BITS. SICKNESS: none, dies-at-start, dies-soon,
# hangs-in-stop, never-reaches-server, wrong-version (of the programs), action-fails, asks-for-restart (of the MSI). FAMILY: MSIs of
# another one have another UpgradeCode. A mscoree.dll beside the client goes along (as_32_bit.cpp). Needs wixl, msitools and
# libarchive-tools.
set -euo pipefail
out=$1 client=$2 release=$3 sickness=${4:-none} bits=${5:-64} family=${6:-client}
here=$(dirname "$(readlink -f "$0")")
work=$out/TSMClient-$release-$sickness-$bits
# guid TEXT: the same for the same text
guid() { md5sum <<<"$1" | tr a-f A-F | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/{\1-\2-\3-\4-\5}/'; }
if [ "$bits" = 32 ]; then
    places=(-a x86 -D programs=ProgramFilesFolder -D common=CommonFilesFolder -D api=api -D apikey=Api -D win64=no) vendor=WinX32
else
    places=(-a x64 -D programs=ProgramFiles64Folder -D common=CommonFiles64Folder -D api=api64 -D apikey=Api64 -D win64=yes) vendor=WinX64
fi
file=$out/$sickness/$release-TIV-TSMBAC-$vendor.exe
mkdir -p "$out/$sickness" "$work/TSMClient"
kind=program library=$(dirname "$client")/mscoree.dll
if [ -e "$library" ]; then kind=look-alike && cp "$library" "$work/"; fi
# Lines marked so are for that one only.
sed -E "s/<!-- ($sickness|$kind) -->//; /<!-- (action-fails|asks-for-restart|look-alike) -->/d" "$here/baclient.wxs" >"$work/client.wxs"
for program in dsmc dsmcsvc; do
    { cat "$client" && printf '\nSTANDIN %s %s\n' "$release" "$sickness"; } >"$work/$program.exe"
done
# The runtime that a 64-bit one needs, where it was built beside the client.
if [ "$bits" = 64 ] && [ -e "${client%/*}/standin_prerequisite.exe" ]; then
    mkdir -p "$work/TSMClient/ISSetupPrerequisites/{1}"
    cp "${client%/*}/standin_prerequisite.exe" "$work/TSMClient/ISSetupPrerequisites/{1}/vc_redist.x64.exe"
fi
for text in dscenu.txt tsmapi.dll; do echo "$text of $release $sickness $bits" >"$work/$text"; done
(cd "$work" && wixl -o client.msi "${places[@]}" -D "release=$release" -D "product=$(guid "$release $sickness $bits")" \
    -D "upgrade=$(guid "$family")" -D "component1=$(guid "client $bits")" -D "component2=$(guid "api $bits")" client.wxs &&
    # As the other look-alike: early, which is the usual place.
    msibuild client.msi -q "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'" &&
    mv client.msi "TSMClient/IBM Storage Protect Client.msi" && bsdtar -cf client.7z --format=7zip --options compression-level=1 TSMClient)
# It begins as a program does and ends as an archive does.
{ head -c 4096 "$client" && cat "$work/client.7z"; } >"$file"
echo "$file"
