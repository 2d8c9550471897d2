#!/bin/bash
# What the agent does between the first stop and the return of the last start, seen by strace: it stops, has the native tool
# work, reads back what came of it, starts; beside that it only writes its own records. Anything else fails.
#   downtime_trace_test.sh [deb|rpm]
kind=${1:-deb}
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in packages scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "trace ($kind): $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "trace ($kind): the program is not there yet" && finish; fi
check "trace ($kind): the packages can be built" packages_build || finish

prepare() {
    machine_new traced "$kind" && machine_boot traced && client_install traced "$kind" 8.1.25.0 || return 1
    repository_make && repository_offer "$kind" 8.1.25.0 way-back && repository_offer "$kind" 8.1.27.0 || return 1
    agent_install traced "$kind" && agent_settings traced verify.watch=1s && machine_in traced systemctl restart autodeploy.service
}
check "trace ($kind): a machine" prepare || finish

# One file for each thread and process, so that no call is torn in two; -y names the directories that calls are relative to.
process=$(machine_in traced systemctl show -P MainPID autodeploy.service)
machine_in traced mkdir /root/trace
machine_in traced strace -q -ff -y -ttt -s 500 -o /root/trace/of -p "$process" \
    -e trace=execve,open,openat,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,exit_group >"$machines/strace.txt" 2>&1 &
tracer=$!
attached() { machine_in traced grep -q '^TracerPid:[[:space:]]*[1-9]' "/proc/$process/status"; }
for ((try = 0; try < 300; try++)); do attached && break || sleep 0.05; done
if ! attached; then
    skip "trace ($kind): strace cannot look at a process here: $(head -1 "$machines/strace.txt")"
    finish
fi
said=$(machine_in traced autodeploy deploy --quiet 2>&1) || not_ok "trace ($kind): the update: $said"
machine_in traced pkill -x strace
wait $tracer
for file in "$(machine_root traced)"/root/trace/of.*; do sed "s/^/${file##*.} /" "$file"; done | sort -s -k2,2n >"$machines/trace"

# Prints "run …", "wrote …" and "read …" for what happened in the window, and its length first.
window() {
    awk '
        function program(line) { match(line, /\[.*\]/); line = substr(line, RSTART + 1, RLENGTH - 2); gsub(/", "/, " ", line); gsub(/"/, "", line); return line }
        # The directory of "(5</var/lib>, "name"" and the name; a name of its own where it is absolute.
        function path(line,    directory, name) {
            directory = line; name = line
            sub(/^[^(]*\(/, "", directory)
            if (directory ~ /^[A-Z0-9_]*</) { sub(/^[^<]*</, "", directory); sub(/>.*/, "", directory) } else directory = ""
            match(name, /"[^"]*"/); name = substr(name, RSTART + 1, RLENGTH - 2)
            return name ~ /^\// ? name : directory "/" name
        }
        / execve\(.* = 0$/ && /"stop", "--", "dsmcad.service"/ && !begun { begun = $2 }
        !begun || ended { next }
        / execve\(.* = 0$/ { print "run " program($0); if (/"start", "--", "dsmcad.service"/) last = $1 }
        / (open|openat|creat)\(/ && !/ENOENT|ENOTDIR/ {
            if (/O_WRONLY|O_RDWR|O_CREAT|creat\(/) print "wrote " path($0)
            else if (path($0) ~ /^\/var\/lib\/autodeploy\/(staging|keep|downloads|trust)\//) print "read " path($0)
        }
        / (rename|renameat|renameat2|unlink|unlinkat|mkdir|mkdirat)\(.* = 0$/ { print "wrote " path($0) }
        / exit_group\(/ && $1 == last { ended = $2 }
        END { printf "length %.0f\n", ended ? (ended - begun) * 1000 : -1 }' "$machines/trace"
}
window >"$machines/window"
length=$(sed -n 's/^length //p' "$machines/window")
if [ "${length:--1}" -le 0 ]; then
    not_ok "trace ($kind): the stop and the start of the service are seen"
    grep -c . "$machines/trace" | sed 's/^/    lines: /'
    finish
fi

if [ "$kind" = deb ]; then tool=/usr/bin/dpkg asks='/usr/bin/dpkg-query .*--show .*'; else tool=/usr/bin/rpm asks='/usr/bin/rpm .*--query .*'; fi
unit="autodeploy-[0-9TZ-]*-(dpkg|rpm)(-[0-9])?\.service"
records=/var/lib/autodeploy
# One pattern a line, for the whole line. The locks of the tools are opened to see whether they are free, and a
# query of rpm opens the log of its database.
cat >"$machines/allowed" <<ALLOWED
run /usr/bin/systemctl (stop|start) -- dsmcad\.service
run /usr/bin/systemctl show .*
run /usr/bin/systemd-run .* --unit=$unit .* $tool( .*)?
run /usr/bin/systemctl (stop|reset-failed) -- $unit
run $asks
wrote $records/attempts/[^/]*/journal
wrote $records/attempts/[^/]*/captures/.*
wrote $records/attempts/[^/]*/evidence/(\.?(dpkg|rpm)\.unfinished(\.autodeploy-new)?)
wrote /run/autodeploy/detached(/.*)?
wrote /var/lib/(dpkg/lock|dpkg/lock-frontend|rpm/\.rpm\.lock|rpm/rpmdb\.sqlite-(wal|shm))
wrote /run/autodeploy/\.?(may-start-dsmcad\.service|status\.json)(\.autodeploy-new)?
wrote $records/requests/\.lock
wrote /dev/null
ALLOWED

echo "    between the first stop and the return of the last start, under strace $length ms:"
sed -nE "s/autodeploy-[0-9TZ]{16}-[0-9]{4}/ID/g; s/[0-9]{8}T[0-9]{6}Z-[0-9]{4}/ID/g; /^(run|wrote|read) /p" "$machines/window" | cut -c1-150 |
    sed 's/\.\([^/ ]*\)\.autodeploy-new$/\1/' | awk '!count[$0]++ { order[++n] = $0 } END { for (i = 1; i <= n; i++) printf "    %3d x %s\n", count[order[i]], order[i] }'
# Where the rest of the stop and of the tool's start happens is the service manager's matter.
others=$(grep -E '^(run|wrote|read) ' "$machines/window" | grep -vxE -f "$machines/allowed")
if [ -z "$others" ]; then
    ok "trace ($kind): between first stop and last start nothing but stop, native tool, reading back, start, and its own records"
else
    not_ok "trace ($kind): between first stop and last start there is something else"
    sort <<<"$others" | uniq -c | cut -c1-200 | sed 's/^/    /'
fi
reloads=$(grep -c '^run .*daemon-reload' "$machines/window")
[ "$reloads" = 0 ] || not_ok "trace ($kind): systemd reads all its units again while the scheduler is down, $reloads times"
finish
