# shellcheck shell=bash
# What a program for s390x is built against: headers and libraries of the same Debian, unpacked and nothing more (no script
# of a package runs), from the archives that this machine is configured for; made once and kept in the cache.
# To be sourced after tests/lib.sh and tests/system/trees.sh.

sysroot_packages="libc6-dev libpoco-dev libssl-dev libyaml-cpp-dev libarchive-dev doctest-dev"

# sysroot_make FOLDER
sysroot_make() {
    local sources=$1.list link
    tree_sources >"$sources"
    mmdebstrap --quiet --variant=extract --architectures=s390x --include="$(tr ' ' , <<<"$sysroot_packages")" \
        bookworm "$1" $(if [ -s "$sources" ]; then echo "$sources"; fi) >"$1.log" 2>&1 || { cat "$1.log" >&2 && return 1; }
    # Links that begin at the root would lead into this machine.
    find "$1" -type l -lname '/*' | while read -r link; do ln -sfnr "$1$(readlink "$link")" "$link"; done
    rm -rf "$sources" "$1.log" "$1"/var "$1"/usr/share/{doc,locale,man} "$1"/usr/{,s}bin "$1"/dev
}

# sysroot: prints the folder; makes it where there is none. One maker at a time.
sysroot() {
    local folder
    folder=$cache/sysroots/s390x-$(content_key "$sysroot_packages" "$(declare -f sysroot_make)")
    mkdir -p "$cache/sysroots"
    (
        flock 9
        [ -d "$folder" ] && { touch "$folder"; exit 0; }
        echo "making the sysroot for s390x (once; kept in $cache)" >&2
        find "$cache/sysroots" -mindepth 1 -maxdepth 1 \( -name '*.part*' -o -mtime +14 \) -exec rm -rf {} +
        sysroot_make "$folder.part" && mv "$folder.part" "$folder"
    ) 9>"$cache/sysroots/.lock" || return 1
    echo "$folder"
}
