# shellcheck shell=bash
# A 32-bit client becomes a 64-bit one under Wine: its MSI, two services, what the administrator has in its folder, a stored password;
# forward, back, led back from sick releases, our process killed. To be sourced after job.sh.

old_folder="$drive/Program Files (x86)/Tivoli/TSM/baclient"
old_program='C:\Program Files (x86)\Tivoli\TSM\baclient' new_program='C:\Program Files\Tivoli\TSM\baclient'
second='TSM SQL Client Scheduler'
service_keys="$product_keys\\BackupClient\\Scheduler Service"
old_msi() { echo "Z:${work//\//\\}\\TSMClient-8.1.25.0-none-32\\TSMClient\\IBM Storage Protect Client.msi"; }

# The way back to it is published; both families of MSIs have one UpgradeCode, or each its own.
old_package() {
    local file
    bash tests/standin/windows/client_32.sh "$work/client_32" &&
        file=$(bash tests/standin/windows/package.sh "$work" "$work/client_32/client.exe" 8.1.25.0 none 32 "$1") &&
        add "$file" --way-back-only --replace && published
}
no_job_32() {
    in_wine net stop "$second" >/dev/null
    in_wine sc delete "$second" >/dev/null
    [ ! -e "$old_folder" ] || in_wine msiexec /x "$(old_msi)" /qn >/dev/null
    # With the key above them, empty as it may be: the agent takes away empty ones of the family.
    in_wine reg delete "${product_keys%\\CurrentVersion}" /reg:32 /f >/dev/null
    in_wine reg delete "${product_keys%\\CurrentVersion}" /reg:64 /f >/dev/null
    rm -rf "$drive/Program Files (x86)/Tivoli" "$drive/Program Files (x86)/Common Files/Tivoli" "$drive/Program Files/Common Files/Tivoli"
    no_job
}
set_value() { in_wine reg add "$service_keys\\$1" /v "$2" /t "$3" /d "$4" /f /reg:32 >/dev/null; }
old_client() {
    in_wine msiexec /i "$(old_msi)" /qn && mkdir -p "$options" || return
    printf '%s\r\n' 'TCPServeraddress 127.0.0.1' 'PASSWORDAccess generate' 'NODename ALPHA' 'autodeploy noreboot' "TCPPort $(<"$work/server/port")" \
        "INCLEXCL \"$old_program\\named-incl-excl.txt\"" >"$old_folder/dsm.opt"
    echo 'EXCLUDE "C:\temp\*"' | tee "$old_folder/incl-excl.txt" >"$old_folder/named-incl-excl.txt"
    for file in dsmcert.kdb dsmcert.sth dsmcert.idx; do echo "$file" >"$old_folder/$file"; done
    # As Notepad saves "Unicode": UTF-16 with its mark.
    printf '%s\r\n' 'TCPServeraddress 127.0.0.1' 'PASSWORDAccess generate' 'NODename BETA' 'autodeploy noreboot' "TCPPort $(<"$work/server/port")" \
        'SCHEDLOGName "C:\backup & more\dsmsched.log"' | iconv -t UTF-16 >"$options/sql.opt"
    stored_password ALPHA && stored_password BETA || return
    set_value "$scheduler" clientOptFile REG_SZ "$old_program\\dsm.opt" && set_value "$scheduler" clientDirectory REG_EXPAND_SZ "$old_program" &&
        set_value "$scheduler" eventLogging REG_DWORD 1 && set_value "$second" clientOptFile REG_SZ 'C:\backup & more\sql.opt' &&
        in_wine reg add "$product_keys\\Nodes\\ALPHA\\SERVER1" /v Password /t REG_BINARY /d 00ff10 /f /reg:32 >/dev/null || return
    for service in "$scheduler" "$second"; do
        in_wine sc create "$service" binPath= "\"$old_program\\dsmcsvc.exe\"" start= auto >/dev/null && in_wine net start "$service" || return
    done
    awaited 10 grep -q "QUERY END" "$old_folder/dsmsched.log" && awaited 10 grep -q "QUERY END" "$options/dsmsched.log"
}

