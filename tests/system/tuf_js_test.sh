#!/bin/bash
# Another client of The Update Framework, tuf-js, reads what our publisher's tool writes, through every rotation; and it
# refuses, as ours does, what was changed by hand. Its modules are kept in the cache; without them and without the
# network there is nothing to test with.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
here=$project/tests/system/tuf_js
check "builds ($preset)" build_preset "$preset" autodeploy-repository standin_dsmc standin_dsmcad || finish
if ! why=$(bash packaging/dependencies.sh tuf-js 2>&1); then skip "tuf-js: ${why##*$'\n'}" && finish; fi

modules=$cache/tuf-js/$(content_key "$here/package-lock.json")
modules_install() {
    local fresh
    mkdir -p "$cache/tuf-js"
    fresh=$(mktemp -d -p "$cache/tuf-js")
    cp "$here/package.json" "$here/package-lock.json" "$fresh/"
    if ! (cd "$fresh" && timeout 300 npm ci --no-audit --no-fund --ignore-scripts --fetch-retries=1 --loglevel=error) >"$fresh/log" 2>&1; then
        grep -m1 -oE 'E[A-Z]{5,}.*' "$fresh/log" || tail -1 "$fresh/log"
        rm -rf "$fresh"
        return 1
    fi
    mv -T "$fresh" "$modules" 2>/dev/null || rm -rf "$fresh"
}
if [ ! -d "$modules" ] && ! why=$(modules_install); then skip "tuf-js: npm cannot fetch it ($why)" && finish; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repository=$work/updates published=$work/updates/published
(umask 077 && echo "correct horse battery" >"$work/passphrase")
tool() { "$build/autodeploy-repository" "$@" --repository "$repository" --passphrase-file "$work/passphrase" --by tester --quiet; }
changed() { "$@" && tool publish; }

platform=linux-x86_64-deb
package=8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar
wanted=(offers.json halt.json "packages/$platform/$package")
# js STORE: what tuf-js makes of it, in $work/out.
js() { node "$here/read.js" "$modules" "$published" "$work/$1" "$published/metadata/1.root.json" "${wanted[@]}" >"$work/out" 2>&1; }
reads() { js "$1" || { cat "$work/out" && return 1; }; }
# both NAME: a client that has been there from the start, and one that starts from the first root today.
both() {
    check "$1: tuf-js goes on from what it knew" reads old
    check "$1: tuf-js starts from the first root" reads "new-$RANDOM$RANDOM"
    check "$1: our own client reads it" tool verify
}
version_is() { grep -qx "role $1 $2" "$work/out" || { cat "$work/out" && return 1; }; }

first_release() {
    bash tests/standin/packages.sh "$build/standin" "$work/vendor" 8.1.27.0 &&
        tool init --platform $platform --platform aix && tool add "$work/vendor/$package" &&
        tool release 8.1.27.0 --change CHG1 && tool publish
}
check "a repository is made, with a package, and published" first_release || finish
both "first publish"
check "... the package is the vendor's, byte for byte" grep -qx "target packages/$platform/$package $(sha256sum <"$work/vendor/$package" | cut -d' ' -f1)" "$work/out"
check "... by its platform's role" version_is $platform 1
check "... nobody asked for another platform's role" eval '! grep -q "^asked .*\.aix\.json" "$work/out"'
check "... with consistent snapshots: versions in the names of metadata" grep -qx 'asked /metadata/1.targets.json' "$work/out"
check "... and hashes in those of targets" grep -qxE "asked /targets/packages/$platform/[0-9a-f]{64}\.$package" "$work/out"

for time in 1 2 3; do check "the root's key is replaced ($time)" changed tool rotate root; done
both "three roots later"
check "... the root is the fourth" version_is root 4
for role in targets $platform releases snapshot timestamp; do
    check "the key of $role is replaced" changed tool rotate $role
    both "new key of $role"
done
check "... the last two made roots as well" version_is root 7
check "root and releases come to need two of two" eval 'tool add-key root && tool threshold root 2 && tool add-key releases && tool threshold releases 2 && tool publish'
both "two signatures"
current_key() { node -p 'JSON.parse(require("fs").readFileSync(0)).roles.find((role) => role.role === process.argv[1]).keys[0]' "$1" < <("$build/autodeploy-repository" status --json --repository "$repository"); }
check "... the first key of releases is taken away" eval 'tool threshold releases 1 && tool remove-key releases "$(current_key releases)" && tool publish'
check "... and one more platform is delegated to" eval 'tool delegate linux-s390x && tool publish'
both "a key less and a role more"

# What somebody does who may write to the web server and has no key: refused; and put back: accepted.
# refused LABEL FILE COMMAND…: the command, with the file's path behind it, changes the file.
refused() {
    local label=$1 file=$2 status
    shift 2
    cp -p "$file" "$work/kept"
    "$@" "$file"
    js "new-$RANDOM$RANDOM" # what it stored before would be good still
    status=$?
    if [ $status = 1 ] && grep -q '^refused: ' "$work/out"; then ok "$label: tuf-js refuses it ($(sed -n 's/^refused: //p' "$work/out" | cut -c1-90))"; else
        not_ok "$label: tuf-js refuses it"
        sed 's/^/    /' "$work/out"
    fi
    check "$label: ours refuses it too" eval "! tool verify"
    cp -p "$work/kept" "$file"
    check "$label: put back it is read again" reads old
}
newest() { ls -v "$published/metadata/"*."$1.json" | tail -1; }
tar_file=$(ls "$published/targets/packages/$platform/"*".$package")
refused "a byte of the package changed" "$tar_file" sh -c 'printf X | dd of="$0" bs=1 seek=600 conv=notrunc status=none'
refused "a package that is longer" "$tar_file" sh -c 'echo more >>"$0"'
refused "another version in a platform's role" "$(newest $platform)" sed -i 's/8\.1\.27\.0/8.1.28.0/'
refused "another share in the offers" "$(ls "$published"/targets/*.offers.json | xargs grep -l '"share"' | tail -1)" sed -i 's/"share": *100/"share": 099/'
refused "a key of one's own in the role that delegates" "$(newest targets)" sed -i '0,/"public": *"[0-9a-f]*"/s//"public": "'"$(printf '0%.0s' {1..64})"'"/'
refused "a snapshot that lists less" "$(newest snapshot)" sed -i '/"halt.json"/,/}/d'
refused "a date further away in the timestamp" "$published/metadata/timestamp.json" sed -i 's/"expires": *"2[0-9]*/"expires": "2999/'
cp "$published/metadata/timestamp.json" "$work/older"
check "the timestamp is renewed" eval 'tool refresh && reads old'
cp "$published/metadata/timestamp.json" "$work/newer"
cp "$work/older" "$published/metadata/timestamp.json"
check "the timestamp before it again: tuf-js refuses it" eval '! js old && grep "^refused: .*version" "$work/out"'
cp "$work/newer" "$published/metadata/timestamp.json"
mkdir "$work/stranger" && "$build/autodeploy-repository" init --repository "$work/stranger" --passphrase-file "$work/passphrase" --platform $platform --quiet
next=$published/metadata/$(($(basename "$(newest root)" .root.json) + 1)).root.json
sed "s/\"version\": *1/\"version\": $(basename "$next" .root.json)/" "$work/stranger/staged/root.json" >"$next"
check "a stranger's root: tuf-js refuses it" eval '! js old && grep -q "^refused: " "$work/out"'
check "a stranger's root: ours refuses it too" eval '! tool verify'
rm "$next"
both "all put back"
finish
