#!/bin/bash
# tests/run.sh ends what it has begun when it is ended itself, and counts as before when it is not.
. "$(dirname "$(readlink -f "$0")")/lib.sh"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tests" "$tree/packaging" "$tree/cache"
cp "$project"/tests/{run,lib}.sh "$tree/tests/"
: >"$tree/packaging/dependencies.sh"
export AUTODEPLOY_CACHE=$tree/cache

# A part with a limited one of its own in it, as a sweep is.
cat >"$tree/tests/unit.sh" <<'PART'
. "$(dirname "$0")/lib.sh"
run_one() { $limited 5m sh -c 'echo $$ >"$0.new" && mv "$0.new" "$0" && exec sleep 300' "$project/inner"; }
run_one &
sh -c 'echo $$ >"$0.new" && mv "$0.new" "$0" && exec sleep 300' "$project/outer"
PART
# awaited COMMAND…: until it succeeds, half a minute at most.
awaited() { local try; for ((try = 0; try < 600; try++)); do "$@" && return 0; sleep 0.05; done; return 1; }
begun() { [ -e "$tree/inner" ] && [ -e "$tree/outer" ]; }
is_gone() { [ ! -d "/proc/$(<"$tree/$1")" ]; }
ends_with() {
    local run
    rm -f "$tree/inner" "$tree/outer"
    # Who is started in the background of a script does not hear SIGINT; here he shall.
    env --default-signal=INT bash "$tree/tests/run.sh" unit >"$tree/log" 2>&1 &
    run=$!
    awaited begun || { cat "$tree/log" && return 1; }
    kill "-$1" $run
    awaited is_gone outer && awaited is_gone inner || { kill "$(<"$tree/outer")" "$(<"$tree/inner")"; return 1; }
}
for signal in INT TERM KILL; do
    check "a part ends with who began it, and what the part began: SIG$signal" ends_with $signal
done

counts() {
    printf 'echo "ok one"; echo "not ok two"; echo "counted 3 passed, 0 failed: three"; exit 1\n' >"$tree/tests/unit.sh"
    bash "$tree/tests/run.sh" unit >"$tree/log" 2>&1
    [ $? = 1 ] && [ "$(tail -1 "$tree/log")" = "4 passed, 1 failed" ] && grep -q '^failed: unit: two$' "$tree/log" || { cat "$tree/log" && return 1; }
}
check "the results of a part are counted, and one that failed fails all" counts
finish
