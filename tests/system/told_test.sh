#!/bin/bash
# What people and programs are told on a real machine: fields of the journal, explain, answers of --json, and the days
# after an update in which the new client is watched.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "what is told: $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "$(basename "$0"): the program is not there yet" && finish; fi
check "the packages can be built" packages_build || finish

inside() { machine_in told "$@"; }
ended=7b5724523a643d6e3001f7c01071bd5b # MESSAGE_ID of deployment-ended: agent/README.md
journal() { inside journalctl --no-pager -o json "$@"; }
journal_has() { journal "MESSAGE_ID=$1" | tail -1 | grep -q "\"$2\":\"$3\""; }
look() { agent_looks told; }

repository_make && repository_offer deb 8.1.25.0 way-back && repository_offer deb 8.1.27.0 || { not_ok "a repository is made" && finish; }
machine_new told deb && machine_boot told && client_install told deb 8.1.25.0 && agent_install told deb || { not_ok "a machine is prepared" && finish; }

inside autodeploy explain >"$machines/explained"
check "explain: at most ten lines on a machine that could be updated" [ "$(wc -l <"$machines/explained")" -le 10 ]
check "... with both releases" eval 'grep -q 8.1.25.0 "$machines/explained" && grep -q 8.1.27.0 "$machines/explained"'
inside sh -c 'sed -i "s/^ *PASSWORDAccess .*/   PASSWORDAccess prompt/" '"$client_directory/dsm.sys"
inside autodeploy explain >"$machines/explained"
check "explain: says why not, with file and line" grep -q "dsm.sys:[0-9]*" "$machines/explained"
check "... in ten lines" [ "$(wc -l <"$machines/explained")" -le 10 ]
check "... and its id has a page" inside autodeploy explain client-option-passwordaccess
inside sh -c 'sed -i "s/^ *PASSWORDAccess .*/   PASSWORDAccess generate/" '"$client_directory/dsm.sys"

server_schedule told UPDATE "/usr/bin/autodeploy trigger"
check "the update comes to an end" agent_await told 1
check "... updated" [ "$(agent_last told outcome)" = updated ]
check "journal: the end has its id and outcome" journal_has $ended AUTODEPLOY_OUTCOME updated
check "... from and to" eval 'journal_has $ended AUTODEPLOY_FROM 8.1.25.0 && journal_has $ended AUTODEPLOY_TO 8.1.27.0'
id=$(journal MESSAGE_ID=$ended | tail -1 | grep -o '"AUTODEPLOY_DEPLOYMENT":"[^"]*"' | cut -d'"' -f4)
check "... and which deployment, as the history names it" eval '[ -n "$id" ] && inside autodeploy history "$id"'
check "... as information" journal_has $ended PRIORITY 6
for answer in "status" "history" "inventory" "settings" "check" "explain" "version" "service status" "cancel" "retry"; do
    check "$answer --json answers with an object of format 1" eval "inside autodeploy $answer --json | tr -d '\n' | grep -q '^{.*\"format\": *1.*}\$'"
done
check "the schema of the answers is installed" inside test -s /usr/share/autodeploy/answers.schema.json

check "the new client is on probation" eval 'inside autodeploy status | grep -q "probation of 8.1.27.0"'
inside systemctl stop dsmcad.service
check "a look without the scheduler is noted" look
check "... and not yet held against it" [ "$(agent_last told outcome)" = updated ]
look
check "the second one is" await eval '[ "$(agent_last told cause)" = probation_failed ]'
check "... and needs attention" [ "$(agent_last told outcome)" = needs_attention ]
inside autodeploy status --exit-code >/dev/null
check "... also for the server: 25" [ $? = 25 ]
check "... and in the journal, as an error" journal_has fc8da5be8886b9973f86f48cee77c30d PRIORITY 3
inside systemctl start dsmcad.service
inside autodeploy rollback >/dev/null
check "the way back was held: rollback leads to 8.1.25.0" [ "$(client_judge told deb 8.1.25.0 8.1.27.0)" = old ]
finish
