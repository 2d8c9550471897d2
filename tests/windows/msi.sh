# shellcheck shell=bash
# Our own package: signed, installed, updated and removed without a question. To be sourced after service.sh.

# msi VERSION [OPTION…]: builds it once; the environment says who signs it.
msi() { [ -e "$folder/autodeploy-$1.msi" ] || bash packaging/windows/build-msi.sh "$folder/autodeploy.exe" "$folder/settings.example.yaml" "$1" "$folder/autodeploy-$1.msi"; }
# msiexec_does OPTION FILE
msiexec_does() { in_wine msiexec "$1" "Z:${2//\//\\}" /qn /l*v 'C:\autodeploy-msi.log' || { echo "msiexec $1 ended with $?"; tail -c 2000 "$drive/autodeploy-msi.log"; return 1; }; }

signer=$project/build/windows-signer
# A key for this run only, in no store.
new_signer() {
    rm -rf "$signer" && mkdir -p "$signer" && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=tests of autodeploy" \
        -addext extendedKeyUsage=codeSigning -keyout "$signer/key.pem" -out "$signer/certificate.pem"
}
signed_msi() { AUTODEPLOY_SIGN_KEY=$signer/key.pem AUTODEPLOY_SIGN_CERTIFICATE=$signer/certificate.pem msi "$1"; }
is_signed() { osslsigncode verify -CAfile "$signer/certificate.pem" -in "$1"; }
# one_byte_changed FILE COPY: the same but for a byte in its middle.
one_byte_changed() {
    local place byte
    place=$(($(stat -c %s "$1") / 2))
    byte=$(od -An -tu1 -j $place -N 1 "$1")
    cp "$1" "$2" && printf "\\$(printf %o $((byte ^ 1)))" | dd of="$2" bs=1 seek=$place conv=notrunc
}
signing_tests() {
    local file packed=$signer/packed
    check "a key is made for this run" new_signer || return
    check "a package is made and signed with it" signed_msi 1.0.1 || return
    mkdir -p "$packed" && msiextract -C "$packed" "$folder/autodeploy-1.0.1.msi" >/dev/null
    find "$packed" -name 'autodeploy*.exe' -exec mv -t "$signer" {} +
    check "both programs are in it" test -s "$signer/autodeploy.exe" -a -s "$signer/autodeploy-rescue.exe" || return
    for file in "$folder/autodeploy-1.0.1.msi" "$signer"/autodeploy*.exe; do
        check "${file##*/} is signed" is_signed "$file"
        check "and no longer with one byte changed" eval 'one_byte_changed "$file" "$signer/changed" && ! is_signed "$signer/changed"'
    done
    check "what was made without a key is not signed" eval '! is_signed "$folder/autodeploy-1.0.0.msi"'
}

source_of_events='HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\autodeploy'
# event_source: its texts are read from our own program, and all three kinds are its.
event_source() { in_wine reg query "$source_of_events" | grep -qiE 'EventMessageFile +REG_EXPAND_SZ +C:\\Program Files\\Autodeploy\\autodeploy.exe' && in_wine reg query "$source_of_events" /v TypesSupported | grep -q 0x7; }
# Wine shows the rights as a Unix has them, administrators as the group.
is_private() { [[ $(stat -c %a "$drive/ProgramData/Autodeploy") == ?[057]0 ]]; }

msi_tests() {
    no_autodeploy
    rm -f "$folder"/autodeploy-*.msi
    in_wine "$folder/settings_reference.exe" yaml >"$folder/settings.example.yaml"
    check "our package is made" msi 1.0.0 || return
    signing_tests
    check "it is for 64 bits" grep -q 'x64;1033' <(msiinfo suminfo "$folder/autodeploy-1.0.0.msi")
    check "it is installed" msiexec_does /i "$folder/autodeploy-1.0.0.msi" || return
    check "its service runs" awaited 30 says 0 "autodeploy: running, starts at boot" service status
    check "the service that watches over its work runs, too" awaited 30 eval 'in_wine sc query autodeploy-rescue | grep -q RUNNING'
    check "the event log finds its texts in the program" event_source
    check "its folder is for administrators only" is_private
    echo 'mode: observe' >"$drive/ProgramData/Autodeploy/autodeploy.yaml"
    check "a newer one, which is signed, takes its place" msiexec_does /i "$folder/autodeploy-1.0.1.msi" || return
    check "the program is the newer one" is_signed "$drive/Program Files/Autodeploy/autodeploy.exe"
    check "its service runs, too" awaited 30 says 0 "autodeploy: running" service status
    check "and the one that watches over it" awaited 30 eval 'in_wine sc query autodeploy-rescue | grep -q RUNNING'
    check "the settings are as the administrator left them" grep -qx 'mode: observe' "$drive/ProgramData/Autodeploy/autodeploy.yaml"
    check "the event log still does" event_source
    check "an older one is refused, and changes nothing" eval '! msiexec_does /i "$folder/autodeploy-1.0.0.msi" && is_signed "$drive/Program Files/Autodeploy/autodeploy.exe" && says 0 "autodeploy: running" service status'
    check "it is removed" msiexec_does /x "$folder/autodeploy-1.0.1.msi" || return
    check "its program is gone" test ! -e "$drive/Program Files/Autodeploy/autodeploy.exe"
    check "its service is gone" eval '! in_wine sc query autodeploy >/dev/null'
    check "and the one that watched over it" eval '! in_wine sc query autodeploy-rescue >/dev/null && [ ! -e "$drive/Program Files/Autodeploy/autodeploy-rescue.exe" ]'
    check "and the source of its events" eval '! in_wine reg query "$source_of_events" >/dev/null'
    check "the settings stay" grep -qx 'mode: observe' "$drive/ProgramData/Autodeploy/autodeploy.yaml"
}
