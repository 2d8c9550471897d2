#!/bin/bash
# clang-tidy on the sources that differ from the main line, and on those that include a header that does.
#   tests/tidy.sh BUILD [--all]      BUILD: a build folder made by clang, built
# A file that passed once is not looked at again until it, a header of ours that it includes, or the checks change.
set -uo pipefail
. "$(dirname "$(readlink -f "$0")")/lib.sh"
cd "$project" || exit 1
from=$1

base=
if [ "${2:-}" != --all ]; then
    for line in origin/main main; do
        if base=$(git merge-base HEAD "$line" 2>/dev/null); then break; fi
    done
    # On the main line itself: the last change.
    if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then base=$(git rev-parse -q --verify HEAD~1); fi
fi
if [ -n "$base" ]; then changed=$(git diff --name-only "$base" -- '*.cpp' '*.h'); else changed=$(git ls-files '*.cpp' '*.h'); fi

# "SOURCE HEADER…" per source, headers of ours only, as the compiler saw them.
includes=$(ninja -C "$from" -t deps | awk -v top="$project/" '
    /: #deps/ { if (line != "") print line; line = "" }
    /^    / { path = $1
        if (index(path, top) == 1) path = substr(path, length(top) + 1)
        while (sub(/^\.\.\//, "", path)) ;
        if (path !~ /^\// && path ~ /\.(cpp|h)$/) line = line (line == "" ? "" : " ") path }
    END { if (line != "") print line }')

passed_before=$cache/tidy
mkdir -p "$passed_before"
checks=$(content_key .clang-tidy "$(clang-tidy --version)")
todo=() keys=()
while read -r -a files; do
    # Tests are held by the compiler's warnings and the sanitizers; the short list is for what is shipped.
    case ${files[0]:-} in agent/*.cpp | installer/*.cpp | platform/*.cpp | packaging/*.cpp) ;; *) continue ;; esac
    touched=no
    for file in "${files[@]}"; do if grep -qxF -- "$file" <<<"$changed"; then touched=yes; break; fi; done
    [ $touched = yes ] || continue
    key=$(content_key "$checks" "${files[0]}" "${files[@]}")
    [ -e "$passed_before/$key" ] || { todo+=("${files[0]}"); keys+=("$key"); }
done < <(sort -u <<<"$includes")

if [ ${#todo[@]} = 0 ]; then ok "clang-tidy: nothing new to look at"; finish; fi
look() {
    output=$(clang-tidy --quiet -p "$1" "$2" 2>/dev/null) || { printf '%s\n' "$output"; exit 1; }
    : >"$3"
}
export -f look
for i in "${!todo[@]}"; do printf '%s\0%s\0' "${todo[$i]}" "$passed_before/${keys[$i]}"; done |
    check "clang-tidy: ${#todo[@]} files" xargs -0 -n 2 -P "$(nproc)" bash -c 'look "$0" "$1" "$2"' "$from"
finish
