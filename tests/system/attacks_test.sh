#!/bin/bash
# As an attacker with the web server in hand: fourteen attacks on `autodeploy-repository verify`, which is the agent's
# own client, over real HTTP and with a trust store that has seen the repository before. Each is refused with its own
# words and leaves nothing behind; and of each the smallest neighbour that is honest is accepted.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds ($preset)" build_preset "$preset" autodeploy-repository hostile_server standin_dsmc standin_dsmcad || finish
check "faketime is there" bash packaging/dependencies.sh attacks || finish
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base=$work/base
mkdir "$base"
(umask 077 && echo "correct horse battery" >"$work/passphrase")
platform=linux-x86_64-deb
older=8.1.25.0-TIV-TSMBAC-LinuxX86_DEB.tar package=8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar

# In each attack's folder: updates (the publisher's), www (what the web server gives), trust (the client's), old (what
# the attacker kept of www from earlier), attack (what the server does besides).
tool() { "$build/autodeploy-repository" "$@" --repository "$dir/updates" --passphrase-file "$work/passphrase" --by tester --quiet; }
to_www() { rm -rf "$dir/www" && cp -a "$dir/updates/published" "$dir/www"; }
client() { tool verify --url "${source:-$url}" --trust "$dir/trust" --root "$dir/updates/published/metadata/1.root.json"; }
role_file() { ls -v "$dir/${2:-www}/metadata/"*."$1.json" | tail -1; }
package_file() { ls "$dir/www/targets/packages/$platform/"*".$1"; }
prepare() {
    dir=$base
    bash tests/standin/packages.sh "$build/standin" "$work/vendor" 8.1.25.0 && bash tests/standin/packages.sh "$build/standin" "$work/vendor" 8.1.27.0 &&
        tool init --platform $platform --platform aix --threshold releases=2 && tool add "$work/vendor/$older" --way-back-only &&
        tool add "$work/vendor/$package" && tool release 8.1.27.0 && tool publish && cp -a "$dir/updates/published" "$dir/old" &&
        tool arm armed && tool publish && to_www && tool verify --url "$dir/www" --trust "$dir/trust"
}
check "a repository, and a client that has read it" prepare || finish

# arbitrary software: a whole repository of the attacker's own, keys and all, in place of ours
attack_1() {
    "$build/autodeploy-repository" init --repository "$dir/mine" --passphrase-file "$work/passphrase" --platform $platform --platform aix --quiet
    "$build/autodeploy-repository" add "$work/vendor/$package" --repository "$dir/mine" --passphrase-file "$work/passphrase" --quiet
    for _ in 1 2 3; do "$build/autodeploy-repository" refresh --repository "$dir/mine" --passphrase-file "$work/passphrase" --quiet 2>/dev/null ||
        "$build/autodeploy-repository" publish --repository "$dir/mine" --passphrase-file "$work/passphrase" --quiet; done
    rm -rf "$dir/www" && cp -a "$dir/mine/published" "$dir/www"
}
words_1='timestamp.*signature'
neighbour_1() { tool rotate timestamp && tool publish && to_www; } # other keys, but vouched for
# rollback: the repository as it was
attack_2() { rm -rf "$dir/www" && cp -a "$dir/old" "$dir/www"; }
words_2='is older than'
neighbour_2() { tool refresh && to_www; }
# freeze: for ever as it is now
attack_3() { clock=+31d; }
words_3='timestamp.*expired'
neighbour_3() { clock=+29d; }
# mix and match: a fresh timestamp, an old snapshot
attack_4() { tool refresh && to_www && cp "$dir/updates/published/metadata/2.snapshot.json" "$(role_file snapshot)"; }
words_4='snapshot.*version'
neighbour_4() { tool refresh && to_www; }
# wrong software: another package of the same repository
attack_5() { cp "$(package_file $older)" "$(package_file $package)" && printf x >>"$(package_file $package)"; }
words_5='the server.s file has'
neighbour_5() { cat "$work/vendor/$package" >"$(package_file $package)"; }
# endless data: a timestamp that never ends
attack_6() { echo "endless /metadata/timestamp.json" >"$dir/attack"; }
words_6='no end'
neighbour_6() { # as long as one may be, to the byte
    local file=$dir/www/metadata/timestamp.json
    printf "%$((16384 - $(stat -c %s "$file")))s" '' >>"$file"
}
# slow retrieval: a byte a second
attack_7() { echo "drip /metadata/timestamp.json 1 1000" >"$dir/attack"; }
words_7='only .* bytes came in'
neighbour_7() { echo "drip /metadata/timestamp.json 64 100" >"$dir/attack"; }
# key compromise below the threshold: the online keys, and one of the two that releases needs
attack_8() {
    local version file
    tool release 8.1.27.0 --share 1 && version=$(sed -n 's/.*"version": *\([0-9]*\).*/\1/p' "$dir/updates/staged/releases.json" | tail -1)
    mkdir "$dir/taken" "$dir/away"
    for file in $(ls "$dir"/updates/keys/releases-*.pem | tail -1); do mv "$file" "${file%.pem}.pub.json" "$dir/away/"; done
    tool sign releases || return
    cp "$dir/updates/staged/releases.json" "$dir/updates/published/metadata/$version.releases.json"
    mv "$dir/updates/staged/releases.json" "$dir/taken/"
    tool halt 8.1.1.0 && tool publish && to_www
}
words_8='releases.*signature'
neighbour_8() { # the other one's holder says yes
    tool release 8.1.27.0 --share 1 && tool publish && to_www
}
# expired: one role that nobody renewed, behind a fresh timestamp
attack_9() { clock=+366d && publisher_clock=+366d && ! at_publisher tool refresh 2>"$work/said" && to_www; } # it is renewed, and told to be of no use
words_9='(releases|halt|linux-x86_64-deb).*expired'
neighbour_9() {
    clock=+366d publisher_clock=+366d
    for role in releases halt $platform aix; do at_publisher tool expiry $role 365 || return; done
    at_publisher tool publish && to_www
}
# a bundle on a medium, older than what the web server has shown
attack_10() { source=$dir/bundle && cp -a "$dir/old" "$dir/bundle"; }
words_10='bundle [0-9]+ is older than [0-9]+, which this machine has seen'
neighbour_10() { source=$dir/bundle && tool mirror "$dir/bundle"; }
# path tricks: the way to the file leads to another place
attack_11() { echo "redirect /targets/packages/ https://updates.example:8443" >"$dir/attack"; }
words_11='redirect'
neighbour_11() { echo "redirect /targets/packages/ /again" >"$dir/attack"; }
# duplicate keys: two readers would read two things
attack_12() { sed -i '0,/"version"/s//"version": 99, "version"/' "$dir/www/metadata/timestamp.json"; }
words_12='twice'
neighbour_12() { sed -i '0,/"version"/s//  "version"/' "$dir/www/metadata/timestamp.json"; }
# truncated: the connection ends in the middle, each time
attack_13() { echo "cut .$package 5000 1000" >"$dir/attack"; }
words_13='the connection ended in the middle of the file'
neighbour_13() { echo "cut .$package 5000 1" >"$dir/attack"; } # once; the rest is fetched behind it
# swapped while reading: the first half is the signed file's, the second another one's
attack_14() { sed 's/./X/g' "$work/vendor/$package" >"$dir/other" && truncate -s "$(stat -c %s "$work/vendor/$package")" "$dir/other" && echo "swap .$package $dir/other" >"$dir/attack"; }
words_14='it is not the file that was signed'
neighbour_14() { cp "$work/vendor/$package" "$dir/other" && echo "swap .$package $dir/other" >"$dir/attack"; }

