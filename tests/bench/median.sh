# shellcheck shell=bash
# For pairs of runs, one after the other in one go; to be sourced after tests/lib.sh.

# middle NUMBER…: the median of an odd number of figures.
middle() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }

# per A B: three decimals.
per() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", b ? a / b : 0 }'; }

# judge_ratio NAME BOUND UNIT FILE: FILE holds one pair "ours theirs" a line. The ratio is the median of the pairs' own, so that
# a machine whose speed drifts does not matter.
judge_ratio() {
    local name=$1 bound=$2 unit=$3 file=$4 ratio ours theirs text
    mapfile -t ours < <(awk '{ print $1 }' "$file")
    mapfile -t theirs < <(awk '{ print $2 }' "$file")
    ratio=$(middle $(awk '{ printf "%.4f\n", $2 ? $1 / $2 : 999 }' "$file"))
    text="$name: ratio $ratio, bound $bound (medians of ${#ours[@]} pairs: $(middle "${ours[@]}") against $(middle "${theirs[@]}") $unit)"
    echo "    pairs ($unit): $(awk '{ printf "%s%s/%s", (NR > 1 ? " " : ""), $1, $2 }' "$file")"
    if awk -v r="$ratio" -v b="$bound" 'BEGIN { exit !(r <= b) }'; then ok "$text"; else not_ok "$text"; fi
}
