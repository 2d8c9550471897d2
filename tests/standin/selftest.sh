#!/usr/bin/env bash
# The stand-in client, server and packages do what README.md says of them, in a temporary folder and without systemd:
#   selftest.sh PROGRAMS
set -uo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
. "$here/../lib.sh"
programs=$(readlink -f "${1:?usage: selftest.sh PROGRAMS}")
work=$(mktemp -d)
started=()
cleanup() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null; done
    # Acceptors are daemons; theirs are the programs of this folder.
    for pid in $(own_processes); do kill "$pid" 2>/dev/null; done
    rm -rf "$work"
}
own_processes() {
    local process
    for process in /proc/[0-9]*; do
        case $(readlink "$process/exe" 2>/dev/null) in "$work"/*) echo "${process#/proc/}" ;; esac
    done
}
trap cleanup EXIT
await() { # a command that must come true within 20 s
    local i
    for ((i = 0; i < 200; i++)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
    echo "did not come about: $*"
    return 1
}
never() { ! "$@"; }

server=$work/server
"$programs/standin_server" --port 0 --directory "$server" 2>"$work/server.err" & started+=($!)
await test -s "$server/port" || { cat "$work/server.err"; not_ok "stand-in: the server starts"; finish; }
port=$(cat "$server/port")

# client NAME [LINE…]: a folder with options of its own; further lines go into the stanza.
client() {
    local dir=$work/$1
    mkdir -p "$dir"
    {
        printf 'SERVERNAME first\n  TCPSERVERADDRESS 127.0.0.1\n  TCPPORT 1\n* a comment\n'
        printf 'SErvername second\n  tcps 127.0.0.1\n  TCPPort %s   * and another\n  nodename %s\n' "$port" "$1"
        printf '  passworda generate\n  passworddir %s\n  manageds schedule\n' "$dir/adsm"
        local line
        for line in "${@:2}"; do printf '  %s\n' "$line"; done
    } >"$dir/dsm.sys"
    echo "SERVERNAME SECOND" >"$dir/dsm.opt"
    printf 'poll_seconds=1\nrelease=8.1.27.0\n' >"$dir/switches"
    # A copy of its own, so that its processes can be told from others.
    cp "$programs/standin_dsmc" "$dir/dsmc" && cp "$programs/standin_dsmcad" "$dir/dsmcad"
}
as() { # NAME COMMAND…
    DSM_DIR=$work/$1 STANDIN_SWITCHES=$work/$1/switches "${@:2}"
}
dsmc() { as "$1" "$work/$1/dsmc" "${@:2}"; }
schedule() { printf 'node=%s\naction=%s\nobjects=%s\n' "$2" "$3" "$4" >"$server/schedules/.$1" && mv "$server/schedules/.$1" "$server/schedules/$1"; }
scheduler() {
    DSM_DIR=$work/$1 STANDIN_SWITCHES=$work/$1/switches "$work/$1/dsmc" sched >"$work/$1/out" 2>&1 & last=$!
    started+=("$last")
}
event() { grep -qE "^[0-9]+ $1 $2 $3( |\$)" "$server/events.log"; }
events_of() { grep -E " $1 $2 " "$server/events.log" | cut -d' ' -f4,5 | tr '\n' ' '; }

# The programs.
client NODE1
check "stand-in: the banner has the vendor's shape" bash -c 'grep -qE "^  Client Version 8, Release 1, Level 27.0 *$"' < <(dsmc NODE1 help)
options=$(dsmc NODE1 query options)
check "stand-in: the stanza that dsm.opt names is in force, abbreviated words and comments understood" \
    grep -qE "^ *TCPPORT: $port\$" <<<"$options"
session=$(dsmc NODE1 query session)
check "stand-in: a session shows the server's level" grep -q "Server Version 8, Release 1, Level 27.0" <<<"$session"
index_holds() { [ "$(stat -c %s "$work/NODE1/adsm/TSM.IDX")" = 645 ] && grep -qa SECOND "$work/NODE1/adsm/TSM.IDX" && [ "$(head -c 2 "$work/NODE1/adsm/TSM.IDX" | od -An -tx1 | tr -d ' ')" = ef05 ]; }
check "stand-in: the first contact stores a password, with an index of one record" index_holds
client BAD1 'passwordaccess "generate"'
client BAD2 'nosuchoption yes'
client BAD3; echo "SErvername somewhere-else" >"$work/BAD3/dsm.opt"
client BAD4; sed -i 's/passworda generate/passworda prompt/' "$work/BAD4/dsm.sys"
refused() { ! as "$1" "$work/$1/dsmcad" && grep -q "$2" "$work/$1/dsmerror.log"; }
check "stand-in: a word in quotes ends the acceptor at once" refused BAD1 ANS1036S
check "stand-in: so does an option that does not exist" refused BAD2 ANS1036S
check "stand-in: so does a server that dsm.sys does not have" refused BAD3 ANS1217E
check "stand-in: so does a password that would be asked for" refused BAD4 ANS2050E

# Events.
schedule GOOD NODE1 command "echo \$PPID >$work/parent; cat /proc/\$PPID/comm >$work/parent-name"
schedule BAD NODE1 command 'exit 12'
scheduler NODE1
check "stand-in: a command that ends with 0 is a completed event" await event GOOD NODE1 "Completed 0"
check "stand-in: a command that ends with 12 is a failed event" await event BAD NODE1 "Failed 12"
check "stand-in: an event is pending, started, then over" test "$(events_of GOOD NODE1)" = "Pending - Started - Completed 0 " -o "$(events_of GOOD NODE1)" = "Started - Completed 0 "
check "stand-in: the command is a child of the scheduler" grep -qx dsmc "$work/parent-name"
log=$work/NODE1/dsmsched.log
order() { # all of them, one after the other
    awk -v wanted="$(printf '%s\n' "${@:2}")" 'BEGIN { n = split(wanted, want, "\n"); i = 1 } i <= n && index($0, want[i]) { i++ } END { exit i <= n }' "$1"
}
check "stand-in: the log has the steps of an event in their order" order "$log" "SCHEDULEREC QUERY BEGIN" "SCHEDULEREC QUERY END" "Schedule Name:         GOOD" \
    "Executing scheduled command now." "SCHEDULEREC OBJECT BEGIN GOOD" "Executing Operating System command or script: echo" "Finished command.  Return code is: 0" \
    "SCHEDULEREC OBJECT END GOOD" "Scheduled event 'GOOD' completed successfully." "Sending results for" "Results sent to server for scheduled event 'GOOD'." "SCHEDULEREC QUERY BEGIN"
check "stand-in: lines begin with the date as it is written in English" grep -qE '^[0-9]{2}/[0-9]{2}/[0-9]{4} [0-9:]{8} --- SCHEDULEREC' "$log"
check "stand-in: the server keeps the node's level and the time of its contact" grep -qE '^8\.1\.27\.0 [0-9]+ 127\.0\.0\.1 ' "$server/nodes/NODE1"
schedule LONG NODE1 command 'sleep 5'
check "stand-in: an event is in progress while its command runs" await event LONG NODE1 Started
kill "$last"
check "stand-in: an event whose scheduler is killed is severed" await event LONG NODE1 Severed
printf 'node=NODE9\naction=command\nobjects=true\nstart=1700000000\nduration=60\n' >"$server/schedules/LATE"
check "stand-in: an event that nobody takes up within its window is missed" await event LATE NODE9 Missed

client NODE2 'schedcmddisabled yes' 'schedcmdexception "/bin/echo allowed"'
schedule FORBIDDEN NODE2 command '/bin/echo  allowed'
schedule ALLOWED NODE2 command '/bin/echo allowed'
mkdir -p "$server/archive/fixes/sub"
echo one >"$server/archive/fixes/one.tar" && echo two >"$server/archive/fixes/sub/two.tar"
schedule FETCH NODE2 retrieve "\"/fixes/*\" $work/NODE2/got/ -subdir=yes -replace=all"
schedule BACKUP NODE2 incremental 1
scheduler NODE2
check "stand-in: SCHEDCMDDISABLED refuses a command" await event FORBIDDEN NODE2 "Failed 12"
check "stand-in: SCHEDCMDEXCEPTION allows exactly its own" await event ALLOWED NODE2 "Completed 0"
check "stand-in: a scheduled backup completes" await event BACKUP NODE2 "Completed 0"
check "stand-in: a scheduled retrieve completes" await event FETCH NODE2 "Completed 0"
check "stand-in: retrieved files keep the last folder of their path" test -s "$work/NODE2/got/fixes/one.tar" -a -s "$work/NODE2/got/fixes/sub/two.tar"
check "stand-in: a person retrieves one file, without its folder" dsmc NODE2 retrieve /fixes/one.tar "$work/NODE2/flat/" -preservepath=none
check "stand-in: the file of the archive has arrived" cmp "$server/archive/fixes/one.tar" "$work/NODE2/flat/one.tar"
kept() { dsmc NODE2 retrieve /fixes/one.tar "$work/NODE2/flat/" -preservepath=none >/dev/null; [ $? = 4 ]; }
check "stand-in: a file that is there is replaced only if that is said" kept

# The log in other shapes.
client NODE3 'dateformat 3'
printf 'language=ja\ntorn=yes\ntorn_milliseconds=20\nrotate_at=begin\n' >>"$work/NODE3/switches"
schedule LOCAL NODE3 command 'exit 12'
scheduler NODE3
check "stand-in: an event with a log in another language" await event LOCAL NODE3 "Failed 12"
check "stand-in: markers, numbers and the chosen date stay as they are" await grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} ANS1512E .*LOCAL.* 12\.' "$work/NODE3/dsmsched.log"
check "stand-in: a log that is turned over goes on in a new file" grep -q "OBJECT BEGIN LOCAL" "$work/NODE3/dsmsched.log.1"
check "stand-in: the rest of the event is in the new one" await order "$work/NODE3/dsmsched.log" "OBJECT END LOCAL" "QUERY BEGIN"
client NODE4
printf 'log_max_bytes=1500\nlanguage=de\nencoding=latin1\n' >>"$work/NODE4/switches"
schedule ROUND NODE4 command true
scheduler NODE4
check "stand-in: a log of fixed size wraps" await bash -c '[ "$(grep -c "Zeitplan" -a "$0")" -gt 1 ] && grep -qa "^END OF DATA" "$0" && head -1 "$0" | grep -q LOGHEADERREC && [ "$(stat -c %s "$0")" -le 1520 ]' "$work/NODE4/dsmsched.log"

# The acceptor.
client NODE5
schedule CAD NODE5 command true
printf 'node=NODE5\naction=command\nobjects=true\nstart=+3\n' >"$server/schedules/SOON"
check "stand-in: the acceptor becomes a daemon" as NODE5 "$work/NODE5/dsmcad" "-optfile=$work/NODE5/dsm.opt"
check "stand-in: it starts a scheduler for what is due" await event CAD NODE5 "Completed 0"
check "stand-in: and for what comes due later" await event SOON NODE5 "Completed 0"
in_folder() { # how many processes of that program run
    local process count=0
    for process in /proc/[0-9]*; do [ "$(readlink "$process/exe" 2>/dev/null)" != "$1" ] || count=$((count + 1)); done
    [ $count = "$2" ]
}
check "stand-in: between events there is no scheduler process" await in_folder "$work/NODE5/dsmc" 0
check "stand-in: the acceptor stays" in_folder "$work/NODE5/dsmcad" 1
for pid in $(own_processes); do case $(readlink "/proc/$pid/exe") in */NODE5/dsmcad) kill "$pid" ;; esac; done
check "stand-in: it ends when it is told to" await in_folder "$work/NODE5/dsmcad" 0
client NODE8
echo 'scheduler=permanent' >>"$work/NODE8/switches"
as NODE8 "$work/NODE8/dsmcad"
check "stand-in: a switch keeps the scheduler there" await in_folder "$work/NODE8/dsmc" 1
pid_of() { local process; for process in /proc/[0-9]*; do [ "$(readlink "$process/exe" 2>/dev/null)" != "$1" ] || echo "${process#/proc/}"; done; }
eight=$(pid_of "$work/NODE8/dsmc")
schedule STAYS NODE8 command true
check "stand-in: ... where it does its work" await event STAYS NODE8 "Completed 0"
check "stand-in: ... and is the same one" test "$(pid_of "$work/NODE8/dsmc")" = "$eight"
client NODE6 'schedmode prompted' 'tcpclientport 0'
printf 'poll_seconds=600\nrelease=8.1.27.0\n' >"$work/NODE6/switches"
as NODE6 "$work/NODE6/dsmcad"
await grep -qE '[1-9]$' "$server/nodes/NODE6"
schedule CALLED NODE6 command true
check "stand-in: a prompted client is contacted by the server" await event CALLED NODE6 "Completed 0"

