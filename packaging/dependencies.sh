#!/bin/bash
# The one list of Debian packages, by purpose. Installs what is missing of the purposes named; needs root or sudo.
#   packaging/dependencies.sh build test        installs
#   packaging/dependencies.sh --list build      prints the names, changes nothing
# tool:X is a package that is needed only where no program X is there already, from wherever; tool:X:Y has a program Y.
set -euo pipefail

packages_for() {
    case $1 in
    build) # the programs themselves
        echo g++ cmake ninja-build ccache mold pkgconf
        echo libpoco-dev libssl-dev libyaml-cpp-dev libarchive-dev
        ;;
    packages) echo dpkg-dev fakeroot rpm gzip ;;     # our own deb and rpm
    machine) echo mmdebstrap mount util-linux iproute2 procps rpm acl attr ca-certificates ;; # throw-away machines with systemd
    unit) echo git doctest-dev clang clang-format clang-tidy llvm libclang-rt-14-dev faketime rpm openssl ;;
    fuzz) echo doctest-dev clang llvm libclang-rt-14-dev ;;
    system) packages_for packages; packages_for machine; echo g++-i686-linux-gnu lintian rpmlint zstd zip xz-utils ncompress openssl strace e2fsprogs ;;
    tuf-js) echo tool:nodejs:node tool:npm ;; # another client of The Update Framework
    signatures) echo rpm gnupg openssl msitools wixl osslsigncode ;; # the vendor's signatures
    attacks) echo faketime ;; # a web server in hostile hands
    faults) packages_for packages; packages_for machine; echo strace e2fsprogs ;;
    bench) packages_for packages; packages_for machine; echo libarchive-tools zstd xz-utils openssl strace swupdate cpio ;;
    mutations) packages_for unit ;;
    windows) echo g++-mingw-w64-x86-64-posix g++-mingw-w64-i686-posix wine64 wine ccache doctest-dev dpkg-dev perl wixl msitools osslsigncode libarchive-tools ;; # the libraries come as sources
    big-endian) packages_for machine; echo g++-s390x-linux-gnu qemu-user-static doctest-dev openssl ;;
    demo) packages_for build; packages_for packages; packages_for machine; echo doctest-dev ;; # cmake looks for it
    test) for part in build unit system faults fuzz; do packages_for $part; done ;;
    *)
        echo "dependencies.sh: unknown purpose '$1': build packages machine unit system tuf-js attacks signatures faults fuzz windows big-endian mutations bench demo test" >&2
        return 2
        ;;
    esac
}

only_list=no
if [ "${1:-}" = --list ]; then only_list=yes; shift; fi
[ $# -gt 0 ] || { echo "usage: dependencies.sh [--list] PURPOSE…" >&2; exit 2; }

wanted=$(for purpose in "$@"; do packages_for "$purpose" || exit; done) || exit 2
wanted=$(tr -s ' ' '\n' <<<"$wanted" | sort -u)
if [ $only_list = yes ]; then sed 's/^tool://; s/:.*//' <<<"$wanted"; exit 0; fi

command -v dpkg-query >/dev/null || { echo "dependencies.sh: no dpkg here; install the equivalents of:" $wanted >&2; exit 1; }
missing=()
for package in $wanted; do
    case $package in tool:*) package=${package#tool:}; ! command -v "${package#*:}" >/dev/null || continue; package=${package%:*} ;; esac
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} = 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "dependencies.sh: cannot install as $(id -un) without sudo; as root: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
echo "Installing for $*: ${missing[*]}"
"${apt[@]}" update >/dev/null || echo "dependencies.sh: the package lists could not be renewed; going on with those that are here" >&2
log=$(mktemp)
if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    tail -20 "$log" >&2
    echo "dependencies.sh: cannot install ${missing[*]} (whole output: $log)" >&2
    exit 1
fi
rm -f "$log"
