#!/bin/bash
# Every fuzz target over its kept corpus and on from there. tests/fuzz/run.sh [--short] [TARGET…]
# tests/fuzz/run.sh --long [RUNS] TARGET…: so many runs of each (10000000 without a number), however long they take.
# In full: also the line coverage that the kept corpus reaches of the files that a target names ("// Covers FILE…" on top
# of it), 85 % at least, and the bugs of planted.txt, each of which must be found; --coverage or --planted: only that.
set -uo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
. "$project/tests/mutations/mutate.sh"
cd "$project" || exit 1
seconds=60 parts="fuzz coverage planted" targets=()
runs=
for argument; do
    case $argument in
    --short) seconds=6 parts=fuzz ;;
    --long) runs=10000000 ;;
    --coverage) parts=coverage ;;
    --planted) parts=planted ;;
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
    $limited $(($3 + 120)) "$1" -max_total_time="$3" -max_len=4096 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$work/" "${@:5}" "$fresh" $([ ! -d "$(corpus "$2")" ] || corpus "$2") >"$4" 2>&1
}

[ "$parts" = coverage ] || check "builds (fuzz)" build_preset fuzz "${targets[@]}" || finish
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
    [[ $parts = *fuzz* ]] || break
    if fuzz "build/fuzz/fuzz/$target" "$target" $seconds "$work/log"; then
        ok "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") runs in $seconds s, no crash, no leak, no hang"
    else
        not_ok "$target"
        grep -aE -A12 'ERROR|SUMMARY|Base64' "$work/log" | head -40 | sed 's/^/    /'
    fi
done

# What the kept corpora reach.
coverage=$project/build/fuzz-coverage
build_for_coverage() {
    cmake -S . -B "$coverage" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
        -DCMAKE_CXX_FLAGS='-fprofile-instr-generate -fcoverage-mapping -O1' -DAUTODEPLOY_FUZZ=ON && ninja -C "$coverage" "${targets[@]}"
}
if [[ $parts = *coverage* ]] && check "builds (coverage)" build_for_coverage; then
    for target in "${targets[@]}"; do
        covered=$(sed -n 's|^// Covers ||p' "tests/fuzz/$target.cpp")
        LLVM_PROFILE_FILE=$work/raw "$coverage/fuzz/$target" -runs=0 "$(corpus "$target")" >/dev/null 2>&1
        llvm-profdata merge "$work/raw" -o "$work/profile" || { not_ok "$target: no profile"; continue; }
        llvm-cov report "$coverage/fuzz/$target" -instr-profile="$work/profile" >"$work/report" 2>/dev/null
        for file in $covered; do
            # Not by a filter of its own: how the paths begin is the compiler cache's business.
            percent=$(awk -v file="$file" '$1 == file || index("/" $1 "\n", "/" file "\n") { sub("%", "", $10); print int($10) }' "$work/report")
            if [ "${percent:-0}" -ge 85 ]; then ok "$target: its corpus reaches ${percent} % of the lines of $file"; else
                not_ok "$target: its corpus reaches only ${percent:-0} % of the lines of $file"
            fi
        done
    done
fi

# Bugs that must be found.
[[ $parts = *planted* ]] || finish
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
