#!/bin/bash
# Builds our own packages from a built tree: autodeploy and autodeploy-repository, as deb and rpm.
#   packaging/build-packages.sh OUTPUT [--build DIRECTORY] [--version VERSION]
# DIRECTORY is build/release if not given, VERSION the project's.
set -euo pipefail
project=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
packaging=$project/packaging

output= build=$project/build/release
version=$(sed -n 's/^project(autodeploy VERSION \([0-9.]*\).*/\1/p' "$project/CMakeLists.txt")
while [ $# -gt 0 ]; do
    case $1 in
    --build) build=$2; shift 2 ;;
    --version) version=$2; shift 2 ;;
    -*) sed -n '2,4s/^# //p' "$0" >&2; exit 2 ;;
    *) output=$1; shift ;;
    esac
done
[ -n "$output" ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
for program in autodeploy autodeploy-repository settings_reference; do
    [ -x "$build/$program" ] || { echo "build-packages.sh: $build/$program is not there; build first" >&2; exit 1; }
done
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
# The same tree gives the same packages.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$project" log -1 --format=%ct 2>/dev/null || date +%s)}

# fill TEMPLATE [NAME=VALUE…]
fill() {
    local template=$1 text pair
    shift
    text=$(<"$template")
    for pair in "VERSION=$version" "DATE=$(date -uRd "@$SOURCE_DATE_EPOCH")" "RPMDATE=$(LC_ALL=C date -ud "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')" \
        "NOT_WHILE_APPLYING=$(<"$packaging/debian/not-while-applying")" "$@"; do
        text=${text//"@${pair%%=*}@"/"${pair#*=}"}
    done
    printf '%s\n' "$text"
}
compressed() { gzip -9n >"$1" && chmod 644 "$1"; }

# What both kinds of package hold, below $work/agent and $work/repository.
agent=$work/agent repository=$work/repository
install -d "$agent"/{usr/bin,usr/lib/autodeploy,etc/autodeploy,usr/share/man/man5,usr/share/man/man8} "$repository"/{usr/bin,usr/share/man/man1}
install -d -m 700 "$agent/var/lib/autodeploy"
install -D -m 644 "$project/agent/schemas/answers.schema.json" "$agent/usr/share/autodeploy/answers.schema.json"
install -m 755 "$build/autodeploy" "$agent/usr/bin/"
install -m 755 "$build/autodeploy-repository" "$repository/usr/bin/"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$agent/usr/bin/autodeploy" "$repository/usr/bin/autodeploy-repository"
install -m 755 "$packaging/rescue/autodeploy-rescue" "$agent/usr/lib/autodeploy/"
"$build/settings_reference" yaml >"$agent/etc/autodeploy/autodeploy.yaml"
fill "$packaging/man/autodeploy.8" "COMMANDS=$("$build/settings_reference" commands)" | compressed "$agent/usr/share/man/man8/autodeploy.8.gz"
fill "$packaging/man/autodeploy.yaml.5" "SETTINGS=$("$build/settings_reference" man)" | compressed "$agent/usr/share/man/man5/autodeploy.yaml.5.gz"
fill "$packaging/man/autodeploy-repository.1" | compressed "$repository/usr/share/man/man1/autodeploy-repository.1.gz"

# build_deb NAME ROOT PROGRAM CONTROL
build_deb() {
    local name=$1 root=$2 program=$3 control=$4 architecture depends size script
    architecture=$(dpkg --print-architecture)
    mkdir -p "$work/shlibs/debian" "$root/DEBIAN" "$root/usr/share/doc/$name"
    : >"$work/shlibs/debian/control"
    depends=$(cd "$work/shlibs" && dpkg-shlibdeps -O -e"$program" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
    install -m 644 "$packaging/debian/copyright" "$root/usr/share/doc/$name/copyright"
    fill "$packaging/debian/changelog.in" | compressed "$root/usr/share/doc/$name/changelog.gz"
    size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
    fill "$control" "ARCHITECTURE=$architecture" "DEPENDS=$depends" "SIZE=$size" >"$root/DEBIAN/control"
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | grep -zv '^etc/' | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
    find "$root" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
    dpkg-deb --root-owner-group -Zxz --build "$root" "$output/${name}_${version}_$architecture.deb" >/dev/null
    echo "$output/${name}_${version}_$architecture.deb"
}

if command -v dpkg-deb >/dev/null; then
    cp -a "$agent" "$work/deb-agent"
    cp -a "$repository" "$work/deb-repository"
    install -d "$work/deb-agent"/{DEBIAN,etc/init.d,lib/systemd/system,usr/share/lintian/overrides}
    install -m 644 "$packaging"/systemd/autodeploy* "$work/deb-agent/lib/systemd/system/"
    install -m 755 "$packaging/sysv/autodeploy" "$work/deb-agent/etc/init.d/"
    install -m 644 "$packaging/debian/lintian-overrides" "$work/deb-agent/usr/share/lintian/overrides/autodeploy"
    install -d "$work/deb-repository/usr/share/lintian/overrides"
    install -m 644 "$packaging/debian/lintian-overrides-repository" "$work/deb-repository/usr/share/lintian/overrides/autodeploy-repository"
    install -m 644 "$packaging/debian/conffiles" "$work/deb-agent/DEBIAN/"
    for script in preinst postinst prerm postrm; do
        fill "$packaging/debian/$script.in" >"$work/deb-agent/DEBIAN/$script"
        chmod 755 "$work/deb-agent/DEBIAN/$script"
    done
    build_deb autodeploy "$work/deb-agent" "$work/deb-agent/usr/bin/autodeploy" "$packaging/debian/control.in"
    build_deb autodeploy-repository "$work/deb-repository" "$work/deb-repository/usr/bin/autodeploy-repository" "$packaging/debian/control-repository.in"
fi

if command -v rpmbuild >/dev/null; then
    mkdir "$work/rpm"
    cp -a "$agent/." "$repository/." "$work/rpm/"
    install -d "$work/rpm/usr/lib/systemd/system" "$work/rpm"/usr/share/licenses/{autodeploy,autodeploy-repository}
    install -m 644 "$packaging"/systemd/autodeploy* "$work/rpm/usr/lib/systemd/system/"
    install -m 644 "$project/LICENSE" "$work/rpm/usr/share/licenses/autodeploy/"
    install -m 644 "$project/LICENSE" "$work/rpm/usr/share/licenses/autodeploy-repository/"
    fill "$packaging/rpm/autodeploy.spec.in" "STAGE=$work/rpm" >"$work/autodeploy.spec"
    rpmbuild --quiet --define "_topdir $work/rpmbuild" --define "_rpmdir $output" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
        --define '_build_id_links none' --define 'debug_package %{nil}' --define '__os_install_post %{nil}' \
        --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' --define '_buildhost localhost' \
        -bb "$work/autodeploy.spec" >"$work/rpmbuild.log" 2>&1 || { cat "$work/rpmbuild.log" >&2; exit 1; }
    ls "$output"/autodeploy*-"$version"-1.*.rpm
fi