# The server does what it is told to do wrong.
client NODE7
for wrong in "refuse=NODE7:ANS1353E" "busy=yes:ANS1301E" "down=yes:ANS1017E" "cut=query:ANS1017E"; do
    before=$(grep -c "${wrong#*:}" "$work/NODE7/dsmsched.log" 2>/dev/null)
    echo "${wrong%:*}" >"$server/behaviour"
    if [ -z "${seven:-}" ]; then scheduler NODE7; seven=$last; fi
    check "stand-in: a server with ${wrong%:*} is told of in the log (${wrong#*:})" \
        await bash -c '[ "$(grep -c "$1" "$2")" -gt "$3" ]' _ "${wrong#*:}" "$work/NODE7/dsmsched.log" "${before:-0}"
done
check "stand-in: such a server is not reached" never grep -q "QUERY END" "$work/NODE7/dsmsched.log"
echo 'expire_password=NODE7' >"$server/behaviour"
check "stand-in: a password that expires is changed" await grep -q "NODE7 changed" "$server/passwords.log"
cp "$work/NODE7/adsm/TSM.KDB" "$work/NODE7/kept"
touch "$server/behaviour"
check "stand-in: and again" await bash -c '[ "$(grep -c "NODE7 changed" "$0")" = 2 ]' "$server/passwords.log"
kill "$seven"
cp "$work/NODE7/kept" "$work/NODE7/adsm/TSM.KDB"
echo 'check_passwords=yes' >"$server/behaviour"
check "stand-in: an older password that is put back is refused" grep -q ANS1025E <<<"$(dsmc NODE7 query session)"
rm "$server/behaviour"
finish
