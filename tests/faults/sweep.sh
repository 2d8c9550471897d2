#!/bin/bash
# Breaks one update after the other off, each somewhere else, and judges what became of the machine.
#   sweep.sh deb|rpm [--workers N] [--seconds N] [--point "VICTIM WHERE…"]… VICTIM[=COUNT]…
# VICTIM, each with COUNT points by chance, or without it every one:
#   journal   kill -9 of the agent before and after every call on its journal
#   agent     kill -9 of the agent before its n-th changing call, all threads counted
#   tool      kill -9 of rpm or dpkg or a child of it, whichever makes the n-th changing call
#   twice     kill -9 of the agent, and again while it recovers (needs COUNT)
#   power     a power cut when the agent or the tool makes its n-th changing call; every fifth a second time (COUNT)
# --seconds: no cycle begins later than that after the preparation. --point: one more cycle, as the results name it.
# AUTODEPLOY_SEED: the same points again.
# AUTODEPLOY_STOP_AT_BROKEN: no more cycles once one ended broken. AUTODEPLOY_FAULTS_KEEP: a folder for the lists of calls.
kind=$1
. "$(dirname "$(readlink -f "$0")")/../system/machine.sh"
for part in packages judge scenario; do . "$project/tests/system/$part.sh"; done
. "$project/tests/faults/cycle.sh"
shift
workers=3 seconds=$((7 * 24 * 3600)) victims=() points=()
while [ $# != 0 ]; do
    case $1 in
    --workers) workers=$2 && shift ;;
    --seconds) seconds=$2 && shift ;;
    --point) points+=("$2") && shift ;;
    *) victims+=("$1") ;;
    esac
    shift
done
name="faults ($kind, ${victims[*]} ${points[*]})"
if [ $machine_mode != systemd ]; then skip "$name: $machine_why" && finish; fi
if [ ! -x "$build/break_off" ]; then skip "$name: break_off is only made for x86_64" && finish; fi
if ! { packages_build && faults_prepare "$kind"; }; then not_ok "$name: a machine is prepared" && finish; fi

# run MACHINE: from the plan to the verdict.
run() {
    machine_boot "$1" 2>"$machines/$1.boot" || { echo "BROKEN: the machine does not come up: $(head -c 500 "$machines/$1.boot")" && return; }
    faults_end "$1"
}

# Once without a fault: how many calls there are.
faults_machine count && faults_begin count
faults_plan count agent "--from reserve"
faults_plan count tool "--from /"
verdict=$(run count)
cp "$(machine_root count)"/run/faults/{agent,tool}.log "$machines/" 2>/dev/null
if [ "$verdict" != new ]; then not_ok "$name: without a fault: $verdict" && faults_evidence count && finish; fi
agent_calls=$(grep -c . "$machines/agent.log") tool_calls=$(grep -c . "$machines/tool.log")
journal_calls=$(grep -c '/journal$' "$machines/agent.log")
[ -z "${AUTODEPLOY_FAULTS_KEEP:-}" ] || cp "$machines"/{agent,tool}.log "$AUTODEPLOY_FAULTS_KEEP/"
machine_remove count
echo "calls of one update ($kind): agent $agent_calls, of these $journal_calls on its journal; tool $tool_calls; seed ${AUTODEPLOY_SEED:=$RANDOM}"
if [ "$agent_calls" -lt 50 ] || [ "$tool_calls" -lt 50 ] || [ "$journal_calls" -lt 10 ]; then not_ok "$name: too few calls were counted" && finish; fi

RANDOM=$AUTODEPLOY_SEED
by_chance() { echo $((1 + (RANDOM * 32768 + RANDOM) % $1)); }
# One point a line: victim, machine, side or second moment.
points_of() {
    local n again
    case $1 in
    journal) for ((n = 1; n <= journal_calls; n++)); do echo "journal $n kill" && echo "journal $n kill-after"; done ;;
    agent) for ((n = 1; n <= agent_calls; n++)); do echo "agent $n"; done ;;
    tool) for ((n = 1; n <= tool_calls; n++)); do echo "tool $n"; done ;;
    twice) for ((n = 0; n < $2; n++)); do echo "twice $(by_chance "$agent_calls") $(by_chance $((agent_calls * 2 / 3)))"; done ;;
    power)
        for ((n = 0; n < $2; n++)); do
            again=0
            ((n % 5 < 4)) || again=$(by_chance $((agent_calls / 2)))
            if ((n % 2)); then echo "power tool $(by_chance "$tool_calls") $again"
            else echo "power agent $(by_chance "$agent_calls") $again"; fi
        done
        ;;
    *) echo "unknown $1" >&2 ;;
    esac
}
for victim in "${victims[@]}"; do
    case $victim in
    *=*) points_of "${victim%=*}" "${victim#*=}" >"$machines/some" && shuf -n "${victim#*=}" "$machines/some" ;;
    *) points_of "$victim" ;;
    esac
