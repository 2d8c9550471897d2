#!/bin/bash
# autodeploy-repository(1) has every command and option of --help, and none besides.
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds ($preset)" build_preset "$preset" autodeploy-repository || finish
page=packaging/man/autodeploy-repository.1
tool=$build/autodeploy-repository
common="by help json keys passphrase-fd passphrase-file quiet repository"

# Both as lines "COMMAND OPERANDS" and "COMMAND --OPTION VALUE".
from_help() {
    local name
    for name in $("$tool" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
        "$tool" "$name" --help | awk -v name="$name" -v common=" $common " '
            NR == 1 { sub(/^autodeploy-repository /, ""); sub(/ *$/, ""); gsub(/…/, "..."); print }
            /^  --/ { option = substr($1, 3); if (!index(common, " " option " ")) print name, $1, $2 }'
    done | sed 's/ *$//' | sort
}
from_page() {
    sed 's/\\-/-/g; s/"//g' "$page" | awk '
        /^\.SH/ { inside = /COMMANDS/ }
        inside && /^\.BI? --/ { print name, substr($0, index($0, " ") + 1); next }
        inside && /^\.BI? / { line = substr($0, index($0, " ") + 1); split(line, words, " "); name = words[1]; print line }' | sed 's/  */ /g; s/ *$//' | sort
}
check "the page has the commands and options of --help, and none besides" diff <(from_help) <(from_page)
check "it has the options of every command" diff <(tr ' ' '\n' <<<"$common") \
    <(sed 's/\\-/-/g' "$page" | awk '/^\.SH/ { inside = /COMMON/ } inside && /^\.BI? --/ { print substr($2, 3) }' | sort)
if command -v man >/dev/null; then
    check "man has nothing to complain of" eval '[ -z "$(LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)" ]'
fi
finish
