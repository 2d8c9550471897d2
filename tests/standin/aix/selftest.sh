#!/bin/bash
# The stand-in AIX shows what its README says: selftest.sh PROGRAMS
. "$(dirname "$(readlink -f "$0")")/../../lib.sh"
here=$project/tests/standin/aix programs=$1
work=$(mktemp -d)
trap '"$bin/stopsrc" -f -s web >/dev/null 2>&1; "$bin/stopsrc" -f -s many >/dev/null 2>&1; kill "${init:-}" 2>/dev/null; rm -rf "$work"' EXIT
root=$work/root bin=$work/root/usr/bin sbin=$work/root/usr/sbin
export LC_ALL=C
bash "$here/install.sh" "$programs" "$root" || exit 1
says() { grep -q -- "$1" <<<"$("${@:2}" 2>&1)"; }
await() { local try; for ((try = 0; try < 200; try++)); do "$@" && return 0; sleep 0.05; done; return 1; }
pid() { "$bin/lssrc" -s "$1" | awk -v name="$1" '$1 == name && $NF == "active" { print $(NF - 1) }'; }

check "aix: a subsystem is added" says 0513-071 "$bin/mkssys" -s web -p /bin/sleep -u 0 -a 1000 -S -n 15 -f 9 -R -Q -G net
check "aix: without a PID while it is inoperative" says '^ web  *net  *inoperative$' "$bin/lssrc" -s web
check "aix: colon output has a header and its fields" says '^web::1000:/bin/sleep:0:' "$bin/lssrc" -S -s web
check "aix: odmget shows it" says 'cmdargs = "1000"' "$bin/odmget" -q subsysname=web SRCsubsys
check "aix: it starts" says 0513-059 "$bin/startsrc" -s web
check "aix: ... with a PID" says '^ web  *net  *[0-9][0-9]*  *active' "$bin/lssrc" -s web
check "aix: ... once" says 0513-029 "$bin/startsrc" -s web
first=$(pid web)
kill -9 "$first"
check "aix: what dies is started again" await eval '[ -n "$(pid web)" ] && [ "$(pid web)" != "$first" ]'
check "aix: a stop is only asked for" says 0513-044 "$bin/stopsrc" -s web
check "aix: ... and comes" await says inoperative "$bin/lssrc" -s web
check "aix: a stopped one stays so" eval 'sleep 0.3; says inoperative "$bin/lssrc" -s web'
check "aix: an unknown one is not on file" says 0513-085 "$bin/lssrc" -s none
"$bin/mkssys" -s many -p /bin/sleep -u 0 -S -n 15 -f 9 -q >/dev/null
"$bin/startsrc" -s many -a 1001 >/dev/null; "$bin/startsrc" -s many -a 1002 >/dev/null
check "aix: several instances have a line each" eval '[ "$("$bin/lssrc" -s many | grep -c active)" = 2 ]'
"$bin/stopsrc" -f -s many >/dev/null

check "aix: an entry of inittab is made" "$sbin/mkitab" "tsm:2:once:/bin/sleep 1003"
check "aix: ... and found" says '^tsm:2:once:/bin/sleep 1003$' "$sbin/lsitab" tsm
check "aix: ... no second time" says 'already exists' "$sbin/mkitab" "tsm:2:once:/bin/true"
cp /bin/sleep "$bin/sleeper"
"$sbin/mkitab" "again:2:respawn:$bin/sleeper 1004"
"$sbin/init" & init=$!
check "aix: init starts what the table says" await says 'sleeper 1004' "$bin/ps" -e -o pid,args
sleeper() { "$bin/ps" -e -o pid,ppid,args | awk -v init="$init" '$2 == init && /sleeper 1004/ { print $1 }'; }
before=$(sleeper)
kill -9 $before
check "aix: respawn starts again" await eval '[ -n "$(sleeper)" ] && [ "$(sleeper)" != "$before" ]'
"$sbin/chitab" "again:2:off:$bin/sleeper 1004" && "$sbin/telinit" q
check "aix: off ends it" await eval '[ -z "$(sleeper)" ]'
"$sbin/chitab" "tsm:2:off:x" && "$sbin/rmitab" again && "$sbin/telinit" q
check "aix: a removed entry is gone" eval '! "$sbin/lsitab" again'

