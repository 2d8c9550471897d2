#!/bin/bash
# Each rule of tests/rules.sh finds what it forbids, and nothing in a tree that keeps to it.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
git -C "$tree" init -q
mkdir -p "$tree"/{agent,installer,platform/windows,platform/posix,tests}
cd "$tree" || exit 1
: >CMakeLists.txt
echo '#include <vector>' >installer/plan.h
echo '#include "installer/plan.h"' >installer/plan.cpp
echo 'std::unique_ptr<NativePlatform> native_platform();' >platform/platform.h
echo 'struct Clock { virtual int now() = 0; };' >platform/clock.h
printf '#include <windows.h>\n#ifdef _WIN32\n#endif\n' >platform/windows/host.cpp
echo '#include <unistd.h>' >platform/posix/host.cpp
git add -A
check "a tree that keeps to the rules passes" bash "$project/tests/rules.sh" "$tree"

# finds RULE FILE LINE: the line in the file breaks exactly that rule.
finds() {
    local report
    cp "$2" saved 2>/dev/null
    printf '%s\n' "$3" >>"$2"
    git add -A -- ':!saved'
    report=$(bash "$project/tests/rules.sh" "$tree" | grep '^not ok')
    if [ "$report" = "not ok $1" ]; then ok "finds: $3"; else not_ok "finds: $3, but: $report"; fi
    if [ -e saved ]; then mv saved "$2"; else rm "$2"; fi
    git add -A
}
finds "no system is told apart by the preprocessor outside platform/<system>" agent/a.cpp '#if defined(__linux__)'
finds "Windows' headers only in platform/windows/*.cpp, and in programs of their own" installer/a.cpp '#include <windows.h>'
finds "POSIX headers only in platform/<system>/*.cpp" agent/a.h '#include <sys/stat.h>'
finds "no library's header in a header of ours" installer/a.h '#include <Poco/URI.h>'
finds "nothing outside tests includes tests" installer/a.cpp '#include "tests/fakes/fake.h"'
finds "platform includes neither installer nor agent" platform/a.cpp '#include "installer/plan.h"'
finds "installer does not include agent" installer/a.cpp '#include "agent/a.h"'
finds "agent and installer see only platform/*.h" agent/a.cpp '#include "platform/posix/host.h"'
finds "only a program's main.cpp calls native_platform()" agent/a.cpp 'auto p = native_platform();'
finds "the plan reads no file and no clock" installer/plan.cpp '#include <filesystem>'
finds "the plan sees plain data only, no interface to the machine" installer/plan.h '#include "platform/clock.h"'
finds "nothing is left open" agent/a.cpp '// TODO later'
finds "the top level is as designed" notes.txt 'x'
finds "no path of a developer's machine" agent/a.cpp "// see /home/somebody/notes"
finish
