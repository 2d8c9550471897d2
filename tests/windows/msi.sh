# shellcheck shell=bash
# Our own package: installed, updated and removed without a question. To be sourced after service.sh.

# msi VERSION: builds it once.
msi() { [ -e "$folder/autodeploy-$1.msi" ] || bash packaging/windows/build-msi.sh "$folder/autodeploy.exe" "$folder/settings.example.yaml" "$1" "$folder/autodeploy-$1.msi"; }
# msiexec_does OPTION FILE
msiexec_does() { in_wine msiexec "$1" "Z:${2//\//\\}" /qn /l*v 'C:\autodeploy-msi.log' || { echo "msiexec $1 ended with $?"; tail -c 2000 "$drive/autodeploy-msi.log"; return 1; }; }

msi_tests() {
    no_autodeploy
    rm -f "$folder"/autodeploy-*.msi
    in_wine "$folder/settings_reference.exe" yaml >"$folder/settings.example.yaml"
    check "our package is made" eval 'msi 1.0.0 && msi 1.0.1' || return
    check "it is for 64 bits" grep -q 'x64;1033' <(msiinfo suminfo "$folder/autodeploy-1.0.0.msi")
    check "it is installed" msiexec_does /i "$folder/autodeploy-1.0.0.msi" || return
    check "its service runs" awaited 30 says 0 "autodeploy: running, starts at boot" service status
    check "the service that watches over its work runs, too" awaited 30 eval 'in_wine sc query autodeploy-rescue | grep -q RUNNING'
    echo 'mode: observe' >"$drive/ProgramData/Autodeploy/autodeploy.yaml"
    in_wine sc config autodeploy start= demand >/dev/null
    check "a newer one takes its place" msiexec_does /i "$folder/autodeploy-1.0.1.msi" || return
    check "its service runs, too" awaited 30 says 0 "autodeploy: running" service status
    check "and the one that watches over it" awaited 30 eval 'in_wine sc query autodeploy-rescue | grep -q RUNNING'
    check "the settings are as the administrator left them" grep -qx 'mode: observe' "$drive/ProgramData/Autodeploy/autodeploy.yaml"
    check "it is removed" msiexec_does /x "$folder/autodeploy-1.0.1.msi" || return
    check "its program is gone" test ! -e "$drive/Program Files/Autodeploy/autodeploy.exe"
    check "its service is gone" eval '! in_wine sc query autodeploy >/dev/null'
    check "and the one that watched over it" eval '! in_wine sc query autodeploy-rescue >/dev/null && [ ! -e "$drive/Program Files/Autodeploy/autodeploy-rescue.exe" ]'
    check "the settings stay" grep -qx 'mode: observe' "$drive/ProgramData/Autodeploy/autodeploy.yaml"
}