for release in 8.1.25.0 8.1.27.0; do bash "$here/images.sh" "$programs" "$work/$release" $release; mkdir -p "$root/images"; cp -r "$work/$release/images" "$root/images/$release"; done
ba=tivoli.tsm.client.ba.64bit.base
level() { "$bin/lslpp" -Lcq "$1" 2>/dev/null | cut -d: -f3; }
put() { "$sbin/installp" "$1" "/images/$2" "${@:3}"; }
check "aix: a preview changes nothing" eval 'put -apXYgd 8.1.25.0 $ba >/dev/null && [ -z "$(level $ba)" ]'
check "aix: without its requisites it is not begun, and that is code 0" eval 'put -acXYd 8.1.25.0 $ba >"$work/log" && grep -q Requisite "$work/log" && [ -z "$(level $ba)" ]'
check "aix: with -g they come along" eval 'put -acXYgd 8.1.25.0 $ba >"$work/log"; grep -q "APPLY  *SUCCESS" "$work/log" && [ "$(level tivoli.tsm.client.api.64bit)" = 8.1.25.0 ]'
check "aix: a long name stands on a line of its own" eval '"$bin/lslpp" -l $ba | grep -x "  $ba"'
check "aix: a file has an owner" says ":$ba:" "$bin/lslpp" -wc /usr/tivoli/tsm/client/ba/bin64/dsmc
check "aix: a newer one takes its place" eval 'put -acXYgd 8.1.27.0 $ba >/dev/null; [ "$(level $ba)" = 8.1.27.0 ]'
check "aix: an older one does not, and that is code 0" eval 'put -acXYgd 8.1.25.0 $ba >/dev/null && [ "$(level $ba)" = 8.1.27.0 ]'
check "aix: -F and -g exclude each other" eval '! put -acXYFgd 8.1.25.0 $ba 2>/dev/null'
check "aix: files are checked" eval '"$bin/lppchk" -c "tivoli*"; echo x >>"$root/usr/tivoli/tsm/client/api/bin64/libApiTSM64.a"; says 0504-208 "$bin/lppchk" -c "tivoli*"'
check "aix: what others need is not removed, and that is code 0" eval '"$sbin/installp" -u tivoli.tsm.client.api.64bit >/dev/null && [ -n "$(level tivoli.tsm.client.api.64bit)" ]'
check "aix: all of it is removed" eval '"$sbin/installp" -u $ba tivoli.tsm.client.ba.64bit.common tivoli.tsm.client.api.64bit >/dev/null; [ -z "$(level $ba)" ] && [ ! -e "$root/usr/bin/dsmc" ]'
echo installp_pause_ms=3000 >"$root/etc/standin/aix"
"$sbin/installp" -acXYgd /images/8.1.25.0 $ba >/dev/null & victim=$!
await says APPLYING "$bin/lslpp" -lcq all
kill -9 $victim
wait $victim 2>/dev/null
rm "$root/etc/standin/aix"
check "aix: after a kill the state tells" says APPLYING "$bin/lslpp" -lcq all
check "aix: ... and nothing else is done" eval '! put -acXYgd 8.1.25.0 $ba 2>"$work/log"; grep -q 0503-434 "$work/log"'
check "aix: ... until it is cleaned up" eval '"$sbin/installp" -C >/dev/null; put -acXYgd 8.1.25.0 $ba >/dev/null; [ "$(level $ba)" = 8.1.25.0 ]'
echo language=de >"$root/etc/standin/aix"
check "aix: in another language unless LC_ALL=C" eval 'LC_ALL=de_DE says Gruppe "$bin/lssrc" -a && says Group "$bin/lssrc" -a'
finish
