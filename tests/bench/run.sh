#!/bin/bash
# How fast, how small: each figure in pairs within one run, against what one would do by hand. tests/bench/run.sh [PART…]
. "$(dirname "$(readlink -f "$0")")/../lib.sh"
cd "$project" || exit 1
check "builds without a warning ($preset)" build_preset "$preset" || finish
parts=("$@")
[ $# -gt 0 ] || parts=("cpu.sh" "trigger.sh" "memory.sh" "downtime.sh deb" "downtime.sh rpm")
# One after the other: they measure. The load of the machine before each belongs to its figures.
for part in "${parts[@]}"; do
    begun=$SECONDS
    echo "--- $part (load $(cut -d' ' -f1 /proc/loadavg) on $(nproc) processors)"
    # Words are words here.
    # shellcheck disable=SC2086
    $limited 40m bash tests/bench/$part </dev/null 2>&1 | tee build/bench-part.log
    status=${PIPESTATUS[0]}
    if grep -q '^not ok ' build/bench-part.log; then failures=1
    elif [ "$status" != 0 ]; then not_ok "bench: $part ended with $status"; fi
    echo "--- $part: $((SECONDS - begun)) s"
done
finish
