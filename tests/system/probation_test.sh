#!/bin/bash
# The days after an update, on a real machine: a client that passes its verification and then ends again and again, each
# time started by systemd, is returned to its old release where the settings say so; and the release does not come back.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "probation: $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "$(basename "$0"): the program is not there yet" && finish; fi
check "the packages can be built" packages_build || finish

inside() { machine_in loop "$@"; }
# A forking unit names no main process.
process() { inside pgrep -n -x dsmcad; }
another_process() { local now; now=$(process); [ -n "$now" ] && [ "$now" != "$seen" ]; }
look() { agent_looks loop; }

repository_make && repository_offer deb 8.1.25.0 way-back && repository_offer deb 8.1.27.0 dies-after-20s || { not_ok "a repository is made" && finish; }
machine_new loop deb && machine_boot loop && client_install loop deb 8.1.25.0 && agent_install loop deb || { not_ok "a machine is prepared" && finish; }
# An administrator's own drop-in: what ends is started again.
inside sh -c 'echo die_seconds=5 >>/etc/standin/switches; mkdir /etc/systemd/system/dsmcad.service.d
    printf "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=100ms\n" >/etc/systemd/system/dsmcad.service.d/local.conf
    systemctl daemon-reload; systemctl restart dsmcad.service'
agent_settings loop verify.watch=1s verify.after_failed_probation=go_back
inside systemctl restart autodeploy.service
server_schedule loop UPDATE "/usr/bin/autodeploy trigger"
check "a release that dies later passes its verification" agent_await loop 1
check "... updated" [ "$(agent_last loop outcome)" = updated ]
# Seen after the look: whoever differs from it then is new to the look, too.
look
seen=$(process)
for number in first second; do
    check "it ended and was started again" await another_process
    look
    seen=$(process)
    check "... the $number time, which is not yet held against it" [ "$(agent_count loop)" = 1 ]
done
check "it ended and was started again" await another_process
inside systemctl restart autodeploy.service
check "... the third time: it goes back" agent_await loop 2
check "... to the release from before" [ "$(client_judge loop deb 8.1.25.0 8.1.27.0)" = old ]
inside autodeploy history --json --count 1 >"$machines/report"
check "... told as a deployment of its own, asked for by the probation" grep -q '"requested_by": *"probation"' "$machines/report"
check "... with why in the report of the one that failed" eval 'inside autodeploy history --json | tr -d "\n" | grep -q "probation failed.*again and again.*going back to 8.1.25.0"'
check "the drop-in is the administrator's still" inside grep -q Restart=always /etc/systemd/system/dsmcad.service.d/local.conf
server_schedule loop AGAIN "/usr/bin/autodeploy trigger"
check "the next trigger is answered" await eval '[ "$(server_event loop AGAIN)" = Completed ]'
check "... with why that release is not taken" await eval 'inside autodeploy explain | grep -q "led back from 8.1.27.0"'
check "... and the old release stays" [ "$(client_judge loop deb 8.1.25.0 8.1.27.0)" = old ]
finish
