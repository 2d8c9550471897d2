# shellcheck shell=bash disable=SC2034
# What every test script shares; to be sourced. A result is one line "ok NAME", "not ok NAME" or "skip NAME: why"; many
# at once are "counted P passed, F failed: NAME". tests/run.sh counts these; a script that fails without any counts as
# one failure.

failures=0
ok() { echo "ok $*"; }
not_ok() {
    echo "not ok $*"
    failures=$((failures + 1))
}
skip() { echo "skip $*"; }
# counted PASSED FAILED NAME
counted() {
    echo "counted $1 passed, $2 failed: $3"
    failures=$((failures + $2))
}

# counted_doctest LOG STATUS NAME: what a doctest program has told into the log, and ended with.
counted_doctest() {
    local summary good bad
    summary=$(grep -a 'test cases:' "$1" | tail -1)
    good=$(sed -n 's/.*| *\([0-9]*\) passed.*/\1/p' <<<"$summary")
    bad=$(sed -n 's/.*| *\([0-9]*\) failed.*/\1/p' <<<"$summary")
    # A sanitizer or a crash ends the program without a failed case.
    if [ "$2" != 0 ] && [ "${bad:-0}" = 0 ]; then bad=1; fi
    [ "${bad:-0}" = 0 ] || tail -100 "$1"
    counted "${good:-0}" "${bad:-0}" "$3"
}

# check NAME COMMAND…: passes if the command does; its output is shown only where it fails.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        ok "$name"
        return 0
    fi
    not_ok "$name"
    sed 's/^/    /' <<<"$output"
    return 1
}

# $limited TIME COMMAND…: what is not finished by then is ended with its whole group, and so it is when who called is gone
# in whatever way; called from the shell itself, a function in a pipeline has a shell of its own that lives on.
export limited="setpriv --pdeathsig TERM timeout --kill-after=30"

# finish: the last line of a script; its exit code says whether anything failed.
finish() { [ "$failures" = 0 ]; exit; }

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Whatever is costly and can be made again lies outside of the checkout, in folders named by what they were made from.
cache=${AUTODEPLOY_CACHE:-${HOME:-/root}/.cache/autodeploy}
# The one build that all tests use: the one that is shipped.
preset=${AUTODEPLOY_PRESET:-release}
build=$project/build/$preset

# content_key FILE_OR_TEXT…: the same for the same content, wherever it lies.
content_key() {
    for part; do if [ -f "$part" ]; then cat "$part"; else printf '%s\n' "$part"; fi; done | sha256sum | cut -c1-16
}

# build_preset NAME [TARGET…]: quiet unless it fails.
build_preset() {
    local name=$1 log
    shift
    log=$project/build/$name.log
    mkdir -p "$project/build"
    if (cd "$project" && export CCACHE_BASEDIR=$project CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros &&
        cmake --preset "$name" && ninja -C "build/$name" "$@") >"$log" 2>&1; then return 0; fi
    grep -E -A8 'error:|FAILED:|CMake Error' "$log" | head -80
    return 1
}
