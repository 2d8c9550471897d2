#!/bin/bash
# Memory of the agent: its service idle, and the most that it ever held while it fetched, verified, staged and applied
# packages of two sizes; and that the dictionary of a compressed package is capped by its setting.  memory.sh [MB…]
sizes=("$@")
[ $# -gt 0 ] || sizes=(200 1024)
bound=24576 # kB
. "$(dirname "$(readlink -f "$0")")/../system/machine.sh"
for part in packages scenario; do . "$project/tests/system/$part.sh"; done
if [ $machine_mode != systemd ]; then skip "memory: $machine_why" && finish; fi
check "memory: the packages can be built" packages_build || finish

# of FIELD: of the service's process, kB.
of() { machine_in bench sh -c "sed -n 's/^$1:[^0-9]*\([0-9]*\).*/\1/p' /proc/\$(systemctl show -P MainPID autodeploy.service)/status"; }
# within NAME KILOBYTES BOUND
within() { if [ "${2:-0}" -gt 0 ] && [ "$2" -le "$3" ]; then ok "$1: $2 kB, bound $3"; else not_ok "$1: ${2:-unknown} kB, bound $3"; fi; }

for size in "${sizes[@]}"; do
    # They lie in memory: the package in the repository, downloaded, staged and installed, and on the way there.
    needed=$((size * 9 / 1024 + 2)) free=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
    if [ "$free" -lt "$needed" ]; then skip "memory with $size MB: needs about $needed GB of memory, $free are free" && continue; fi
    prepare() {
        machine_new bench deb && machine_boot bench && client_install bench deb 8.1.25.0 || return 1
        repository_make && repository_offer deb 8.1.25.0 way-back && client_pad=$size repository_offer deb 8.1.27.0 || return 1
        rm -rf "$machines/packages"
        agent_install bench deb && agent_settings bench verify.watch=1s wait.event_settled=1s || return 1
        rm -rf "$machines/repository"
        machine_in bench systemctl restart autodeploy.service
    }
    check "memory: a machine and a package of $size MB" prepare || continue
    echo "    the service idle: $(of VmRSS) kB resident, $(of RssAnon) of them its own"
    if said=$(machine_in bench autodeploy deploy --quiet 2>&1); then
        echo "    after the update: $(of VmRSS) kB resident, $(of RssAnon) of them its own"
        within "memory while $size MB are staged, verified and applied" "$(of VmHWM)" $bound
    else
        not_ok "memory: an update with $size MB"
        echo "$said"
    fi
    machine_remove bench
done

# A dictionary is what the packer chose; beyond the setting it is refused, and up to it nothing else grows.
work=$machines/dictionary
mkdir -m 700 "$work" && cd "$work" || finish
head -c 40000000 /dev/zero | openssl enc -aes-128-ctr -nosalt -K "$(sha256sum <<<dictionary | cut -c1-32)" -iv 0 >part 2>/dev/null
cat part part >TIVsm-BA.rpm && tar -cf package.tar TIVsm-BA.rpm
xz -0 --lzma2=preset=0,dict=64MiB -k package.tar
zstd -q -1 --long=26 package.tar -o package.tar.zst
for pair in "package.tar.xz 67108864" "package.tar.zst 67108864"; do
    read -r file dictionary <<<"$pair"
    "$build/stage_package" describe "$work/$file" >"$file.json" || { not_ok "memory: $file can be described" && continue; }
    if "$build/stage_package" stage "$work/$file" "$work/$file.json" "$work/into" $((dictionary / 4)) 2>said; then
        not_ok "memory: $file is refused where its dictionary is beyond the setting"
    else
        check "memory: $file is refused where its dictionary is beyond the setting" grep -q limits.dictionary_bytes said
    fi
    used=$("$build/stage_package" stage "$work/$file" "$work/$file.json" "$work/into" $dictionary --peak)
    within "memory while $file is staged, beside its dictionary of $((dictionary / 1024)) kB" $((used - dictionary / 1024)) $bound
    rm -rf "$work/into"
done
finish
