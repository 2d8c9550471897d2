#!/bin/bash
# Builds for 64-bit Windows and runs under Wine: the unit tests, the program as a service and at a console, the rescue program,
# our own package, the whole job with a stand-in client of 64 bits, with odd names, and with one of 32 bits.
# run.sh [--short] [unit|console|service|rescue|msi|job|names|bits]…: of these only, where any is named; short: of the unit tests
# those of what needs no library, fewer sick releases, few kills.
# Libraries and Wine's prefix are kept outside of the checkout.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
short=
if [ "${1:-}" = --short ]; then short=yes && shift; fi
parts=${*:-unit console service rescue msi job names bits}
has() { [[ " $parts " == *" $1 "* ]]; }

compiler=x86_64-w64-mingw32-g++-posix
folder=build/windows-unit
flags="-std=c++20 -O0 -D_WIN32_WINNT=0x0A00 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror"
# The platform needs no library; what is above it and reaches a fake machine does, and waits for the libraries.
sources="$(echo platform/*.cpp platform/windows/*.cpp platform/windows/native/*.cpp) installer/json.cpp installer/patterns.cpp
    $(ls installer/client/*.cpp | grep -v /probe.cpp)
    tests/main.cpp tests/platform/clock_test.cpp tests/platform/digest_test.cpp tests/platform/native_installer_contract.cpp tests/fakes/fake_file_system.cpp $(echo tests/platform/windows/*.cpp tests/platform/windows/native/*.cpp) tests/installer/json_test.cpp
    $(grep -L '"tests/fakes/' tests/installer/client/*.cpp)"

# The compiler for Windows does not look where Debian has this header.
mkdir -p $folder/include && ln -sfn /usr/include/doctest $folder/include/doctest

# ccache tells what is unchanged, headers included.
compile_one() { ccache $compiler $flags -I. -isystem $folder/include -c "$1" -o "$folder/${1//\//-}.o"; }
export -f compile_one && export compiler folder flags
standin() { $compiler $flags -I. -municode -static tests/standin/windows/service.cpp tests/standin/windows/stoppable_service.cpp -o $folder/standin_service.exe &&
    mkdir -p $folder/msi && bash tests/standin/windows/msi.sh $folder/msi $folder/standin_service.exe; }
compiled() {
    rm -f $folder/*.o $folder/*.exe
    xargs -n1 -P"$(nproc)" bash -c 'compile_one "$1"' compile_one <<<"$sources" && $compiler -static $folder/*.o -lmsi -lbcrypt -lws2_32 -lole32 -luuid -lwtsapi32 -o $folder/unit_tests.exe && standin
}

# No browser, and of .NET only what lies beside a program (tests/standin/windows/as_32_bit.cpp).
export WINEPREFIX WINEDEBUG=-all WINEDLLOVERRIDES="mscoree=n;mshtml=" WINEARCH=win64
unset DISPLAY
# Without a locale of UTF-8 Wine knows no names beyond ASCII.
export LC_ALL=C.UTF-8
WINEPREFIX=$cache/wine-$(content_key "$(wine --version 2>/dev/null)" "$WINEDLLOVERRIDES")
# One run at a time: each ends whatever runs in the prefix.
mkdir -p "$cache" && exec 9>"$WINEPREFIX.lock" && flock 9
prefix() {
    [ ! -e "$WINEPREFIX/complete" ] || return 0
    rm -rf "$WINEPREFIX" && mkdir -p "$WINEPREFIX" && $limited 300 wine wineboot -i &&
        $limited 120 wine winecfg -v win10 && wineserver -w && touch "$WINEPREFIX/complete"
}
# Whatever runs in this prefix was started here.
trap 'wineserver -k 2>/dev/null' EXIT

# unit_tests FOLDER SECONDS
unit_tests() {
    local log=build/windows-unit.log
    # What a run that was killed has left; numbers of processes come again.
    rm -rf "$WINEPREFIX"/drive_c/users/*/Temp/autodeploy*
    $limited "$2" wine "$1/unit_tests.exe" >$log 2>&1
    counted_doctest $log $? "unit tests under $(wine --version)"
    grep -a '^skipped: ' $log | sort -u | sed 's/^skipped: /skip unit (windows): /'
}

check "a Wine prefix is made" prefix || finish
# What a run that was broken off has left there is nobody's to sort out.
rm -f "$WINEPREFIX/complete"
if has unit && [ -n "$short" ]; then
    check "compiles for Windows without a warning" compiled || finish
    unit_tests $folder 600
fi
folder=$project/build/windows
AUTODEPLOY_WINDOWS_LIBRARIES=$(bash packaging/windows/build-libraries.sh 2>"$project/build/windows-libraries.log" | tail -1)
export AUTODEPLOY_WINDOWS_LIBRARIES
check "the libraries are there for Windows (else build/windows-libraries.log tells why)" test -d "$AUTODEPLOY_WINDOWS_LIBRARIES" || finish
check "the program builds for Windows without a warning" build_preset windows autodeploy autodeploy-rescue settings_reference standin_service standin_client standin_prerequisite || finish
if has unit && [ -z "$short" ]; then
    check "the unit tests build for Windows without a warning" build_preset windows unit_tests || finish
    check "look-alike products are made for them" eval 'mkdir -p "$folder/msi" && bash tests/standin/windows/msi.sh "$folder/msi" "$folder/standin_service.exe"' || finish
    unit_tests "$folder" 1800
fi
. tests/windows/service.sh
. tests/windows/rescue.sh
. tests/windows/msi.sh
. tests/windows/job.sh
. tests/windows/names.sh
. tests/windows/console.sh
. tests/windows/bits.sh
no_job
no_names
no_job_32
if has console; then console_tests; fi
if has service; then service_tests; fi
if has rescue; then rescue_tests; fi
if has msi; then msi_tests; fi
no_autodeploy
no_client
if has job || has names || has bits; then job_repository || finish; fi
if has job; then job_tests; fi
if has names; then names_tests; fi
if has bits; then job_32_tests; fi
touch "$WINEPREFIX/complete"
finish
