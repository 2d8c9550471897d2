# shellcheck shell=bash
# The client with such names as people give: services of the reference, options on another drive, in the code page of Western
# Windows and in UTF-8, in folders with blanks, letters beyond ANSI and over 260 characters. To be sourced after job.sh.

other_drive=$work/other-drive # E: of Windows
ansi_service='TSM-ALPHA-Backup-Scheduler' ansi_folder='Sicherung & für 5 €'
long_service='TSM Backup Agent(Started by Client Acceptor)'
long_folder="Планы & Ω/$(printf 'x%.0s' {1..140})/$(printf 'ü%.0s' {1..120})"
in_windows() { echo "E:\\${1//\//\\}"; }
# options_text FOLDER
options_text() {
    printf '%s\r\n' 'TCPServeraddress 127.0.0.1' 'PASSWORDAccess generate' 'NODename ALPHA' 'autodeploy noreboot' "TCPPort $(<"$work/server/port")" \
        "SCHEDLOGName \"$(in_windows "$1")\\dsmsched.log\""
}
# service_with_options NAME FOLDER
service_with_options() {
    in_wine reg add "$product_keys\\BackupClient\\Scheduler Service\\$1" /v clientOptFile /d "$(in_windows "$2")\\dsm.opt" /f >/dev/null &&
        in_wine sc create "$1" binPath= '"C:\Program Files\Tivoli\TSM\baclient\dsmcsvc.exe"' start= auto >/dev/null && in_wine net start "$1" &&
        awaited 10 grep -q "QUERY END" "$other_drive/$2/dsmsched.log"
}
names_client() {
    local msi
    msi=$(ls "$work"/TSMClient-8.1.25.0-none{-64,}/TSMClient/*.msi 2>/dev/null | head -1)
    rm -rf "$other_drive" "$drive/updates"
    mkdir -p "$other_drive/$ansi_folder" "$other_drive/$long_folder" && ln -sfn "$other_drive" "$WINEPREFIX/dosdevices/e:" &&
        cp -r "$work/site/published" "$drive/updates" && in_wine msiexec /i "Z:${msi//\//\\}" /qn && stored_password ALPHA || return
    options_text "$ansi_folder" | iconv -t WINDOWS-1252 >"$other_drive/$ansi_folder/dsm.opt"
    { printf '\xEF\xBB\xBF' && options_text "$long_folder"; } >"$other_drive/$long_folder/dsm.opt"
    service_with_options "$ansi_service" "$ansi_folder" && service_with_options "$long_service" "$long_folder"
}
no_names() {
    local name
    for name in "$ansi_service" "$long_service"; do
        in_wine net stop "$name" >/dev/null
        in_wine sc delete "$name" >/dev/null
    done
    no_job
    rm -rf "$other_drive" "$WINEPREFIX/dosdevices/e:"
}
names_snapshot() {
    (cd "$drive" && find "Program Files/Tivoli" "$other_drive" -type f ! -name dsmsched.log -print0 | sort -z | xargs -0 sha256sum)
    in_wine reg query 'HKLM\SOFTWARE\IBM' /s
    for name in "$ansi_service" "$long_service"; do
        in_wine reg query "HKLM\\SYSTEM\\CurrentControlSet\\Services\\$name" /s
        in_wine sc query "$name" | grep STATE
    done
}
names_as_before() { names_snapshot >"$work/names-after" && diff "$work/names-before" "$work/names-after"; }
# both_run RELEASE
both_run() {
    local folder said
    said=$(in_wine 'C:\Program Files\Tivoli\TSM\baclient\dsmc.exe' help)
    grep -qF "Level ${1#8.1.}" <<<"$said" || { echo "$said"; return 1; }
    for folder in "$ansi_folder" "$long_folder"; do
        : >"$other_drive/$folder/dsmsched.log" && awaited 10 grep -q "QUERY END" "$other_drive/$folder/dsmsched.log" || return
    done
}

names_tests() {
    no_autodeploy
    no_names
    check "a client has two services of the reference's names, with options on E: in other encodings" names_client || return
    check "our service is beside it" job_agent || return
    names_snapshot >"$work/names-before"
    check "none of these names stands in the way" says 0 "nothing on this machine blocks an update" check || return
    check "options in Windows-1252 are found on another drive" says 0 "$(in_windows "$ansi_folder")\\dsm.opt:2: passwordaccess generate" check
    check "and those below letters beyond ANSI, in a path of over 260 characters" says 0 "$(in_windows "$long_folder")\\dsm.opt:2: passwordaccess generate" check
    check "the client is updated" outcome 0 updated deploy --release 8.1.27.0
    check "both services run and reach their server" both_run 8.1.27.0
    check "rollback leads back" outcome 0 updated rollback
    check "both services run again" both_run 8.1.25.0
    check "all is as before: files, registry, services" names_as_before
    no_names
    no_autodeploy
}
