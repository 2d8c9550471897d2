# shellcheck shell=bash
# The whole job under Wine: the stand-in client as an MSI with a real service, updated by our service from a signed repository; sick
# releases led back; rollback; our process killed in the middle. To be sourced after service.sh.

work=$project/build/windows-job
scheduler='TSM Client Scheduler'
product_keys='HKLM\SOFTWARE\IBM\ADSM\CurrentVersion'
runtime_key='HKLM\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64'
publish() { "$build/autodeploy-repository" "$@" --quiet --by tester --repository "$work/site" --keys "$work/site/keys" --passphrase-file "$work/passphrase"; }
add() { publish add "$1" --waive tester --reason "look-alikes are not signed" "${@:2}"; }
offer() { # RELEASE SICKNESS [OPTION…]
    local file
    file=$(bash tests/standin/windows/package.sh "$work" "$folder/standin_client.exe" "$1" "$2") && add "$file" "${@:3}" || return
    [ $# != 2 ] || publish release "$1"
}
# As agents see it from now on.
published() { publish publish && rm -rf "$drive/updates" && cp -r "$work/site/published" "$drive/updates"; }
# RELEASE SICKNESS of what is offered beside 8.1.27.0
sick_releases="8.1.28.0 dies-at-start"
[ -n "${short:-}" ] || sick_releases="$sick_releases
8.1.29.0 dies-soon
8.1.30.0 action-fails
8.1.31.0 wrong-version
8.1.33.0 never-reaches-server"
repository() {
    rm -rf "$work" && mkdir -p "$work/site" && (umask 077 && echo "correct horse battery staple" >"$work/passphrase") &&
        publish init --platform windows-x64 && offer 8.1.25.0 none --way-back-only && offer 8.1.27.0 none || return
    while read -r release sickness; do offer "$release" "$sickness" || return; done <<<"$sick_releases"
    [ -n "${short:-}" ] || { offer 8.1.32.0 asks-for-restart && offer 8.1.34.0 hangs-in-stop; } || return
    published
}
no_job() {
    in_wine net stop "$scheduler" >/dev/null
    in_wine sc delete "$scheduler" >/dev/null
    for msi in "$work"/TSMClient-*-64/TSMClient/*.msi; do
        [ ! -e "$msi" ] || [ ! -e "$drive/Program Files/Tivoli" ] || in_wine msiexec /x "Z:${msi//\//\\}" /qn >/dev/null
    done
    in_wine reg delete "$product_keys\\BackupClient" /f >/dev/null
    in_wine reg delete 'HKLM\SOFTWARE\Autodeploy' /f >/dev/null
    in_wine reg delete "$runtime_key" /f >/dev/null
    rm -rf "$drive/prerequisite.log" "$drive/Program Files/Tivoli" "$drive/ProgramData/Tivoli" "$drive/backup & more" "$drive/updates"
}
options="$drive/backup & more"
# stored_password NODE: one record of 645 bytes, and what lies beside it.
stored_password() {
    local store="$drive/ProgramData/Tivoli/TSM/baclient/Nodes/$1/SERVER1"
    mkdir -p "$store" && { printf '\xEF\x05\x01SERVER1' && head -c 249 /dev/zero && printf '%s' "$1" && head -c $((386 - ${#1})) /dev/zero; } >"$store/TSM.IDX" &&
        echo kdb >"$store/TSM.KDB" && echo sth >"$store/TSM.sth"
}
job_client() {
    local msi=$work/TSMClient-8.1.25.0-none-64/TSMClient/IBM\ Storage\ Protect\ Client.msi
    in_wine msiexec /i "Z:${msi//\//\\}" /qn && mkdir -p "$options" || return
    # As Notepad saves "Unicode": UTF-16 with its mark.
    printf '%s\r\n' 'TCPServeraddress 127.0.0.1' 'PASSWORDAccess generate' 'NODename ALPHA' 'autodeploy noreboot' "TCPPort $(<"$work/server/port")" \
        'SCHEDLOGName "C:\backup & more\dsmsched.log"' | iconv -t UTF-16 >"$options/dsm.opt"
    stored_password ALPHA && in_wine reg add "$product_keys\\BackupClient\\Scheduler Service\\$scheduler" /v clientOptFile /d 'C:\backup & more\dsm.opt' /f >/dev/null &&
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

# What is there, told by Wine's own programs: of the client of either word size, with these services. One line for each thing; what
# logs hold does not count.
schedulers=("$scheduler")
snapshot() {
    local service view
    (cd "$drive" && places=("Program Files"*/{Tivoli,"Common Files/Tivoli"} ProgramData/Tivoli "backup & more") &&
        find "${places[@]}" \( -type d -printf 'folder %p\n' \) -o -name 'dsmsched.log' -printf 'file %p\n' 2>/dev/null | sort &&
        find "${places[@]}" -type f ! -name dsmsched.log ! -name 'event*' -print0 2>/dev/null | sort -z | xargs -0 sha256sum | sed -E 's/^([0-9a-f]+)  (.*)/file \2 \1/')
    for view in 32 64; do
        {
            in_wine reg query 'HKLM\SOFTWARE\IBM' /s "/reg:$view"
            in_wine reg query 'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall' /s "/reg:$view" | grep -A12 -i "DisplayName.*Storage Protect Client" | grep -E "DisplayName|DisplayVersion"
        } | sed -nE "s/^(HKEY|  )/registry $view: \1/p"
    done
    for service in "${schedulers[@]}"; do
        in_wine reg query "HKLM\\SYSTEM\\CurrentControlSet\\Services\\$service" /s
        in_wine sc query "$service" | grep STATE
    done
}
# unpublished: of the lines that come in, those that tests/windows/may-differ.txt does not allow; good if there are none.
unpublished() {
    local line pattern reason found=0
    while IFS= read -r line; do
        while IFS='#' read -r pattern reason; do
            pattern=${pattern%"${pattern##*[! ]}"}
            # The pattern is meant as one.
            # shellcheck disable=SC2053
            if [ -n "$reason" ] && [[ $line == $pattern ]]; then continue 2; fi
        done <tests/windows/may-differ.txt
        echo "left: $line"
        found=1
    done
    return $found
}
# Nothing is lost or changed, and nothing new is there but what is published.
as_before() {
    snapshot >"$work/after"
    ! diff "$work/before" "$work/after" | grep '^<' && diff "$work/before" "$work/after" | sed -n 's/^> //p' | unpublished
}
runs() { # RELEASE: the client is this one, and its scheduler asks its server
    local said service
    said=$(in_wine 'C:\Program Files\Tivoli\TSM\baclient\dsmc.exe' help)
    grep -qF "Level ${1#8.1.}" <<<"$said" || { echo "$said"; return 1; }
    for service in "${schedulers[@]}"; do in_wine sc query "$service" | grep -q RUNNING || { echo "$service does not run"; return 1; }; done
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

# In the foreground, since Wine's service manager never hears of a service that was killed. foreground [COMMAND…]: under this one.
foreground() {
    local told="$drive/ProgramData/Autodeploy/run/status.json"
    rm -f "$told"
    "$@" wine 'C:\Program Files\Autodeploy\autodeploy.exe' service run >>"$work/run.log" 2>&1 9>&- &
    ours=$!
    awaited 30 test -e "$told" # else whoever asks for a deployment starts the service as well
}
# not_in_foreground: it is asked to end, as far as Wine can.
not_in_foreground() { kill "$ours" && wait "$ours" 2>/dev/null; }
# counted_update: an update that nothing disturbs, and the numbers of its calls that write into the journal.
counted_update() {
    foreground "$build/break_off" --log "$work/calls" --from /attempts/ --only /journal
    outcome 0 updated deploy --release 8.1.27.0
    local state=$?
    not_in_foreground
    grep '/journal$' "$work/calls" | grep -nE '\bp?write(64)?\b' | cut -d: -f1 >"$work/writes"
    return $state
}
led_back() {
    foreground
    outcome 0 updated rollback && as_before
    local state=$?
    not_in_foreground
    return $state
}
# killed kill|kill-after CALL [COMMAND…]: our process is killed before, or after, this call on its journal in an update; the command
# is good; started again, it finishes: all is new or all is old, and an update leads to the new. The client is led back then.
is_new="runs 8.1.27.0"
killed() {
    local how=$1 call=$2 end=$((SECONDS + 120)) state=1
    shift 2
    foreground "$build/break_off" --log "$work/calls" --from /attempts/ --only /journal "--$how" "$call"
    agent deploy --release 8.1.27.0 --no-wait >/dev/null
    while kill -0 "$ours" 2>/dev/null; do
        [ $SECONDS -lt $end ] || { echo "was not killed:" && cat "$work/calls" && not_in_foreground && return 1; }
        sleep 0.1
    done
    wait "$ours" 2>/dev/null
    [ $# = 0 ] || "$@" || return
    foreground
    if awaited 90 settled; then
        if $is_new >/dev/null; then state=0
        elif as_before; then outcome 0 updated deploy --release 8.1.27.0 && $is_new && state=0; fi
    fi
    [ $state != 0 ] || { outcome 0 updated rollback && as_before; } || state=1
    agent history --count 2
    not_in_foreground
    return $state
}
# kills LABEL: at each of the points that were counted, both ways; in the middle only, where it has to be short. kills LABEL NUMBER: there.
kills() {
    local call how points number=0 ways="kill kill-after"
    mapfile -t points <"$work/writes"
    check "$1: the journal's writes were counted" [ "${#points[@]}" -ge 10 ] || return
    local only=${2:-}
    [ -z "${short:-}" ] || { only=$((${#points[@]} / 2)) && ways=kill; }
    for call in "${points[@]}"; do
        number=$((number + 1))
        [ -z "$only" ] || [ $number = "$only" ] || continue
        for how in $ways; do
            check "$1, $how of write $number of ${#points[@]} into the journal: entirely new in the end" killed $how "$call"
        done
    done
}
# Its program is gone, too, until the scheduler was started without it.
rescued_without_agent() {
    mv "$drive/Program Files/Autodeploy/autodeploy.exe" "$work/" && cp "$folder/autodeploy-rescue.exe" "$drive/Program Files/Autodeploy/" && rescued 0 &&
        mv "$work/autodeploy.exe" "$drive/Program Files/Autodeploy/"
}
settled() { agent status --exit-code --json >"$work/status"; [ $? != 21 ] || return 1; }

# What the client's options name: one that answers, so that a scheduler which gets no answer is to blame itself.
server() {
    mkdir -p "$work/server" && rm -f "$work/server/port"
    setpriv --pdeathsig TERM "$build/standin/standin_server" --directory "$work/server" --port 0 >"$work/server.log" 2>&1 9>&- &
    awaited 10 test -s "$work/server/port"
}
# The same repository on a web server; $url is its address.
web_server() {
    mkdir -p "$work/web" && ln -sfn "$drive/updates" "$work/web/www" || return
    # It ends with its input.
    mkfifo "$work/web/input" && exec 8<>"$work/web/input" || return
    setpriv --pdeathsig TERM "$build/hostile_server" "$work/web" >"$work/web/url" 2>/dev/null <&8 9>&- &
    awaited 10 test -s "$work/web/url" && url=$(head -1 "$work/web/url")
}
# plans_over_http: our program brings metadata and package from there.
plans_over_http() {
    local yaml="$drive/ProgramData/Autodeploy"
    sed "s|mirrors: .*|mirrors: ['$url']|" "$yaml/autodeploy.yaml" >"$yaml/web.yaml" &&
        says 0 "bring the packages by msi to: IBM Storage Protect Client 8.1.27.0" plan --release 8.1.27.0 --settings 'C:\ProgramData\Autodeploy\web.yaml'
}
job_repository() {
    check "the publisher's tool builds ($preset)" build_preset "$preset" autodeploy-repository break_off standin_server hostile_server &&
        check "the vendor's packages are made, and a signed repository of them" repository || return
    server || { not_ok "a backup server answers" && return 1; }
    web_server || { not_ok "a web server answers" && return 1; }
}
job_tests() {
    local release sickness
    check "the client is installed by its MSI, with a service" job_client || return
    check "our service is installed beside it" job_agent || return
    snapshot >"$work/before"
    check "nothing stands in the way" says 0 "nothing on this machine blocks an update" check || return
    check "the client was found by its MSI, the options by the service's parameters" says 0 "C:\\backup & more\\dsm.opt:2: passwordaccess generate" check
    check "the password is found in the folder of its server" says 0 "TSM.IDX has the node ALPHA for the server SERVER1" check
    check "a plan is made" says 0 "bring the packages by msi to: IBM Storage Protect Client 8.1.27.0" plan --release 8.1.27.0
    check "and from a web server as well" plans_over_http
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
        check "hangs-in-stop: only its own next stop would hang" outcome 0 updated deploy --release 8.1.34.0
        check "hangs-in-stop: rollback ends it" outcome 0 updated rollback
        check "hangs-in-stop: everything is as it was" as_before
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
    # Shorter: bits.sh kills it.
    [ -z "${short:-}" ] || { no_job && no_autodeploy && return; }
    check "an update whose journal is watched" counted_update
    check "is led back" led_back
    kills "64 to 64 bit" 12
    check "killed there and gone: the rescue program starts the scheduler, and the agent finishes when it is back" \
        killed kill-after "$(sed -n 12p "$work/writes")" rescued_without_agent
    no_job
    no_autodeploy
}
