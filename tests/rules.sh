#!/bin/bash
# Holds the rules of the tree that no compiler holds: who may include whom, and where systems and libraries may be named.
# tests/rules.sh [DIRECTORY]
set -uo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
cd "${1:-$project}" || exit 1

files() { git ls-files -- "$@"; }
ours=$(files '*.cpp' '*.h' | grep -E '^(agent|installer|platform|packaging)/')
code=$(files '*.cpp' '*.h')
headers=$(grep '\.h$' <<<"$ours")

# rule NAME: passes if nothing was found on standard input.
rule() {
    local found
    found=$(cat)
    if [ -z "$found" ]; then ok "$1"; else
        not_ok "$1"
        sed 's/^/    /' <<<"$found"
    fi
}
# look PATTERN FILE…: matches with file and line; a comment at the line's end does not count.
look() {
    local pattern=$1
    shift
    [ $# = 0 ] || grep -nHE "$pattern" "$@" | grep -vE '^[^:]*:[0-9]*: *//' || true
}

look '^ *# *(if|ifdef|ifndef|elif).*(_WIN(32|64)|\bWIN32\b|__linux|__unix|_AIX|__APPLE__|__FreeBSD__|__MINGW|_MSC_VER|__CYGWIN__|__GLIBC__)' \
    $(grep -vE '^platform/[a-z]+/' <<<"$code") | rule "no system is told apart by the preprocessor outside platform/<system>"

look '^ *# *include *<(windows|winsock2|ws2tcpip|winsvc|winreg|winternl|wintrust|wincrypt|msi|msiquery|shlobj|shellapi|sddl|aclapi|accctrl|tlhelp32|psapi|dpapi|iphlpapi|io|direct|process)\.h>' \
    $(grep -vE '^((tests/)?platform|tests/standin|packaging)/windows/.*\.cpp$' <<<"$code") | rule "Windows' headers only in platform/windows/*.cpp, and in programs of their own"

look '^ *# *include *<(unistd|fcntl|dirent|signal|poll|pwd|grp|netdb|termios|dlfcn|pthread|spawn|syslog|sched|ftw|glob|fnmatch|libgen|langinfo|utime|elf|link|mntent|endian|byteswap|(sys|arpa|netinet|net|linux|asm)/[a-z0-9_/]+)\.h>' \
    $(grep -E '^(agent|installer|platform)/' <<<"$ours" | grep -vE '^platform/[a-z]+/.*\.cpp$') | rule "POSIX headers only in platform/<system>/*.cpp"

look '^ *# *include *[<"](Poco/|openssl/|archive(_entry)?\.h|yaml-cpp/|doctest/)' $headers | rule "no library's header in a header of ours"

look '^ *# *include *"tests/' $ours | rule "nothing outside tests includes tests"
look '^ *# *include *"(agent|installer|packaging)/' $(grep '^platform/' <<<"$ours") | rule "platform includes neither installer nor agent"
look '^ *# *include *"(agent|packaging)/' $(grep '^installer/' <<<"$ours") | rule "installer does not include agent"
look '^ *# *include *"platform/[a-z]+/' $(grep -E '^(agent|installer|packaging)/' <<<"$ours") | rule "agent and installer see only platform/*.h"

look '\bnative_platform *\(' $(grep -vE '^(agent/main\.cpp|packaging/repository/main\.cpp|platform/platform\.h|platform/[a-z]+/.*\.cpp)$' <<<"$ours") |
    rule "only a program's main.cpp calls native_platform()"

# reached FILE…: these and every header of ours that they come to include.
reached() {
    local seen="" queue=("$@") file header
    while [ ${#queue[@]} -gt 0 ]; do
        file=${queue[0]} queue=("${queue[@]:1}")
        case " $seen " in *" $file "*) continue ;; esac
        seen+=" $file"
        while read -r header; do [ -f "$header" ] && queue+=("$header"); done < <(sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file")
    done
    echo $seen
}
plan=$(files 'installer/plan.h' 'installer/plan.cpp')
if [ -n "$plan" ]; then
    pure=$(reached $plan)
    look '^ *# *include *<(filesystem|fstream|ctime|time\.h|cstdio|thread|mutex|random)>' $pure | rule "the plan reads no file and no clock"
    look '\b(virtual|system_clock|steady_clock|getenv)\b' $pure | rule "the plan sees plain data only, no interface to the machine"
fi

git grep -nIwE 'TODO|FIXME|XXX' -- '*.cpp' '*.h' '*.sh' ':!tests/rules*.sh' | rule "nothing is left open"

for entry in $(git ls-files | cut -d/ -f1 | sort -u); do
    case $entry in
    CMakeLists.txt | CMakePresets.json | README.md | LICENSE | agent | installer | platform | packaging | tests | .*) ;;
    *) echo "$entry" ;;
    esac
done | rule "the top level is as designed"

# Folders that no system has by itself, and people's homes: they lead to the machine that somebody worked on.
{
    top=$(pwd) && first=$(cut -d/ -f2 <<<"$top")
    case $first in
    bin | boot | dev | etc | home | lib | media | mnt | opt | proc | root | run | sbin | srv | sys | tmp | usr | var | build | builds) ;;
    *) git grep -nIE "(^|[^A-Za-z0-9_.}])/$first/" -- . ;;
    esac
    git grep -nIE '(^|[^a-z])/home/[a-z]+/' -- . ':!tests/rules*.sh'
} | rule "no path of a developer's machine"

finish
