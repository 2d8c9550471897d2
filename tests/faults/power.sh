#!/bin/bash
# Power cuts: the ext4 under the machine loses what was not synced, at moments spread over the whole update; the client's
# unit is enabled at boot.   power.sh deb|rpm COUNT
kind=$1 count=$2
. "$(dirname "$(readlink -f "$0")")/../system/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
. "$project/tests/faults/cycle.sh"
if [ $machine_mode != systemd ]; then skip "power cuts ($kind): $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "$(basename "$0"): the program is not there yet" && finish; fi
packages_build && faults_prepare "$kind" --disk || { not_ok "power cuts ($kind): a machine is prepared" && finish; }

milliseconds() { date +%s%3N; }
faults_begin
machine_boot $faults_machine
began=$(milliseconds)
faults_end "no cut"
# The scheduler's contact is awaited at the end; until then and a little longer is what can be cut.
length=$(($(milliseconds) - began))
for ((n = 0; n < count; n++)); do
    faults_begin
    machine_boot $faults_machine
    moment=$((length * n / count + RANDOM % (length / count + 1)))
    sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    machine_cut $faults_machine && machine_boot $faults_machine && faults_end "cut after $moment of $length ms" || true
done
faults_summary "power cuts ($kind)"
finish