# machine_of FILE: what its header says it runs on.
machine_of() {
    local at
    at=$(od -An -tu4 -j60 -N4 "$1") && od -An -tx2 -j$((at + 4)) -N2 "$1" | tr -d ' '
}
installed_32() {
    [ "$(machine_of "$old_folder/dsmc.exe")" = 014c ] && [ -e "$drive/Program Files (x86)/Common Files/Tivoli/TSM/api/tsmapi.dll" ] && [ ! -e "$client_folder" ] &&
        in_wine reg query "$product_keys\\BackupClient" /v Path /reg:32 | grep -F "$old_program" && ! in_wine reg query "$product_keys" /reg:64
}
# settings_in VIEW: of services and nodes, types and values, with the new folder in place of the old one.
settings_in() {
    in_wine reg query "$service_keys" /s "/reg:$1" | sed "s/Program Files (x86)/Program Files/"
    in_wine reg query "$product_keys\\Nodes" /s "/reg:$1"
}
kept() { (cd "$1" && sha256sum dsm.opt incl-excl.txt dsmcert.kdb dsmcert.sth dsmcert.idx); }
is_moved() {
    local service
    [ "$(machine_of "$client_folder/dsmc.exe")" = 8664 ] || { echo "dsmc.exe is for $(machine_of "$client_folder/dsmc.exe")"; return 1; }
    for service in "$scheduler" "$second"; do
        in_wine reg query "HKLM\\SYSTEM\\CurrentControlSet\\Services\\$service" /v ImagePath | grep -F "\"$new_program\\dsmcsvc.exe\"" || return
        in_wine sc query "$service" | grep RUNNING || return
    done
    diff "$work/settings" <(settings_in 64) && diff "$work/kept" <(kept "$client_folder") && awaited 10 grep -q "QUERY END" "$client_folder/dsmsched.log" && runs 8.1.27.0
}
# Of the old client, but for what is published.
is_gone() { snapshot | grep -E '^(file|folder) Program Files \(x86\)|^registry 32:' | unpublished; }
is_moved_whole() { is_moved && is_gone; }
# job_of_32 FAMILY
job_of_32() {
    local release sickness name="32 to 64 bit, UpgradeCode of the $1"
    check "$name: the client's package is published as a way back" old_package "$1" || return
    check "$name: its MSI puts it into the places of 32 bits" eval 'in_wine msiexec /i "$(old_msi)" /qn && installed_32' || return
    check "$name: removed, nothing of it is left" eval 'in_wine msiexec /x "$(old_msi)" /qn && is_gone' || return
    check "$name: it is installed with two services" old_client || return
    check "$name: our service is installed beside it" job_agent || return
    snapshot >"$work/before"
    settings_in 32 >"$work/settings"
    kept "$old_folder" >"$work/kept"
    check "$name: nothing stands in the way" says 0 "nothing on this machine blocks an update" check
    check "$name: a plan names what is removed first" says 0 \
        "8.1.27.0; removed first, since others take their place: IBM Storage Protect Client.Intel" plan --release 8.1.27.0
    check "$name: and nothing was changed" as_before
    agent service stop
    check "$name: updated" counted_update || return
    check "$name: all is where a 64-bit client has it" is_moved
    check "$name: nothing is left of the old one but what is published" is_gone
    check "$name: rollback leads back to all that was before" led_back || return
    while read -r release sickness; do
        check "$name, $sickness: rolled back to all that was before" led_back_from "$release"
    done <<<"$sick_releases"
    # The sweep is long enough with one of the families.
    if [ "$1" = client ]; then kills "$name"; fi
    [ -n "${short:-}" ] || check "$name, hangs-in-stop: rollback ends it, and all is as before" back_from_hanging
}
led_back_from() {
    foreground
    outcome 23 rolled_back deploy --release "$1" && as_before
    local state=$?
    not_in_foreground
    return $state
}
back_from_hanging() {
    foreground
    outcome 0 updated deploy --release 8.1.34.0 && outcome 0 updated rollback && as_before
    local state=$?
    not_in_foreground
    return $state
}

job_32_tests() {
    local family families="client"
    [ -n "${short:-}" ] || families="client other"
    no_job_32
    schedulers=("$scheduler" "$second") is_new=is_moved_whole
    for family in $families; do
        job_of_32 "$family"
        no_autodeploy
        no_job_32
    done
    schedulers=("$scheduler") is_new="runs 8.1.27.0"
}
