# shellcheck shell=bash
# Trees that throw-away machines are laid over: a small Debian with systemd, made once and kept in the cache.
# To be sourced after tests/lib.sh.

tree_packages="systemd systemd-sysv dbus procps acl attr strace openssl ca-certificates
libpocofoundation80 libpoconet80 libpoconetssl80 libpocoutil80 libyaml-cpp0.7 libarchive13 libssl3 libstdc++6"

# Where this machine gets its own packages from, if it is of the same release.
tree_sources() {
    if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release 2>/dev/null; then
        apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
            awk '($2 == "bookworm" || $2 ~ /^bookworm-(updates|security)$/) && $3 == "main" && !seen[$0]++ {
                print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " $0 }'
    fi
}

# Runs on the finished tree, outside of it.
tree_settle() {
    local root=$1 unit list path sum
    # A machine-id, so that no boot is a first boot with presets.
    echo 5f0e6ad1c0de4fd2a8d1b1b5c5a7e001 >"$root/etc/machine-id"
    # These act on the kernel of the machine outside, wait for hardware, or only cost time.
    for unit in console-getty getty@tty1 getty-static getty.target systemd-logind systemd-sysctl systemd-modules-load \
        systemd-update-utmp systemd-update-utmp-runlevel systemd-random-seed systemd-remount-fs systemd-binfmt \
        systemd-machine-id-commit systemd-pstore e2scrub_reap apt-daily.timer apt-daily-upgrade.timer \
        dpkg-db-backup.timer systemd-tmpfiles-clean.timer dev-hugepages.mount dev-mqueue.mount \
        sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
        proc-sys-fs-binfmt_misc.automount; do
        case $unit in *.*) ;; *) unit=$unit.service ;; esac
        ln -sf /dev/null "$root/etc/systemd/system/$unit"
    done
    ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
    : >"$root/etc/fstab"
    # What was left out of the tree does not stand in dpkg's lists either, or dpkg mends them when it comes by.
    for list in "$root"/var/lib/dpkg/info/*.list; do
        while read -r path; do
            if [ -e "$root$path" ] || [ -L "$root$path" ] || [ "$path" = /. ]; then echo "$path"; fi
        done <"$list" >"$list.new"
        mv "$list.new" "$list"
    done
    for list in "$root"/var/lib/dpkg/info/*.md5sums; do
        while read -r sum path; do
            if [ -e "$root/$path" ] || [ -L "$root/$path" ]; then echo "$sum  $path"; fi
        done <"$list" >"$list.new"
        mv "$list.new" "$list"
    done
}

# An rpm database of its own, in which one package stands for all that the tree already has, so that packages with
# dependencies install without being forced.
tree_rpm() {
    local root=$1 spec=$1/base.spec path
    mkdir -p "$root/etc/rpm"
    echo '%_dbpath /var/lib/rpm' >"$root/etc/rpm/macros"
    {
        printf 'Name: base-system\nVersion: 12\nRelease: 1\nSummary: What the tree has\nLicense: none\nBuildArch: noarch\n'
        # Names that packages ask for, and what rpm's own generator calls the libraries of the tree.
        for path in /bin/sh /bin/bash /usr/bin/sh /usr/bin/bash /usr/sbin/groupadd /usr/bin/systemctl /bin/systemctl systemd util-linux 'rtld(GNU_HASH)'; do
            echo "Provides: $path"
        done
        find "$root/lib/x86_64-linux-gnu" "$root/usr/lib/x86_64-linux-gnu" -name '*.so*' 2>/dev/null |
            /usr/lib/rpm/elfdeps -P 2>/dev/null | sort -u | sed 's/^/Provides: /'
        printf '%%description\nWhat the tree has.\n%%files\n'
    } >"$spec"
    rpmbuild --quiet --define "_topdir $root/rpmbuild" --define '_use_internal_dependency_generator 0' -bb "$spec" >/dev/null
    mkdir -p "$root/var/lib/rpm"
    rpm --root "$root" --define '_dbpath /var/lib/rpm' --initdb
    rpm --root "$root" --define '_dbpath /var/lib/rpm' -i "$root"/rpmbuild/RPMS/noarch/base-system-12-1.noarch.rpm
    rm -rf "$root/rpmbuild" "$spec"
}

# machine_tree deb|rpm: prints the folder; makes it where there is none. One maker at a time.
machine_tree() {
    local kind=$1 key tree packages=$tree_packages sources
    [ "$kind" != rpm ] || packages+=" rpm"
    key=$(content_key "$kind" "$packages" "$(declare -f tree_settle tree_rpm)")
    tree=$cache/trees/$kind-$key
    mkdir -p "$cache/trees"
    # Who only uses one does not wait for the maker of another.
    (
        touch -c "$tree"
        [ ! -d "$tree" ] || exit 0
        flock 9
        [ ! -d "$tree" ] || exit 0
        echo "making the $kind tree (once; kept in $cache)" >&2
        find "$cache/trees" -mindepth 1 -maxdepth 1 \( -name '*.part' -o -mtime +14 \) -exec rm -rf {} +
        sources=$(mktemp)
        tree_sources >"$sources"
        if ! mmdebstrap --quiet --mode=root --variant=minbase --include="$(echo $packages | tr ' ' ,)" \
            --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
            --dpkgopt='path-exclude=/usr/share/man/*' bookworm "$tree.part" \
            $(if [ -s "$sources" ]; then echo "$sources"; fi) >"$tree.log" 2>&1; then
            cat "$tree.log" >&2
            exit 1
        fi
        rm -f "$sources" "$tree.log"
        tree_settle "$tree.part" && { [ "$kind" != rpm ] || tree_rpm "$tree.part"; } && mv "$tree.part" "$tree"
    ) 9>"$cache/trees/.lock" || return 1
    echo "$tree"
}
