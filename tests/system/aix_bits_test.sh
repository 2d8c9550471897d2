#!/bin/bash
# A 32-bit client of AIX becomes a 64-bit one on the stand-in AIX: filesets of other names, another folder, a subsystem
# and an entry of inittab that lead there. Forward, back from a sick release and by hand, on from kills of the agent.
#   AIX_KILLS=all kills at every line of the journal, the default at two.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
for part in judge packages scenario aix_machine; do . "$project/tests/system/$part.sh"; done
if [ "$machine_mode" = none ]; then skip "aix, 32 to 64 bit: $machine_why" && finish; fi
if [ ! -x "$build/standin/autodeploy-as-aix" ]; then skip "aix, 32 to 64 bit: the agent is not built" && finish; fi
if ! command -v i686-linux-gnu-g++ >/dev/null; then skip "aix, 32 to 64 bit: there is no compiler for i386" && finish; fi

aix_images() {
    local folder=$machines/images/$1-${2:-none} options=() from=$build/standin
    if [ "$1" = 8.1.25.0 ]; then options=(--bits 32) from=$machines/standin32; fi
    [ -d "$folder" ] || bash "$project/tests/standin/aix/images.sh" "${options[@]}" "$from" "$folder" "$1" "${2:-none}" >&2 || return 1
    echo "$folder"
}
sets() { aix_in bits sh -c 'LC_ALL=C lslpp -Lcq all' | cut -d: -f2 | grep -c "$1"; }
of_bits() { if [ "$(sets '32bit\|gsk[a-z]*32')" = 5 ] && [ "$(sets '64bit\|gsk[a-z]*64')" = 0 ]; then echo 32; elif [ "$(sets '64bit\|gsk[a-z]*64')" = 5 ] && [ "$(sets '32bit\|gsk[a-z]*32')" = 0 ]; then echo 64; else echo mixed; fi; }
subsystem() { aix_in bits sh -c 'LC_ALL=C lssrc -S -s dsmsched' | grep -v '^#' | cut -d: -f1-3; }
# A link of the administrator, a right, a certificate: taken along as they are.
own_files() {
    aix_in bits sh -c "cd $aix_ba && mv dsm.sys /etc/dsm.sys && ln -s /etc/dsm.sys dsm.sys && chmod 640 dsm.opt && echo certificates >dsmcert.kdb && chmod 600 dsmcert.kdb"
}
kept_files() { aix_in bits sh -c "cd $aix_ba && stat -c '%n %a %F' dsm.opt dsm.sys dsmcert.kdb && readlink dsm.sys && cat dsm.opt dsm.sys dsmcert.kdb"; }

aix_use_bits 32
rm -rf "$machines/repository"
mkdir -p "$machines/repository/site"
(umask 077 && echo "correct horse battery staple" >"$machines/repository/passphrase")
prepare() {
    [ -d "$machines/standin32" ] || client_programs_32 "$machines/standin32" || return 1
    cp "$build/standin/standin_aix" "$machines/standin32/"
    repository_command init --platform aix && aix_add 8.1.25.0 none --way-back-only && aix_offer 8.1.27.0 &&
        aix_new bits && aix_boot bits && aix_install_client bits 8.1.25.0 && own_files && aix_install_agent bits
}
check "aix, 32 to 64 bit: a machine with a 32-bit client and the agent comes up" prepare || finish
check "aix, 32 to 64 bit: nothing is in the way" aix_in bits autodeploy check
aix_in bits autodeploy plan >"$machines/plan" 2>&1
check "aix, 32 to 64 bit: the plan names what is removed first" grep -q 'removed first.*tivoli.tsm.client.ba.32bit.base' "$machines/plan"
[ "$failures" = 0 ] || sed 's/^/    /' "$machines/plan"
kept=$(kept_files)
service=$(subsystem)
aix_snapshot bits "$machines/before"
machine_kill bits
machine_save bits "$machines/prepared"

begin() { aix_use_bits 32 && aix_begin bits "$@"; }
# ends OUTCOME VERDICT BITS [COUNT]
ends() {
    local outcome verdict bits
    agent_await bits "${4:-1}" || { echo "no deployment ended" && aix_in bits autodeploy status && return 1; }
    outcome=$(agent_last bits outcome) bits=$(of_bits)
    aix_use_bits "${bits/mixed/64}"
    verdict=$(aix_judge bits 8.1.25.0 8.1.27.0)
    [ "$outcome $verdict $bits" = "$1 $2 $3" ] && [ "$(kept_files)" = "$kept" ] && [ "$(subsystem)" = "$service" ] && return 0
    echo "reported $outcome, found $verdict, $bits bit; $(agent_last bits cause) $(agent_last bits message)"
    kept_files
    subsystem
    aix_in bits autodeploy history --json --count 1
    return 1
}
as_before() { aix_snapshot bits "$machines/after" && judge_compare "$machines/before" "$machines/after" "$project/tests/system/aix-may-differ.txt" "$project/tests/system/aix-bits-may-differ.txt"; }

begin
server_schedule bits UPDATE "/usr/bin/autodeploy trigger"
check "aix, 32 to 64 bit: an event of the server updates the client" ends updated new 64
last=$(aix_in bits sh -c 'cat /var/lib/autodeploy/attempts/*/journal | wc -l')
check "aix, 32 to 64 bit: rollback leads back to the 32-bit client" eval 'aix_in bits autodeploy rollback >"$machines/rollback" 2>&1; ends updated old 32 2'

begin 8.1.28.0 post-fails
aix_in bits autodeploy trigger >/dev/null
check "aix, 32 to 64 bit: a release that fails is rolled back" ends rolled_back old 32
check "aix, 32 to 64 bit: ... and the machine is as it was" as_before

killed=0 broken=0
if [ "${AIX_KILLS:-}" = all ]; then points=$(seq 1 "$last"); else points="$((last / 3)) $((last * 2 / 3))"; fi
for n in $points; do
    begin
    aix_in bits autodeploy trigger >/dev/null
    aix_kill_at bits "$n"
    killed=$((killed + 1))
    ends updated new 64 >"$machines/why" || ends rolled_back old 32 >>"$machines/why" || { broken=$((broken + 1)) && echo "    killed at line $n of $last:" && sed 's/^/    /' "$machines/why"; }
done
counted $((killed - broken)) $broken "aix, 32 to 64 bit: killed at lines of the journal ($killed of $last)"
machine_kill bits
finish
