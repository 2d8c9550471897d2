#!/bin/bash
# The judge must see every kind of difference that it is relied upon for, and nothing where there is none.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
. "$project/tests/system/judge.sh"
if [ $machine_mode = none ]; then skip "judge: $machine_why" && finish; fi

folder=$machines/judge
mkdir "$folder"
machine_new judged deb && machine_boot judged || { not_ok "a machine comes up" && finish; }
machine_in judged sh -c 'echo one >/etc/plain; ln -s /etc/plain /etc/link; mkdir /etc/folder; touch "/etc/odd name
with line"'
check "a snapshot can be taken" judge_snapshot judged "$folder/before"
judge_snapshot judged "$folder/again"
check "an untouched machine compares as equal" judge_compare "$folder/before" "$folder/again"

# sees WHAT PATTERN COMMAND UNDO: the difference is reported, and no other one after it was undone.
sees() {
    local report
    machine_in judged sh -c "$3"
    judge_snapshot judged "$folder/after"
    report=$(judge_compare "$folder/before" "$folder/after")
    if [ -n "$report" ] && ! grep -qvE "$2" <<<"$report"; then ok "sees $1"; else
        not_ok "sees $1"
        sed 's/^/    /' <<<"$report"
    fi
    machine_in judged sh -c "$4"
}
sees "content" '^[<>] content /etc/plain: ' 'echo two >/etc/plain' 'echo one >/etc/plain'
sees "a mode" '^[<>] file /etc/plain: ' 'chmod 600 /etc/plain' 'chmod 644 /etc/plain'
sees "an owner" '^[<>] file /etc/plain: ' 'chown 12:13 /etc/plain' 'chown 0:0 /etc/plain'
sees "an ACL" '^[<>] (attribute|file) /etc/plain' 'setfacl -m u:12:rw /etc/plain' 'setfacl -b /etc/plain; chmod 644 /etc/plain'
sees "an attribute" '^> attribute /etc/plain user.note' 'setfattr -n user.note -v x /etc/plain' 'setfattr -x user.note /etc/plain'
sees "a link's target" '^[<>] file /etc/link: ' 'ln -sfn /etc/other /etc/link' 'ln -sfn /etc/plain /etc/link'
sees "a type" '^[<>] (file|content) /etc/folder: ' 'rmdir /etc/folder; touch /etc/folder' 'rm /etc/folder; mkdir /etc/folder'
sees "a file too many" '^> (file|content) /etc/new: ' 'touch /etc/new' 'rm /etc/new'
sees "a file missing" '^< (file|content) /etc/odd' 'rm /etc/odd*' 'touch "/etc/odd name
with line"'
sees "a package's state" '^[<>] package deb:strace: ' 'echo "strace hold" | dpkg --set-selections' 'echo "strace install" | dpkg --set-selections'
sees "what dpkg keeps of a package" '^[<>] (content|package-digest) ' 'echo >>/var/lib/dpkg/info/strace.md5sums' \
    'sed -i \$d /var/lib/dpkg/info/strace.md5sums'
if [ $machine_mode = systemd ]; then
    sees "a unit that does not run" '^[<>] unit dbus.* ' 'systemctl stop dbus.service dbus.socket' 'systemctl start dbus.socket dbus.service'
    sees "a unit that is enabled" '^[<>] (unit-file|file|unit|unit-property) .*(debug-shell|wants)' 'systemctl -q enable debug-shell.service' 'systemctl -q disable debug-shell.service'
    sees "a drop-in" '^[<>] (unit-property|file|content) .*dbus' \
        'mkdir /etc/systemd/system/dbus.service.d; echo "[Unit]" >/etc/systemd/system/dbus.service.d/x.conf; systemctl daemon-reload' \
        'rm -r /etc/systemd/system/dbus.service.d; systemctl daemon-reload'
fi
judge_snapshot judged "$folder/after"
check "all undone compares as equal" judge_compare "$folder/before" "$folder/after"
finish
