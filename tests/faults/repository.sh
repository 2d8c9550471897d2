#!/bin/bash
# kill -9 and power cuts at the n-th call by which `autodeploy-repository publish`, or a client's refresh, changes anything
# on a real disk. What is read afterwards was once true, and the next run ends well.
#   repository.sh [COUNT]     COUNT points of each spread evenly; without it every one
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
count=${1:-0}
# Mounts of our own: where others could see the disk, they would keep it alive when its power is cut.
if [ -z "${AUTODEPLOY_PRIVATE:-}" ] && unshare --mount --propagation private true 2>/dev/null; then
    AUTODEPLOY_PRIVATE=yes exec unshare --mount --propagation private bash "$0" "$@"
fi
if [ "$(id -u)" != 0 ]; then skip "the repository under kill -9 and power cuts: needs root, for a disk of its own" && finish; fi
check "builds ($preset)" build_preset "$preset" autodeploy-repository shut_down_ext4 || finish
work=$(mktemp -d) disk=
release() {
    [ -z "$disk" ] || umount "$disk" 2>/dev/null
    rm -rf "$work"
}
trap release EXIT
(umask 077 && echo "correct horse battery" >"$work/passphrase")
tool() { "$build/autodeploy-repository" "$@" --passphrase-file "$work/passphrase" --by tester --quiet; }
changing=write,pwrite64,writev,openat,creat,fsync,fdatasync,sync_file_range,syncfs,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat
changing+=,link,linkat,symlink,symlinkat,ftruncate,fallocate,chmod,fchmod,fchmodat,chown,fchown,fchownat,setxattr,fsetxattr,utimensat,copy_file_range,sendfile

# A disk whose power can be cut; without one everything but the cuts is done in a folder.
cuts=yes
truncate -s 64M "$work/disk.img" && mkdir "$work/disk"
if mkfs.ext4 -q "$work/disk.img" && mount -o loop "$work/disk.img" "$work/disk" 2>"$work/why"; then disk=$work/disk; else
    skip "power cuts of the repository: no loop device ($(<"$work/why"))"
    cuts=no
fi
here=$work/disk

