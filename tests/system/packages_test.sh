#!/bin/bash
# Our own packages install, upgrade and go away cleanly, and never in the middle of an update.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
. "$project/tests/system/packages.sh"
. "$project/tests/system/judge.sh"
if [ $machine_mode != systemd ]; then skip "packages: $machine_why" && finish; fi
if [ ! -x "$programs/autodeploy" ]; then skip "packages: the program is not there yet" && finish; fi
check "the packages can be built" packages_build || finish

if command -v lintian >/dev/null; then
    check "lintian has nothing serious to say" lintian --allow-root --fail-on error,warning $(our_deb) "$packages"/autodeploy-repository_*.deb
else skip "lintian: not installed"; fi
if command -v rpmlint >/dev/null; then
    check "rpmlint has nothing serious to say" rpmlint -c "$project/packaging/rpm/rpmlint.toml" $(our_rpm) "$packages"/autodeploy-repository-*.rpm
else skip "rpmlint: not installed"; fi

mode_of() { machine_in packaged stat -c '%a %U:%G' "$1"; }
mode_is() { [ "$(mode_of "$1")" = "$2" ] || { echo "$1 is $(mode_of "$1"), not $2" && return 1; }; }
active() { machine_in packaged systemctl is-active --quiet autodeploy.service; }
running_since() { machine_in packaged systemctl show -p ExecMainStartTimestampMonotonic --value autodeploy.service; }
# apply_begins, apply_ends: somebody holds the lock as the agent does.
apply_begins() {
    machine_in packaged systemd-run --quiet --unit=holder sh -c 'exec 8>/var/lib/autodeploy/lock; flock 8; sleep 1000'
    machine_in packaged sh -c 'while flock -n /var/lib/autodeploy/lock true; do sleep 0.05; done'
}
apply_ends() { machine_in packaged systemctl stop holder; }
put() { cp "$@" "$(machine_root packaged)/root/"; }

# common LABEL INSTALL UPGRADE REMOVE: each a command inside of the machine.
common() {
    local label=$1 install=$2 upgrade=$3 remove=$4 before
    check "$label: installs" machine_in packaged sh -c "$install" || return
    check "$label: the service runs" active
    check "$label: so it does after a boot" eval 'machine_kill packaged && machine_boot packaged && active'
    check "$label: state is the administrator's alone" mode_is /var/lib/autodeploy "700 root:root"
    check "$label: settings are there" mode_is /etc/autodeploy/autodeploy.yaml "644 root:root"
    check "$label: man pages are there" machine_in packaged ls /usr/share/man/man8/autodeploy.8.gz /usr/share/man/man5/autodeploy.yaml.5.gz
    check "$label: the schema of the answers is there" mode_is /usr/share/autodeploy/answers.schema.json "644 root:root"
    check "$label: units have no errors" machine_in packaged systemd-analyze verify --man=no /lib/systemd/system/autodeploy.service /lib/systemd/system/autodeploy-rescue.service /lib/systemd/system/autodeploy.path
    machine_in packaged sh -c 'echo "# of the administrator" >>/etc/autodeploy/autodeploy.yaml; echo kept >/var/lib/autodeploy/history.jsonl'

    apply_begins
    before=$(running_since)
    check "$label: an upgrade is refused while an update is applied" eval "! machine_in packaged sh -c '$upgrade'"
    check "$label: ... with a message" eval "machine_in packaged sh -c '$upgrade' 2>&1 | grep -q 'cannot upgrade this package while the agent updates'"
    check "$label: removing is refused too" eval "! machine_in packaged sh -c '$remove'"
    check "$label: ... and the service was not touched" eval '[ "$(running_since)" = "$before" ]'
    check "$label: ... and runs" active
    apply_ends

    check "$label: upgrades otherwise" machine_in packaged sh -c "$upgrade"
    check "$label: ... the service runs" active
    check "$label: ... anew" eval '[ "$(running_since)" != "$before" ]'
    check "$label: ... and the administrator's settings are kept" machine_in packaged grep -q "of the administrator" /etc/autodeploy/autodeploy.yaml
    check "$label: removes" machine_in packaged sh -c "$remove"
    check "$label: ... history is kept" machine_in packaged cat /var/lib/autodeploy/history.jsonl
    check "$label: ... nothing runs" eval '! active'
}

folder=$machines/packages
mkdir "$folder"
machine_new packaged deb && machine_boot packaged && put $(our_deb) $(our_deb later/) || { not_ok "a machine comes up" && finish; }
judge_snapshot packaged "$folder/before"
common deb "dpkg -i /root/$(basename "$(our_deb)")" "dpkg -i --force-confold /root/$(basename "$(our_deb later/)")" "dpkg -r autodeploy"
check "deb: installs again" machine_in packaged dpkg -i --force-confold "/root/$(basename "$(our_deb)")"
check "deb: purges" machine_in packaged dpkg -P autodeploy
judge_snapshot packaged "$folder/after"
printf '%s\n' 'content /var/log/*' 'file /var/log/*' 'attribute /var/log/*' 'content /var/lib/dpkg/*' 'unit run-*' 'unit holder*' 'unit-property holder*' \
    'file /var/lib/systemd/deb-systemd-helper-*' >"$folder/may-differ"
check "deb: nothing is left after a purge" judge_compare "$folder/before" "$folder/after" "$folder/may-differ"
machine_remove packaged

machine_new packaged rpm && machine_boot packaged && put $(our_rpm) $(our_rpm later/) || { not_ok "a machine comes up" && finish; }
common rpm "rpm -i /root/$(basename "$(our_rpm)")" "rpm -U /root/$(basename "$(our_rpm later/)")" "rpm -e autodeploy"
finish