done | shuf >"$machines/by-chance"
{ [ ${#points[@]} = 0 ] || printf '%s\n' "${points[@]}"; cat "$machines/by-chance"; } >"$machines/points"

# cut_power MACHINE: boots it, and when the traced program stands still the power goes. 1 if it never does, 2 if the
# machine does not come up or its power cannot be cut. The boot is not awaited: who stands still before systemd has
# heard that our service is up keeps it from ending.
cut_power() {
    local marker end=$((SECONDS + faults_limit))
    machine_start "$1" || return 2
    marker=$(machine_root "$1")/run/faults/frozen
    while [ ! -e "$marker" ]; do
        if [ $SECONDS -ge $end ] || faults_ended "$1"; then return 1; fi
        sleep 0.05
    done
    machine_cut "$1" && faults_no_plan "$1" || return 2
}
faults_ended() { [ -s "$(machine_root "$1")/var/lib/autodeploy/history.jsonl" ]; }

cycle() {
    local worker=$1 victim=$2 machine=$1 begun=$EPOCHREALTIME verdict="" hit=hit
    shift 2
    if [ "$victim" = power ]; then
        machine=$worker-disk
        [ -e "$machines/$machine" ] || faults_machine "$machine" --disk
    fi
    faults_begin "$machine"
    case $victim in
    journal) faults_plan "$machine" agent "--from reserve --only /journal --$2 $1" ;;
    agent) faults_plan "$machine" agent "--from reserve --kill $1" ;;
    tool) faults_plan "$machine" tool "--from / --kill $1" ;;
    twice) faults_plan "$machine" agent "--from reserve --kill $1" "--from /var/lib/autodeploy --kill $2" ;;
    power)
        faults_plan "$machine" "$1" "--from $([ "$1" = agent ] && echo reserve || echo /) --freeze $2 /run/faults/frozen"
        cut_power "$machine"
        case $? in
        0)
            [ "$3" = 0 ] || {
                faults_plan "$machine" agent "--from /var/lib/autodeploy --freeze $3 /run/faults/frozen"
                cut_power "$machine"
                case $? in 0) hit=hit2 ;; 1) hit=once ;; *) verdict="BROKEN: the power cannot be cut again" ;; esac
            }
            ;;
        1) hit=missed ;;
        *) verdict="BROKEN: the power cannot be cut" ;;
        esac
        case $verdict$hit in
        BROKEN*) ;;
        hit*) verdict=$(run "$machine") ;;
        *) verdict=$(faults_end "$machine") ;;
        esac
        ;;
    esac
    [ "$victim" = power ] || {
        verdict=$(run "$machine")
        hit=$(grep -hc '^killed' "$(machine_root "$machine")"/run/faults/*.log 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
        case $hit in 0) hit=missed ;; 1) hit=hit ;; *) hit=hit2 ;; esac
    }
    printf '%s\t%s\t%s\t%s\t%s\n' "$victim" "$hit" "${verdict%%:*}" \
        "$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')" "$victim $*: $(head -1 <<<"$verdict")" >>"$machines/results"
    echo "  $(tail -1 "$machines/results" | cut -f 2-)"
    case $verdict in BROKEN*)
        echo "    at $victim $*: $verdict"
        faults_evidence "$machine"
        [ -z "${AUTODEPLOY_STOP_AT_BROKEN:-}" ] || : >"$machines/points"
        ;;
    esac
}

work() {
    local worker=$1 point
    faults_machine "$worker"
    while [ $SECONDS -lt "$last_begin" ]; do
        point=$(
            exec 9<"$machines/lock"
            flock 9
            sed -n 1p "$machines/points"
            sed -i 1d "$machines/points"
        )
        [ -n "$point" ] || break
        # Words on purpose.
        # shellcheck disable=SC2086
        cycle "$worker" $point
    done
    machine_kill "$worker"
    [ ! -e "$machines/$worker-disk" ] || machine_kill "$worker-disk"
}
: >"$machines/lock"
: >"$machines/results"
begun=$SECONDS last_begin=$((SECONDS + seconds))
for ((w = 1; w <= workers; w++)); do work "w$w" & done
wait

awk -F '\t' '{ all[$1]++; hit[$1] += $2 != "missed"; new[$1] += $3 == "new"; old[$1] += $3 == "old"; broken[$1] += $3 == "BROKEN"
        twice[$1] += $2 == "hit2"; time[$1] += $4 }
    END { for (v in all) printf "%s: %d cycles, %d broken off%s, %d new (%.1f %%), %d old and then new, %d broken, %.1f s each\n",
        v, all[v], hit[v], twice[v] ? " (" twice[v] " twice)" : "", new[v], 100 * new[v] / all[v], old[v], broken[v], time[v] / all[v] }' "$machines/results" | sort >"$machines/summary"
while IFS= read -r line; do
    if [[ $line == *" 0 broken,"* ]]; then ok "faults ($kind) $line"; else not_ok "faults ($kind) $line"; fi
done <"$machines/summary"
[ -s "$machines/summary" ] || not_ok "$name: no cycle was made"
echo "$kind: $(wc -l <"$machines/results") cycles in $((SECONDS - begun)) s with $workers workers; $(grep -c . "$machines/points") points left"
finish