names=("" "arbitrary software" rollback freeze "mix and match" "wrong software" "endless data" "slow retrieval" "key compromise below the threshold" expired
    "replayed bundle" "path tricks" "duplicate keys" truncated "swapped while reading")

at_publisher() { local faked=$publisher_clock; export -f tool; export build dir work; faketime -f "$faked" bash -c '"$@"' bash "$@"; }
at_client() { if [ -n "$clock" ]; then export -f client tool; export build dir work url source; faketime -f "$clock" bash -c client; else client; fi; }
# session KIND NUMBER: the attack or its neighbour from a fresh start; what the client says is in $dir/said.
session() {
    local clock='' publisher_clock='' source='' url server
    dir=$work/$1-$2
    cp -a "$base" "$dir"
    coproc server { exec "$build/hostile_server" "$dir"; }
    read -r url <&"${server[0]}"
    "$1_$2" >"$dir/prepared" 2>&1 || { echo "could not be prepared" && cat "$dir/prepared" && return 3; }
    at_client >"$dir/said" 2>&1
}
one() {
    local number=$1 status said found
    session attack "$number" >"$work/note"
    status=$?
    said=$(cat "$work/attack-$number/said" "$work/attack-$number/prepared" 2>/dev/null)
    if [ $status = 1 ] && grep -qE "${words}" <<<"$said"; then ok "attack $number, ${names[$number]}: $said"; else
        not_ok "attack $number, ${names[$number]}: ended with $status"
        sed 's/^/    /' <<<"$said"
    fi
    found=$(find "$work/attack-$number/updates/verifying" -name '*.package' ! -name '.*' 2>/dev/null)
    [ -z "$found" ] || not_ok "attack $number, ${names[$number]}: no package was taken"
    session neighbour "$number" >"$work/note-$number"
    status=$?
    if [ $status = 0 ]; then ok "attack $number, ${names[$number]}: its honest neighbour is accepted"; else
        not_ok "attack $number, ${names[$number]}: its honest neighbour is accepted"
        cat "$work/note-$number" "$work/neighbour-$number/said" 2>/dev/null | sed 's/^/    /'
    fi
}
for number in $(seq 14); do
    words_name=words_$number words=${!words_name}
    (one "$number" >"$work/result-$number" 2>"$work/error-$number") &
done
wait
for number in $(seq 14); do cat "$work/result-$number"; done
failures=$((failures + $(cat "$work"/result-* | grep -c '^not ok')))
# Each says something else than the others.
check "each attack is refused with its own words" eval 'for n in $(seq 14); do sed "s/[0-9]//g; s,/tmp/[^ ]*,,g" "$work/attack-$n/said"; done | sort | uniq -d | (! grep .)'
finish