# What each run begins with: a repository with new keys waiting to be published, and a client that has read the old one.
prepare() {
    mkdir "$work/base" && cd "$work/base" && tool init --repository "$PWD/updates" --platform aix && tool publish --repository "$PWD/updates" &&
        cp -a updates/published old && tool verify --repository "$PWD/updates" --trust "$PWD/trust" &&
        for role in timestamp targets releases; do tool rotate $role --repository "$PWD/updates" || return; done &&
        tool arm armed --repository "$PWD/updates" && weaken updates/keys && cp -a updates after && tool publish --repository "$PWD/after" && cp -a after/published new && rm -r after
}
# Keys are made slow to guess; hundreds of runs are not for that.
weaken() {
    local key
    for key in "$1"/*.pem; do
        openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 1 -in "$key" -passin "file:$work/passphrase" -passout "pass:$(<"$work/passphrase")" -out "$key.new" && cat "$key.new" >"$key" && rm "$key.new" || return
    done
}
check "a repository and a client are prepared" prepare || finish
cd "$project" || exit 1
fresh() {
    rm -rf "${here:?}"/*
    cp -a "$work/base/." "$here/" && sync -f "$here"
}
publisher() { echo publish --repository "$here/updates"; }
client() { echo verify --repository "$here/updates" --url "$here/new" --trust "$here/trust"; }
agent_reads() { tool verify --repository "$here/updates" --url "$1" --trust "$here/$2"; }
version() { sed -n 's/.*"version": *\([0-9]*\).*/\1/p' "$1/metadata/timestamp.json" | tail -1; }

# after_publisher, after_client: print what is wrong.
after_publisher() {
    local seen
    seen=$(version "$here/updates/published")
    case $seen in 1 | 2) ;; *) echo "the timestamp has version '$seen'" ;; esac
    cp -a "$here/trust" "$here/other"
    agent_reads "$here/updates/published" trust 2>&1 || echo "a client that knew the old one cannot read it"
    tool $(publisher) 2>&1 || echo "it cannot be published again"
    [ "$(version "$here/updates/published")" -ge 2 ] || echo "the second run published nothing"
    agent_reads "$here/updates/published" trust 2>&1 || echo "... and not after the second run either"
    agent_reads "$here/updates/published" other 2>&1 || echo "a client that was away meanwhile cannot read it"
    cmp -s "$here/old/metadata/1.root.json" "$here/updates/published/metadata/1.root.json" || echo "the first root has changed"
}
digests() { find "$@" -type f -name '*.json' -exec sha256sum {} + | cut -d' ' -f1 | sort -u; }
after_client() {
    local file
    [ -z "$(comm -23 <(digests "$here/trust") <(digests "$here/old/metadata" "$here/new/metadata"))" ] || echo "what is in the store was never served so"
    # A client that has no root would have to be started anew by a person.
    [ -e "$here/trust/root.json" ] || echo "the root is gone"
    tool $(client) 2>&1 || echo "the next refresh fails"
    for file in root timestamp snapshot targets; do [ -e "$here/trust/$file.json" ] || echo "$file.json is missing after the next refresh"; done
    [ -z "$(comm -23 <(digests "$here/trust") <(digests "$here/new/metadata"))" ] || echo "the next refresh did not bring all that is new"
}
# run_cut WHO CALL N: killed when it is about to make its N-th CALL.
run_cut() {
    (
        strace -qq -o /dev/null -e trace="$2" -e signal=none -e inject="$2:signal=KILL:when=$3" "$build/autodeploy-repository" $("$1") \
            --passphrase-file "$work/passphrase" --by tester --quiet
        exit $?
    ) >/dev/null 2>&1
}
# sweep WHO: each call, or COUNT of them, once with a kill and once with a power cut.
sweep() {
    local who=$1 total step n call nth how wrong kinds=kill runs=0 unmet=0 broken=()
    [ $cuts = no ] || kinds="kill power"
    fresh
    strace -qq -o "$work/calls" -e trace=$changing -e signal=none "$build/autodeploy-repository" $("$who") --passphrase-file "$work/passphrase" --by tester --quiet ||
        { not_ok "$who, without a fault" && return; }
    # strace counts each kind of call by itself.
    awk '{ call = $1; sub(/\(.*/, "", call); seen[call]++ } call != "openat" || /O_CREAT/ { print call, seen[call] }' "$work/calls" >"$work/changes"
    total=$(wc -l <"$work/changes")
    step=1
    if [ "$count" -gt 0 ] && [ "$total" -gt "$count" ]; then step=$(((total + count - 1) / count)); fi
    # Sweeps with steps do not always meet the same points.
    for ((n = 1 + ($(date +%-j) % step); n <= total; n += step)); do
        read -r call nth < <(sed -n "${n}p" "$work/changes")
        for how in $kinds; do
            fresh || { not_ok "$who: the disk can be filled" && return; }
            run_cut "$who" "$call" "$nth" && unmet=$((unmet + 1))
            if [ $how = power ]; then
                "$build/shut_down_ext4" "$disk" && umount "$disk" && mount -o loop "$work/disk.img" "$disk" || { not_ok "$who: the power can be cut" && return; }
            fi
            wrong=$("after_$who")
            runs=$((runs + 1))
            [ -z "$wrong" ] || broken+=("$how at the ${nth}. $call, call $n of $total: $wrong")
        done
    done
    if [ $unmet != 0 ]; then broken+=("$unmet runs were over before their call came"); fi
    if [ ${#broken[@]} = 0 ]; then ok "$who, $runs runs at every ${step}. of $total calls ($kinds): what is read was once true, and the next run ends well"; else
        not_ok "$who: ${#broken[@]} of $runs runs went wrong"
        printf '    %s\n' "${broken[@]}" | head -40
    fi
}
sweep publisher
sweep client
finish
