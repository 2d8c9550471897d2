#!/bin/bash
# Every fuzz target over its kept corpus and on from there. tests/fuzz/run.sh [--short] [TARGET…]
# tests/fuzz/run.sh --long [RUNS] TARGET…: so many runs of each (10000000 without a number), however long they take.
# In full: also the line coverage that the kept corpus reaches of the files that a target names ("// Covers FILE…" on top
# of it), 85 % at least, and the bugs of planted.txt, each of which must be found.
set -uo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
. "$project/tests/mutations/mutate.sh"
cd "$project" || exit 1
seconds=60 full=yes targets=()
runs=
for argument; do
    case $argument in
    --short) seconds=10 full=no ;;
    --long) runs=10000000 full=no ;;
    [0-9]*) runs=$argument ;;
    *) targets+=("$argument") ;;
    esac
done
if [ ${#targets[@]} = 0 ]; then
    for source in tests/fuzz/*_fuzz.cpp; do targets+=("$(basename "$source" .cpp)"); done
fi
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# corpus TARGET: its folder, which need not be there.
corpus() { echo "tests/fuzz/corpus/${1%_fuzz}"; }
# fuzz PROGRAM TARGET SECONDS LOG [OPTION…]: the new inputs are thrown away.
fuzz() {
    local fresh
    fresh=$(mktemp -d -p "$work")
    timeout --kill-after=10 $(($3 + 120)) "$1" -max_total_time="$3" -max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$work/" "${@:5}" "$fresh" $([ ! -d "$(corpus "$2")" ] || corpus "$2") >"$4" 2>&1
}

check "builds (fuzz)" build_preset fuzz "${targets[@]}" || finish
if [ -n "$runs" ]; then
    for target in "${targets[@]}"; do
        began=$SECONDS
        if fuzz "build/fuzz/fuzz/$target" "$target" 172800 "$work/log" -runs="$runs"; then
            ok "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") runs in $((SECONDS - began)) s, no crash, no leak, no hang"
        else
            not_ok "$target"
            grep -aE -A12 'ERROR|SUMMARY|Base64' "$work/log" | head -40 | sed 's/^/    /'
        fi
    done
    finish
fi
for target in "${targets[@]}"; do
    if fuzz "build/fuzz/fuzz/$target" "$target" $seconds "$work/log"; then
        ok "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") runs in $seconds s, no crash, no leak, no hang"
    else
        not_ok "$target"
        grep -aE -A12 'ERROR|SUMMARY|Base64' "$work/log" | head -40 | sed 's/^/    /'
    fi
done
[ $full = yes ] || finish

# What the kept corpora reach.
coverage=$project/build/fuzz-coverage
build_for_coverage() {
    cmake -S . -B "$coverage" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
        -DCMAKE_CXX_FLAGS='-fprofile-instr-generate -fcoverage-mapping -O1' -DAUTODEPLOY_FUZZ=ON && ninja -C "$coverage" "${targets[@]}"
}
if check "builds (coverage)" build_for_coverage; then
    for target in "${targets[@]}"; do
        covered=$(sed -n 's|^// Covers ||p' "tests/fuzz/$target.cpp")
        LLVM_PROFILE_FILE=$work/raw "$coverage/fuzz/$target" -runs=0 "$(corpus "$target")" >/dev/null 2>&1
        llvm-profdata merge "$work/raw" -o "$work/profile" || { not_ok "$target: no profile"; continue; }
        for file in $covered; do
            percent=$(llvm-cov report "$coverage/fuzz/$target" -instr-profile="$work/profile" "$project/$file" 2>/dev/null |
                awk '$1 == "TOTAL" { sub("%", "", $10); print int($10) }')
            if [ "${percent:-0}" -ge 85 ]; then ok "$target: its corpus reaches ${percent} % of the lines of $file"; else
                not_ok "$target: its corpus reaches only ${percent:-0} % of the lines of $file"
            fi
        done
    done
fi

# Bugs that must be found.
check "the list of planted bugs can be read" read_mutations "$work" "$project/build/fuzz" tests/fuzz/planted.txt || finish
for folder in "$work"/[0-9]*; do
    target=$(cat "$folder/where")
    case " ${targets[*]} " in *" $target "*) ;; *) continue ;; esac
    label="$target: finds a planted bug ($(cat "$folder/name"))"
    if ! why=$(compile_mutant "$folder" "$project/build/fuzz") ||
        ! why=$(link_mutant "$folder" "$project/build/fuzz" "$target" "$folder/mutant"); then
        not_ok "$label: $why"
    elif fuzz "$folder/mutant" "$target" 120 "$folder/log"; then
        not_ok "$label: not found in 120 s"
    else
        ok "$label"
    fi
done
finish
