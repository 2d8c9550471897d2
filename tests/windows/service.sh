# shellcheck shell=bash
# The agent as a real service of Wine, beside a client that is only a folder, a service and an options file. To be sourced.

drive=$WINEPREFIX/drive_c
client_folder="$drive/Program Files/Tivoli/TSM/baclient"
in_wine() { timeout --kill-after=10 300 wine "$@" 9>&- 2>/dev/null | tr -d '\r'; return "${PIPESTATUS[0]}"; }
agent() { in_wine 'C:\Program Files\Autodeploy\autodeploy.exe' "$@"; }
# says EXIT_CODE TEXT ARGUMENT…: the command ends so, and the text is in what it prints.
says() {
    local code=$1 text=$2 output status
    shift 2
    output=$(agent "$@")
    status=$?
    [ $status = "$code" ] && grep -qF -- "$text" <<<"$output" && return 0
    echo "autodeploy $*: ended with $status instead of $code, or without \"$text\":"
    echo "$output"
    return 1
}
# awaited SECONDS COMMAND…
awaited() {
    local end=$((SECONDS + $1)) output
    shift
    until output=$("$@"); do
        [ $SECONDS -lt $end ] || { echo "$output"; return 1; }
        sleep 1
    done
}
no_autodeploy() {
    in_wine net stop autodeploy >/dev/null
    [ ! -e "$drive/Program Files/Autodeploy/autodeploy.exe" ] || agent service uninstall >/dev/null
    rm -rf "$drive/Program Files/Autodeploy" "$drive/ProgramData/Autodeploy"
}
client() {
    mkdir -p "$client_folder" && cp "$folder/standin_service.exe" "$client_folder/dsmcsvc.exe" &&
        cp "$folder/settings_reference.exe" "$client_folder/dsmc.exe" &&
        printf '%s\r\n' 'TCPServeraddress 127.0.0.1' 'PASSWORDAccess generate' 'NODename ALPHA' 'autodeploy noreboot' >"$client_folder/dsm.opt" || return
    in_wine sc create "TSM Client Scheduler" binPath= '"C:\Program Files\Tivoli\TSM\baclient\dsmcsvc.exe"' >/dev/null
    in_wine net start "TSM Client Scheduler"
}
no_client() {
    in_wine net stop "TSM Client Scheduler" >/dev/null
    in_wine sc delete "TSM Client Scheduler" >/dev/null
    rm -rf "$drive/Program Files/Tivoli"
}
# accepted: the request's name is left in a file, since checks run in shells of their own.
request_file=$project/build/windows-request
accepted() {
    local said
    said=$(agent trigger) || { echo "trigger ended with $?: $said"; return 1; }
    echo "${said#accepted: }" >"$request_file"
}
ended() { says 0 "\"id\": \"$(<"$request_file")\"" history --json; }
told_of() { says 22 "$(<"$request_file")" status --exit-code --json; }
spool_is_empty() { [ -z "$(ls "$drive/ProgramData/Autodeploy/state/requests" | grep -v refused)" ]; }

# Wine ends all services when the last other program has ended: one that waits for words which never come.
coproc lasting { wine cmd >/dev/null 2>&1 9>&-; }

service_tests() {
    no_autodeploy
    no_client
    mkdir -p "$drive/Program Files/Autodeploy" && cp "$folder/autodeploy.exe" "$drive/Program Files/Autodeploy/"
    check "a client's service runs under Wine" client || return
    check "a service that is not there is told" says 1 "autodeploy: not installed" service status || return
    check "our service is installed" says 0 "" service install || return
    check "it starts with Windows" says 1 "autodeploy: stopped, starts at boot" service status
    check "settings are there, for a start" test -s "$drive/ProgramData/Autodeploy/autodeploy.yaml"
    check "it starts" says 0 "" service start || return
    check "it runs" says 0 "autodeploy: running, starts at boot" service status
    check "a trigger is accepted" accepted || return
    check "the service takes it to its end" awaited 60 ended
    check "and out of the spool" awaited 20 spool_is_empty
    check "the status tells of it" told_of
    check "what stands in the way is told" says 22 "TSM Client Scheduler" check --offline
    check "what that means is explained" says 0 "" explain
    check "it stops" says 0 "" service stop
    check "it is stopped" says 1 "autodeploy: stopped" service status
    check "a trigger starts it again" accepted
    check "it runs again" says 0 "autodeploy: running" service status
    check "it is removed while it runs" says 0 "" service uninstall
    check "it is gone" says 1 "autodeploy: not installed" service status
    check "the settings stay" test -s "$drive/ProgramData/Autodeploy/autodeploy.yaml"
}
