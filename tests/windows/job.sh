# shellcheck shell=bash
# The whole job under Wine: the stand-in client as an MSI with a real service, updated by our service from a signed repository; sick
# releases led back; rollback; our process killed in the middle. To be sourced after service.sh.

work=$project/build/windows-job
scheduler='TSM Client Scheduler'
product_keys='HKLM\SOFTWARE\IBM\ADSM\CurrentVersion'
runtime_key='HKLM\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64'
publish() { "$build/autodeploy-repository" "$@" --quiet --by tester --repository "$work/site" --keys "$work/site/keys" --passphrase-file "$work/passphrase"; }
offer() { # RELEASE SICKNESS [OPTION…]
    local file
    file=$(bash tests/standin/windows/package.sh "$work" "$folder/standin_client.exe" "$1" "$2") &&
        publish add "$file" --waive tester --reason "look-alikes are not signed" "${@:3}" || return
    [ $# != 2 ] || publish release "$1"
}
# RELEASE SICKNESS of what is offered beside 8.1.27.0
sick_releases="8.1.28.0 dies-at-start"
[ -n "${short:-}" ] || sick_releases="$sick_releases
8.1.29.0 dies-soon
8.1.30.0 action-fails
8.1.31.0 wrong-version"
repository() {
    rm -rf "$work" && mkdir -p "$work/site" && (umask 077 && echo "correct horse battery staple" >"$work/passphrase") &&
        publish init --platform windows-x64 && offer 8.1.25.0 none --way-back-only && offer 8.1.27.0 none || return
    while read -r release sickness; do offer "$release" "$sickness" || return; done <<<"$sick_releases"
    [ -n "${short:-}" ] || offer 8.1.32.0 asks-for-restart || return
    publish publish && rm -rf "$drive/updates" && cp -r "$work/site/published" "$drive/updates"
}
no_job() {
    in_wine net stop "$scheduler" >/dev/null
    in_wine sc delete "$scheduler" >/dev/null
    for msi in "$work"/TSMClient-*/TSMClient/*.msi; do
        [ ! -e "$msi" ] || [ ! -e "$drive/Program Files/Tivoli" ] || in_wine msiexec /x "Z:${msi//\//\\}" /qn >/dev/null
    done
    in_wine reg delete "$product_keys\\BackupClient" /f >/dev/null
    in_wine reg delete 'HKLM\SOFTWARE\Autodeploy' /f >/dev/null
    in_wine reg delete "$runtime_key" /f >/dev/null
    rm -rf "$drive/prerequisite.log" "$drive/Program Files/Tivoli" "$drive/ProgramData/Tivoli" "$drive/backup & more" "$drive/updates"
}
options="$drive/backup & more"
job_client() {
    local msi=$work/TSMClient-8.1.25.0-none-64/TSMClient/IBM\ Storage\ Protect\ Client.msi
    in_wine msiexec /i "Z:${msi//\//\\}" /qn && mkdir -p "$options" || return
    # As Notepad saves "Unicode": UTF-16 with its mark.
    printf '%s\r\n' 'TCPServeraddress 127.0.0.1' 'PASSWORDAccess generate' 'NODename ALPHA' 'autodeploy noreboot' \
        'SCHEDLOGName "C:\backup & more\dsmsched.log"' | iconv -t UTF-16 >"$options/dsm.opt"
    # A stored password: one record of 645 bytes, and what lies beside it.
    local store="$drive/ProgramData/Tivoli/TSM/baclient/Nodes/ALPHA/SERVER1"
    mkdir -p "$store" && { printf '\xEF\x05\x01SERVER1' && head -c 249 /dev/zero && printf ALPHA && head -c 381 /dev/zero; } >"$store/TSM.IDX" &&
        echo kdb >"$store/TSM.KDB" && echo sth >"$store/TSM.sth" || return
    in_wine reg add "$product_keys\\BackupClient\\Scheduler Service\\$scheduler" /v clientOptFile /d 'C:\backup & more\dsm.opt' /f >/dev/null &&
        in_wine sc create "$scheduler" binPath= '"C:\Program Files\Tivoli\TSM\baclient\dsmcsvc.exe"' start= auto >/dev/null && in_wine net start "$scheduler" &&
        awaited 10 grep -q "QUERY END" "$options/dsmsched.log"
}
job_agent() {
    mkdir -p "$drive/Program Files/Autodeploy" "$drive/ProgramData/Autodeploy" && cp "$folder/autodeploy.exe" "$drive/Program Files/Autodeploy/" &&
        cp "$work/site/published/metadata/1.root.json" "$drive/ProgramData/Autodeploy/root.json" || return
    cat >"$drive/ProgramData/Autodeploy/autodeploy.yaml" <<'YAML'
mode: armed
repository:
  mirrors: ['C:\updates']
wait:
  look_every: 1s
  event_settled: 2s
apply:
  stop_deadline: 20s
  start_deadline: 20s
verify:
  watch: 4s
  contact_deadline: 10s
retry:
  attempts: 1
YAML
    agent service install && agent service start
}

# The runtime that the releases need was installed once, silently, while the scheduler ran, and the report says that it stays.
runtime_installed() {
    grep -q '^/install /quiet /norestart /log beside the scheduler' <(tr -d '\r' <"$drive/prerequisite.log") &&
        [ "$(wc -l <"$drive/prerequisite.log")" = 1 ] && in_wine reg query "$runtime_key" /v Version | grep -qF v14.38.33130.00 &&
        agent history --json --count 1 | grep -qF "Redistributable (x64) v14.38.33130.00 was installed before the client was stopped (it was missing)" && return 0
    cat "$drive/prerequisite.log"
    agent history --count 1
    return 1
}
newer_runtime() { rm -f "$drive/prerequisite.log" && in_wine reg add "$runtime_key" /v Version /d v14.99.1.00 /f >/dev/null; }
newer_left_alone() { [ ! -e "$drive/prerequisite.log" ] && in_wine reg query "$runtime_key" /v Version | grep -qF v14.99.1.00; }

# What is there, told by Wine's own programs.
snapshot() {
    (cd "$drive" && find "Program Files/Tivoli" "backup & more/dsm.opt" -type f -print0 | sort -z | xargs -0 sha256sum)
    in_wine reg query 'HKLM\SOFTWARE\IBM' /s
    in_wine reg query "HKLM\\SYSTEM\\CurrentControlSet\\Services\\$scheduler" /s
    in_wine reg query 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall' /s | grep -A12 -i "DisplayName.*Storage Protect Client" | grep -E "DisplayName|DisplayVersion"
    in_wine sc query "$scheduler" | grep STATE
}
as_before() { snapshot >"$work/after" && diff "$work/before" "$work/after"; }
runs() { # RELEASE: the client is this one, and its scheduler asks its server
    local said
    said=$(in_wine 'C:\Program Files\Tivoli\TSM\baclient\dsmc.exe' help)
    grep -qF "Level ${1#8.1.}" <<<"$said" || { echo "$said"; return 1; }
    in_wine sc query "$scheduler" | grep -q RUNNING || { echo "$scheduler does not run"; return 1; }
    : >"$options/dsmsched.log" && awaited 10 grep -q "QUERY END" "$options/dsmsched.log"
}
# outcome CODE OUTCOME COMMAND…: how the command ends and what the history says of it afterwards.
outcome() {
    local code=$1 wanted=$2 output status
    shift 2
    output=$(agent "$@")
    status=$?
    [ $status = "$code" ] && agent history --json --count 1 | grep -q "\"outcome\": \"$wanted\"" && return 0
    echo "autodeploy $*: ended with $status instead of $code, or is no $wanted:"
    tail -30 <<<"$output"
    return 1
}

# An event of the server: the scheduler runs the command as its child.
trigger='"C:\Program Files\Autodeploy\autodeploy.exe" trigger'
# The newest that is offered is sick.
pinned() { echo "pin: 8.1.27.0" >>"$drive/ProgramData/Autodeploy/autodeploy.yaml" && agent service stop && agent service start; }
event() {
    rm -f "$options/event.done"
    echo "UPDATE $1" >"$options/event"
    awaited 30 test -s "$options/event.done" && [ "$(<"$options/event.done")" = 0 ]
}
last_outcome() { agent history --json --count 1 | grep -q "\"outcome\": \"$1\"" && agent status --exit-code; }

# In the foreground, since Wine's service manager never hears of a service that was killed.
foreground() {
    wine 'C:\Program Files\Autodeploy\autodeploy.exe' service run >>"$work/run.log" 2>&1 9>&- &
    ours=$!
}
journal_lines() { cat "$drive"/ProgramData/Autodeploy/state/attempts/*/journal 2>/dev/null | wc -l; }
# killed_at N [COMMAND…]: our process is killed as soon as its journal has N lines more than before; the command is good; started
# again, it finishes.
killed_at() {
    local lines=$1 before end=$((SECONDS + 60)) state
    shift
    foreground
    before=$(journal_lines)
    agent deploy --release 8.1.27.0 --no-wait >/dev/null
    until [ $(($(journal_lines) - before)) -ge "$lines" ]; do
        [ $SECONDS -lt $end ] || { echo "the journal has $(journal_lines) lines, before $before" && kill "$ours" && return 1; }
        sleep 0.05
    done
    kill -9 "$ours" && wait "$ours" 2>/dev/null
    [ $# = 0 ] || "$@" || return
    foreground
    state=1
    awaited 60 settled && if runs 8.1.27.0 >/dev/null; then state=0 && echo 8.1.27.0 >"$work/ended"; elif as_before; then state=0 && echo 8.1.25.0 >"$work/ended"; fi
    if [ $state = 0 ] && [ "$(<"$work/ended")" = 8.1.27.0 ]; then outcome 0 updated rollback && as_before || state=1; fi
    agent history --count 2
    kill "$ours" && wait "$ours" 2>/dev/null
    return $state
}
# Its program is gone, too, until the scheduler was started without it.
rescued_without_agent() {
    mv "$drive/Program Files/Autodeploy/autodeploy.exe" "$work/" && cp "$folder/autodeploy-rescue.exe" "$drive/Program Files/Autodeploy/" && rescued 0 &&
        mv "$work/autodeploy.exe" "$drive/Program Files/Autodeploy/"
}
settled() { agent status --exit-code --json >"$work/status"; [ $? != 21 ] || return 1; }

job_tests() {
    local release sickness n
    no_autodeploy
    no_client
    check "the publisher's tool builds ($preset)" build_preset "$preset" autodeploy-repository || return
    check "the vendor's packages are made, and a signed repository of them" repository || return
    check "the client is installed by its MSI, with a service" job_client || return
    check "our service is installed beside it" job_agent || return
    snapshot >"$work/before"
    check "nothing stands in the way" says 0 "nothing on this machine blocks an update" check || return
    check "the client was found by its MSI, the options by the service's parameters" says 0 "C:\\backup & more\\dsm.opt:2: passwordaccess generate" check
    check "the password is found in the folder of its server" says 0 "TSM.IDX has the node ALPHA for the server SERVER1" check
    check "a plan is made" says 0 "bring the packages by msi to: IBM Storage Protect Client 8.1.27.0" plan --release 8.1.27.0
    check "with a runtime that the release needs and is missing" says 0 "install what the release needs, while the client works: Microsoft Visual C++" plan --release 8.1.27.0
    check "and nothing was changed" as_before
    release=${sick_releases%% *}
    check "the runtime is installed before the stop, and stays though the release is sick" outcome 23 rolled_back deploy --release "$release"
    check "once, without a restart, while the scheduler runs" runtime_installed
    agent retry --release "$release" >/dev/null
    check "a newer runtime is there from now on" newer_runtime
    while read -r release sickness; do
        check "$sickness: rolled back, and told so" outcome 23 rolled_back deploy --release "$release"
        check "$sickness: everything is as it was" as_before
    done <<<"$sick_releases"
    # A trigger passes over a release that somebody went back from: it comes first.
    if [ -z "${short:-}" ]; then
        check "a package that asks for a restart without a need is no hindrance" outcome 0 updated deploy --release 8.1.32.0
        check "rollback leads back from it" outcome 0 updated rollback
    fi
    check "one release is pinned" pinned
    check "an event of the server starts the trigger, which is accepted" event "$trigger" || return
    check "and the client is updated, by a service that outlives its scheduler" awaited 120 last_outcome updated
    check "rollback leads back from this, too" outcome 0 updated rollback
    check "the client is updated" outcome 0 updated deploy --release 8.1.27.0
    check "it runs and reaches its server" runs 8.1.27.0
    check "a second update has nothing to do" outcome 0 nothing_to_do deploy --release 8.1.27.0
    check "rollback leads back" outcome 0 updated rollback
    check "to all that was before" as_before
    check "the newer runtime was left alone all the time" newer_left_alone
    agent service stop
    [ -z "${short:-}" ] || { no_job && no_autodeploy && return; }
    for n in 12; do
        check "killed at line $n of the journal: all old or all new, and it runs" killed_at "$n"
    done
    check "killed there and gone: the rescue program starts the scheduler, and the agent finishes when it is back" killed_at 12 rescued_without_agent
    no_job
    no_autodeploy
}
