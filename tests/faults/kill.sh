#!/bin/bash
# kill -9 at the n-th call by which the agent, or rpm or dpkg themselves, change anything.
#   kill.sh deb|rpm agent|tool|twice [COUNT]     COUNT points spread evenly; without it every one
kind=$1 victim=$2 count=${3:-0}
. "$(dirname "$(readlink -f "$0")")/../system/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
. "$project/tests/faults/cycle.sh"
if [ $machine_mode != systemd ]; then skip "kill -9 ($kind, $victim): $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "$(basename "$0"): the program is not there yet" && finish; fi
packages_build && faults_prepare "$kind" || { not_ok "kill -9 ($kind, $victim): a machine is prepared" && finish; }
file=agent
[ "$victim" != tool ] || file=tool

# Once without a kill: how many calls there are. The counters run for each thread of its own.
faults_begin
faults_plan $file 0
machine_boot $faults_machine && faults_end "no kill"
last=$(machine_in $faults_machine awk '{ n[$1]++ } END { for (thread in n) if (n[thread] > max) max = n[thread]; print max + 0 }' /var/log/faults-$file.log)
if [ "$file" = tool ]; then last=$(machine_in $faults_machine sh -c "wc -l <$(echo /var/log/faults-tool.log)"); fi
[ "$last" -gt 0 ] || { not_ok "kill -9 ($kind, $victim): nothing was traced" && finish; }
step=1
if [ "$count" -gt 0 ] && [ "$last" -gt "$count" ]; then step=$(((last + count - 1) / count)); fi
# Sweeps with steps do not always meet the same points.
for ((n = 1 + ($(date +%j) % step); n <= last; n += step)); do
    faults_begin
    if [ "$victim" = twice ]; then faults_plan agent $n $((1 + n / 2)); else faults_plan $file $n; fi
    machine_boot $faults_machine && faults_end "call $n of $last" || true
done
faults_summary "kill -9 ($kind, $victim, every ${step}. of $last calls)"
finish
