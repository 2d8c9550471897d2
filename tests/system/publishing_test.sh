#!/bin/bash
# A new publisher with the README in hand: the five commands of its chapter, as they stand there, typed at a terminal.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds ($preset)" build_preset "$preset" autodeploy-repository standin_dsmc standin_dsmcad || finish
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -n '/^## Publishing, in five commands/,/^## /p' README.md | sed -n '/^```/,/^```/p' | sed '1d;$d' >"$work/commands"
check "the README has five commands" eval '[ "$(wc -l <"$work/commands")" = 5 ]' || finish
for release in 8.1.25.0 8.1.27.0; do bash tests/standin/packages.sh "$build/standin" "$work/vendor" $release >"$work/log" 2>&1 || not_ok "the vendor's $release is made"; done

# /mnt and /srv of its own, so that the paths are those of the README. A terminal, because a passphrase is asked for.
cat >"$work/walk" <<'WALK'
set -e
mount -t tmpfs none /mnt
mount -t tmpfs none /srv
cp "$work"/vendor/*.tar /mnt/
umask 022
export PATH=$build:$PATH
cd /
# Twice for init, once for publish.
printf '%s\n' "correct horse battery" "correct horse battery" "correct horse battery" | script -qefc "bash -e $work/commands" "$work/typescript" >/dev/null || { cat "$work/typescript"; exit 1; }
cp -a /srv/updates "$work/updates"
WALK
private=(unshare --mount)
[ "$(id -u)" = 0 ] || private=(unshare --user --map-root-user --mount)
if ! "${private[@]}" true 2>/dev/null; then skip "the five commands: no mounts of one's own can be had here" && finish; fi
check "the five commands run as they stand there" env work="$work" build="$build" "${private[@]}" bash "$work/walk" || finish

published=$work/updates/published
status_of() { "$build/autodeploy-repository" status --repository "$work/updates" >"$work/status"; }
says() { grep -qF -- "$1" "$work/status" || { cat "$work/status" && return 1; }; }
check "status tells what is offered" eval 'status_of && says "offered  8.1.27.0 in channel stable to 10 % of all nodes on all platforms, change CHG0012345"'
check "... and both packages" eval 'says "8.1.25.0-TIV" && says "8.1.27.0-TIV"'
check "... and nothing waits to be published" eval '! says staged >/dev/null'
check "audit tells who did it, with the change" eval '"$build/autodeploy-repository" audit --repository "$work/updates" | grep "release.*CHG0012345"'
check "an agent with the first root reads it, packages and all" "$build/autodeploy-repository" verify --repository "$work/updates"
check "... also as a folder alone, without the publisher's files" eval 'cp -a "$published" "$work/alone" && "$build/autodeploy-repository" verify --repository "$work/updates" --url "$work/alone"'
check "a timer renews it with the passphrase from a descriptor" eval '"$build/autodeploy-repository" refresh --repository "$work/updates" --passphrase-fd 3 3< <(echo "correct horse battery")'
check "... and with another one it does not" eval '! "$build/autodeploy-repository" refresh --repository "$work/updates" --passphrase-fd 3 3< <(echo "another") >"$work/said" 2>&1 && grep -i passphrase "$work/said"'
mkdir "$work/cut" && head -c 100000 "$work/vendor/8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar" >"$work/cut/8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar"
check "a package that was cut is refused, and nothing of it stays unpacked" eval '! "$build/autodeploy-repository" add "$work/cut/"*.tar --repository "$work/updates" 2>"$work/said" && grep -q damaged "$work/said" && [ ! -e "$work/updates/reading" ]'
# A publisher need not be root, nor own the vendor's files.
as_nobody() {
    install -d -m 755 -o 65534 "$work/nobody" && chmod 755 "$work" && cp "$build/autodeploy-repository" "$work/nobody/tool" && (umask 077 && echo "correct horse battery" >"$work/nobody/passphrase") &&
        chown 65534 "$work/nobody/passphrase" && chmod 644 "$work/vendor/"*.tar && chmod 755 "$work/vendor" && cd / || return
    local line
    for line in "init --platform linux-x86_64-deb" "add $work/vendor/8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar" publish verify "mirror $work/nobody/mirror" "verify --url $work/nobody/mirror"; do
        setpriv --reuid 65534 --regid 65534 --clear-groups "$work/nobody/tool" $line --repository "$work/nobody/updates" --passphrase-file "$work/nobody/passphrase" || return
    done
}
if [ "$(id -u)" = 0 ]; then check "a publisher who is not root adds files of somebody else, and mirrors them" as_nobody; fi
check "the working directory is where the program runs, whatever PWD says" eval '(cd "$work/updates" && PWD=/usr "$build/autodeploy-repository" status >/dev/null && env -u PWD "$build/autodeploy-repository" status >/dev/null)'
check "a passphrase file that is a link is refused" eval '(umask 077 && echo "correct horse battery" >"$work/secret" && ln -s secret "$work/link") && ! "$build/autodeploy-repository" refresh --repository "$work/updates" --passphrase-file "$work/link" 2>"$work/said" && grep -q "name the file itself" "$work/said"'
check "a web server's user may read all of it" eval '[ -z "$(find "$published" -type f ! -perm -444 -o -type d ! -perm -555)" ]'
check "nobody else may read the keys" eval '[ "$(stat -c %a "$work/updates/keys")" = 700 ] && [ -z "$(find "$work/updates/keys" -name "*.pem" ! -perm 600)" ]'
check "no private key lies in the clear or where the web server is" eval '! grep -rlE "BEGIN (RSA |EC )?PRIVATE KEY" "$work/updates" && ! grep -rl "PRIVATE KEY" "$published"'
finish
