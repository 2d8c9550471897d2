#!/usr/bin/env bash
# The stand-in client and server work together, in a temporary folder: selftest.sh PROGRAMS
set -euo pipefail
programs=$1
work=$(mktemp -d)
server=
client=
cleanup() {
    for pid in $client $server; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT
await() { # what, then a command that must come true within 20 s
    local what=$1 i
    shift
    for ((i = 0; i < 200; i++)); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
    echo "stand-in: $what did not come about" >&2
    cat "$work"/*.log "$work"/server/*.log >&2
    exit 1
}

port=$((20000 + $$ % 20000))
mkdir -p "$work/server/schedules"
cat >"$work/dsm.sys" <<SYS
SERVERNAME first
  TCPSERVERADDRESS 127.0.0.1
  TCPPORT 1
SErvername second
  tcps 127.0.0.1
  TCPPort $port
  nodename NODE1
  schedlogn $work/dsmsched.log
  errorlogn $work/dsmerror.log
  passwordaccess generate
SYS
echo "SERVERNAME SECOND" >"$work/dsm.opt"
printf 'release=8.1.27.0\nsickness=none\n' >"$work/.standin"
printf 'node=NODE1\naction=command\nobjects=/bin/true\n' >"$work/server/schedules/GOOD"
printf 'node=NODE1\naction=command\nobjects=exit 12\n' >"$work/server/schedules/BAD"
"$programs/standin_server" --port "$port" --directory "$work/server" & server=$!
DSM_DIR=$work "$programs/standin_dsmc" help | grep -q 'Client Version 8, Release 1, Level 27.0'
DSM_DIR=$work "$programs/standin_dsmc" sched & client=$!
await "an event that completes" grep -q "GOOD NODE1 Completed 0" "$work/server/events.log"
await "an event that fails" grep -q "BAD NODE1 Failed 12" "$work/server/events.log"
grep -q -- "--- SCHEDULEREC QUERY END" "$work/dsmsched.log"
grep -q -- "--- SCHEDULEREC OBJECT BEGIN GOOD" "$work/dsmsched.log"
grep -q "^8.1.27.0 " "$work/server/nodes/NODE1"
echo "stand-in: client and server work together"
