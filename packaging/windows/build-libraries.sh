#!/bin/bash
# Cross-builds the libraries that we use as static ones for 64-bit Windows, from Debian's source packages: with Debian's
# patches, by apt, from the archives that this machine is configured for. Prints the folder of the result as its last
# line: outside of the checkout, named by the recipes, the versions and the compiler. Nothing is done if it is there.
# build-libraries.sh    JOBS: how many at a time (default: processors). AUTODEPLOY_CACHE as in tests/run.sh.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
cache=${AUTODEPLOY_CACHE:-${HOME:-/root}/.cache/autodeploy}/windows
jobs=${JOBS:-$(nproc)}
triplet=x86_64-w64-mingw32
toolchain=$here/toolchain.cmake
ccache=$(command -v ccache || true)
packages="zlib bzip2 libzstd xz-utils pcre3 yaml-cpp doctest openssl libarchive poco"

command -v $triplet-g++-posix >/dev/null || { echo "build-libraries.sh: no $triplet-g++-posix here: bash packaging/dependencies.sh windows" >&2; exit 1; }
mkdir -p "$cache"
exec 9>"$cache/lock" && flock 9 # whoever comes second finds what the first has made

# Source packages need lists of their own, which a machine seldom has: they are kept here, not in /etc.
apt_folder=$cache/apt
source_apt() {
    apt-get -q -o "Dir::Etc::SourceList=$apt_folder/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$apt_folder/lists" \
        -o "Dir::Cache=$apt_folder" -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"
}
source_lists() {
    mkdir -p "$apt_folder/lists/partial" "$apt_folder/archives/partial"
    apt-get indextargets --format '$(SIGNED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        while IFS='|' read -r key address release component; do
            case $key in /*) key="[signed-by=$key] " ;; *) key= ;; esac
            echo "deb-src $key$address $release $component"
        done | awk '!seen[$0]++' >"$apt_folder/sources.list"
    source_apt update >&2 || echo "build-libraries.sh: the lists of sources could not be renewed; going on with those that are here" >&2
}
versions_of() {
    apt-cache -o "Dir::Etc::SourceList=$apt_folder/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$apt_folder/lists" \
        -o "Dir::Cache=$apt_folder" showsrc --only-source "$1" | awk '/^Version:/ { print $2 }' | sort -V -r
}
# fetched PACKAGE VERSION: its source, kept for the next time.
fetched() {
    local folder=$cache/sources/$1-$2
    [ ! -e "$folder/complete" ] || return 0
    rm -rf "$folder" && mkdir -p "$folder"
    (cd "$folder" && source_apt source --only-source --download-only -qq "$1=$2" >&2) && touch "$folder/complete"
}
# unpacked PACKAGE: unpacks its source below $work and prints the folder.
unpacked() {
    mkdir -p "$work/source/$1"
    (cd "$work/source/$1" && dpkg-source --no-check -x "$cache/sources/$1-${versions[$1]}"/*.dsc "$1" >&2)
    echo "$work/source/$1/$1"
}

configured() { # NAME SOURCE OPTION…
    local name=$1 source=$2
    shift 2
    cmake -G Ninja -S "$source" -B "$work/$name" -Wno-dev -DCMAKE_TOOLCHAIN_FILE="$toolchain" -DAUTODEPLOY_WINDOWS_LIBRARIES="$prefix" \
        -DCMAKE_BUILD_TYPE=Release ${ccache:+-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache} -DCMAKE_C_FLAGS_RELEASE="-O2 -DNDEBUG" -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" \
        -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF "$@"
}
built() { ninja -C "$work/$1" -j"$jobs" "${@:2}"; }
compiled() { # LIBRARY FILE…: for those whose own build does not know Windows without files that Debian leaves out
    local library=$1
    shift
    mkdir -p "$work/$library" && (cd "$work/$library" && for file; do $ccache $triplet-gcc-posix -O2 -DNDEBUG -c "$file"; done)
    $triplet-ar rcs "$prefix/lib/lib$library.a" "$work/$library"/*.o
}

recipe_zlib() {
    local s; s=$(unpacked zlib)
    [ -f "$s/zconf.h" ] || mv "$s/zconf.h.included" "$s/zconf.h"
    compiled z "$s"/{adler32,compress,crc32,deflate,gzclose,gzlib,gzread,gzwrite,infback,inffast,inflate,inftrees,trees,uncompr,zutil}.c
    cp "$s/zconf.h" "$s/zlib.h" "$prefix/include/"
}
recipe_bzip2() {
    local s; s=$(unpacked bzip2)
    compiled bz2 "$s"/{blocksort,huffman,crctable,randtable,compress,decompress,bzlib}.c
    cp "$s/bzlib.h" "$prefix/include/"
}
recipe_pcre() {
    configured pcre "$(unpacked pcre3)" -DPCRE_BUILD_PCREGREP=OFF -DPCRE_BUILD_TESTS=OFF -DPCRE_BUILD_PCRECPP=OFF -DPCRE_SUPPORT_UTF=ON \
        -DPCRE_SUPPORT_UNICODE_PROPERTIES=ON -DPCRE_SUPPORT_LIBZ=OFF -DPCRE_SUPPORT_LIBBZ2=OFF -DPCRE_SUPPORT_LIBREADLINE=OFF
    built pcre install
}
recipe_zstd() {
    configured zstd "$(unpacked libzstd)/build/cmake" -DZSTD_BUILD_PROGRAMS=OFF -DZSTD_BUILD_SHARED=OFF -DZSTD_BUILD_TESTS=OFF -DZSTD_LEGACY_SUPPORT=OFF
    built zstd install
}
recipe_xz() {
    configured xz "$(unpacked xz-utils)"
    built xz liblzma && cmake --install "$work/xz" --component liblzma_Development
}
recipe_yaml() {
    configured yaml "$(unpacked yaml-cpp)" -DYAML_CPP_BUILD_TESTS=OFF -DYAML_CPP_BUILD_TOOLS=OFF -DYAML_CPP_BUILD_CONTRIB=OFF -DYAML_BUILD_SHARED_LIBS=OFF
    built yaml install
}
recipe_doctest() {
    configured doctest "$(unpacked doctest)" -DDOCTEST_WITH_TESTS=OFF
    built doctest install
}
recipe_openssl() { # its configuration would be read from OPENSSLDIR: a folder that administrators only can make
    local s; s=$(unpacked openssl)
    mkdir -p "$work/openssl" && cd "$work/openssl"
    perl "$s/Configure" mingw64 CC="${ccache:+ccache }$triplet-gcc-posix" AR=$triplet-ar RANLIB=$triplet-ranlib RC=$triplet-windres --prefix="$prefix" --libdir=lib \
        --openssldir=C:/Windows/autodeploy-ssl no-autoload-config no-shared no-tests no-legacy no-engine no-cms no-ts no-sm2 no-sm3 no-sm4 no-rc2 no-rc4 no-rc5 no-md4 no-seed no-blake2 no-siphash no-cmp no-dso no-srtp no-nextprotoneg no-module no-ssl3 no-comp no-idea no-seed no-camellia no-aria \
        no-mdc2 no-whirlpool no-cast no-bf no-gost no-srp no-psk no-dtls no-ct no-sctp no-ui-console
    # Configure takes a drive for a folder of the prefix: told to make again.
    make -s -j"$jobs" OPENSSLDIR=C:/Windows/autodeploy-ssl ENGINESDIR=C:/Windows/autodeploy-ssl/engines MODULESDIR=C:/Windows/autodeploy-ssl/modules build_libs && make -s install_dev
}
recipe_libarchive() {
    local s; s=$(unpacked libarchive)
    configured libarchive "$s" -DENABLE_TEST=OFF -DENABLE_TAR=OFF -DENABLE_CPIO=OFF -DENABLE_CAT=OFF -DENABLE_OPENSSL=OFF -DENABLE_CNG=ON \
        -DENABLE_LIBXML2=OFF -DENABLE_EXPAT=OFF -DENABLE_BZip2=ON -DENABLE_LZ4=OFF -DENABLE_LZO=OFF -DENABLE_LIBB2=OFF -DENABLE_NETTLE=OFF \
        -DENABLE_MBEDTLS=OFF -DENABLE_PCREPOSIX=OFF -DENABLE_ACL=OFF -DENABLE_ICONV=OFF -DENABLE_ZLIB=ON -DENABLE_ZSTD=ON -DENABLE_LZMA=ON -DENABLE_WERROR=OFF \
        -DCMAKE_CROSSCOMPILING_EMULATOR=/bin/false # one check would run a program; without any, CMake 3.25 crashes
    built libarchive archive_static
    cp "$work/libarchive/libarchive/libarchive_static.a" "$prefix/lib/libarchive.a"
    cp "$s"/libarchive/archive{,_entry}.h "$prefix/include/"
}
recipe_poco() { # a third of it: what sockets with TLS reach
    local s name headers poco_definitions
    s=$(unpacked poco)
    poco_definitions="-DUNICODE -D_UNICODE -DPOCO_STATIC -DPOCO_NO_AUTOMATIC_LIBS -DPOCO_UNBUNDLED -DPOCO_ENABLE_CPP11 -DPOCO_ENABLE_CPP14"
    poco_definitions+=" -DPOCO_WIN32_UTF8 -DPOCO_UTIL_NO_XMLCONFIGURATION -DPOCO_UTIL_NO_JSONCONFIGURATION -DPCRE_STATIC -D_WIN32_WINNT=0x0A00"
    headers=$(printf 'Net/%s.h ' DNS Context NetException SSLException ServerSocket SecureServerSocket StreamSocket SecureStreamSocket)
    for name in Winsock2 Iphlpapi; do echo "#include <${name,,}.h>" >"$prefix/include/$name.h"; done # Poco/UnWindows.h names them so
    sed -i '/LoggingSubsystem/d' "$s/Util/src/Application.cpp"                                     # it would reach everything that logs
    mkdir -p "$work/poco" && cd "$s"
    perl "$here/reachable-sources.pl" $headers >"$work/poco/sources"
    printf 'Foundation/src/pcre_%s.c\n' ucd tables >>"$work/poco/sources"
    xargs -P"$jobs" -I{} bash -c 'o=${1//\//-}; case $1 in *.c) language=c ;; *) language="c++ -std=c++17" ;; esac
        exec '"$ccache $triplet-g++-posix $poco_definitions"' -O2 -DNDEBUG -w -x $language -I{Foundation,Net,Crypto,NetSSL_OpenSSL,Util}/include -IFoundation/src \
            -I'"$prefix/include"' -c "$1" -o '"$work/poco"'/${o%.*}.o' compile {} <"$work/poco/sources"
    $triplet-ar rcs "$prefix/lib/libPoco.a" "$work/poco"/*.o
    for name in Foundation Net Crypto NetSSL_OpenSSL Util; do cp -r "$s/$name/include/Poco" "$prefix/include/"; done
    mkdir -p "$prefix/lib/cmake/Poco"
    cat >"$prefix/lib/cmake/Poco/PocoConfig.cmake" <<END
add_library(Poco::Foundation STATIC IMPORTED)
set_target_properties(Poco::Foundation PROPERTIES IMPORTED_LOCATION "$prefix/lib/libPoco.a"
    INTERFACE_INCLUDE_DIRECTORIES "$prefix/include" INTERFACE_COMPILE_OPTIONS "${poco_definitions// /;}"
    INTERFACE_LINK_LIBRARIES "OpenSSL::SSL;OpenSSL::Crypto;$prefix/lib/libpcre.a;ws2_32;iphlpapi;crypt32")
foreach(part Net NetSSL)
    add_library(Poco::\${part} INTERFACE IMPORTED)
    target_link_libraries(Poco::\${part} INTERFACE Poco::Foundation)
endforeach()
END
}

# one NAME: with its log, and where that fails, its end.
one() {
    local begun=$SECONDS
    [ ! -e "$prefix/built-$1" ] || return 0
    # Not under a condition, which would switch off set -e within.
    (recipe_"$1") >"$work/$1.log" 2>&1 &
    if wait $!; then touch "$prefix/built-$1"; echo "built $1 in $((SECONDS - begun)) s" >&2; else
        echo "build-libraries.sh: cannot build $1 (whole output: $work/$1.log):" >&2
        tail -25 "$work/$1.log" >&2
        return 1
    fi
}

declare -A versions
source_lists
for package in $packages; do
    for version in $(versions_of "$package"); do # an archive may name a version that it does not have (yet)
        ! fetched "$package" "$version" || { versions[$package]=$version; break; }
    done
    [ -n "${versions[$package]:-}" ] || { echo "build-libraries.sh: no source of $package in the archives of this machine" >&2; exit 1; }
done
key=$({
    for package in $packages; do echo "$package ${versions[$package]}"; done
    $triplet-g++-posix -dumpfullversion
    cat "$toolchain" "$here/reachable-sources.pl"
    declare -f configured built compiled $(declare -F | awk '$3 ~ /^recipe_/ { print $3 }')
} | sha256sum | cut -c1-16)
prefix=$cache/libraries-$key
if [ ! -e "$prefix/complete" ]; then
    work=$prefix.work
    rm -rf "$work" # what an interrupted run has built stays
    mkdir -p "$prefix/lib" "$prefix/include" "$work"
    for name in zlib bzip2 pcre; do one $name; done
    # Configuring libarchive takes one processor, whatever is there.
    (for name in zstd xz libarchive yaml doctest; do one $name; done) &
    others=$!
    one openssl
    one poco
    wait $others
    touch "$prefix/complete"
    rm -rf "$work"
fi
echo "$prefix"
