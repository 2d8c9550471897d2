#!/bin/bash
# The same programs for s390x, where numbers lie the other way round and char has no sign, run by qemu program by program:
# the unit tests, and the whole agent on the stand-in AIX. tests/big-endian/run.sh [--short]: see README.md.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
. "$project/tests/system/trees.sh"
. "$project/tests/big-endian/sysroot.sh"
cd "$project" || exit 1

qemu=$(command -v qemu-s390x-static)
units=$project/build/s390x-units
# Stands for the folder of a preset in tests/system/aix_test.sh.
mixed=$project/build/big-endian

put_sysroot() {
    local folder
    folder=$(sysroot) || return 1
    [ "$(readlink build/sysroot-s390x)" = "$folder" ] || rm -rf build/s390x
    ln -sfn "$folder" build/sysroot-s390x
}

# These alone take two thirds of the time under qemu, for what differs least there: waits, tools, the same over again.
long_cases="one fault*,a second fault*,a machine that dies anywhere*,the state's disk*,any file of the attempt damaged*"
long_cases+=",an archive that is out of proportion*,publishing that dies*,an init that dies*,a scriptlet's failure*"
long_cases+=",every cause of an error has*,an update package is unpacked*,installp on *,installp: what *,the real dpkg*,the real rpm*"
long_cases+=",killed at any moment* with its tool*"

# A program with the loader and the libraries that it asks for, in one folder. Given to qemu as its -L, it would stand in the
# place of the machine's own root.
lay() { # PROGRAM FOLDER
    local files=("$1") name path
    rm -rf "$2" && mkdir -p "$2" && cp -L build/sysroot-s390x/lib/ld64.so.1 "$2/" &&
        s390x-linux-gnu-strip -o "$2/$(basename "$1")" "$1" || return 1
    while [ ${#files[@]} -gt 0 ]; do
        for name in $(s390x-linux-gnu-readelf -d "${files[0]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
            [ ! -e "$2/$name" ] || continue
            path=$(ls -d build/sysroot-s390x/{,usr/}lib/s390x-linux-gnu/"$name" 2>/dev/null | head -1)
            cp -L "$path" "$2/$name" || return 1
            files+=("$2/$name")
        done
        files=("${files[@]:1}")
    done
}

# The stand-ins are this machine's own, and lie where the unit tests look: beside what /proc/self/exe says, the loader.
lay_unit_tests() {
    lay build/s390x/unit_tests "$units" && ln -s "$build/standin" "$units/standin"
}

# The stand-in AIX gets the agent with its emulator, and a wrapper under its name.
lay_agent() {
    local opt=$mixed/machine/opt/s390x
    rm -rf "$mixed" && mkdir -p "$mixed/standin" && lay build/s390x/standin/autodeploy-as-aix "$opt" && cp "$qemu" "$opt/qemu" &&
        ln -s "$build"/standin/standin_* "$mixed/standin/" && ln -s "$build/autodeploy-repository" "$mixed/" || return 1
    cat >"$mixed/standin/autodeploy-as-aix" <<'WRAPPER'
#!/bin/sh
exec /opt/s390x/qemu /opt/s390x/ld64.so.1 --library-path /opt/s390x --argv0 "$0" /opt/s390x/autodeploy-as-aix "$@"
WRAPPER
    chmod +x "$mixed/standin/autodeploy-as-aix"
    # The one file of the system's own that is binary and that the agent reads.
    mkdir -p "$mixed/machine/etc/standin" && echo utmp=s390x >"$mixed/machine/etc/standin/aix"
}

# unit_tests OPTION…
unit_tests() {
    local log=build/unit-s390x.log begun=$SECONDS
    $limited 3000 "$qemu" "$units/ld64.so.1" --library-path "$units" "$units/unit_tests" "$@" >$log 2>&1
    counted_doctest $log $? "unit tests (s390x), $((SECONDS - begun)) s"
    grep -a '^skipped: ' $log | sort -u | sed 's/^skipped: /skip unit (s390x): /'
}

check "a sysroot for s390x is made" put_sysroot || finish
check "builds without a warning ($preset)" build_preset "$preset" standin_aix standin_dsmc standin_dsmcad standin_server autodeploy-repository || finish
check "builds without a warning (s390x)" build_preset s390x unit_tests autodeploy-as-aix || finish
check "it is a program for a machine with the other order of bytes" eval 's390x-linux-gnu-readelf -h build/s390x/unit_tests | grep -q "big endian"'
check "each is laid together with its libraries" eval "lay_unit_tests && lay_agent" || finish

# Both wait now and then: at a time.
agent_log=build/big-endian-aix.log
if [ "${1:-}" = --short ]; then parts=update; else parts=; fi
AUTODEPLOY_PRESET=big-endian $limited 25m bash tests/system/aix_test.sh $parts >$agent_log 2>&1 </dev/null &
if [ "${1:-}" = --short ]; then unit_tests -tce="$long_cases"; else unit_tests; fi
wait $! || failures=$((failures + 1))
sed -E 's/^(ok|not ok|skip) /\1 s390x: /' $agent_log
finish
