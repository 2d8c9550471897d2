#!/bin/bash
# client_32.sh FOLDER: the stand-in client for 32 bits, FOLDER/client.exe. It is a 32-bit program by its header only and runs on any
# machine, with the mscoree.dll beside it (as_32_bit.cpp).
set -euo pipefail
out=$1
cd "$(dirname "$(readlink -f "$0")")/../../.."
flags="-std=c++20 -O0 -D_WIN32_WINNT=0x0A00 -Wall -Wextra -Werror -I."
mkdir -p "$out"
# linked TRIPLET OPTIONS FILE SOURCE…
linked() {
    local compiler=$1-w64-mingw32-g++-posix options=$2 file=$3 source objects=()
    shift 3
    for source; do
        objects+=("$out/$(basename "$source" .cpp).32.o")
        ccache "$compiler" $flags -c "tests/standin/windows/$source.cpp" -o "${objects[-1]}"
    done
    "$compiler" -static -s $options "${objects[@]}" -o "$out/$file"
}
linked x86_64 -shared mscoree.dll client stoppable_service as_32_bit
linked i686 "" client.exe header_32_bit
# No linker sets the header's 15th directory, the runtime's.
perl -e 'open my $file, "+<:raw", $ARGV[0] or die; local $/; my $bytes = <$file>;
    my $header = unpack "V", substr $bytes, 0x3c, 4;
    my ($sections, $optional) = unpack "x6 v x12 v", substr $bytes, $header, 24;
    for (0 .. $sections - 1) {
        my ($name, $size, $address) = unpack "Z8 V V", substr $bytes, $header + 24 + $optional + 40 * $_, 16;
        next unless $name eq ".clr";
        seek $file, $header + 24 + 96 + 14 * 8, 0;
        print $file pack "V V", $address, 72;
        exit 0;
    }
    die "there is no .clr";' "$out/client.exe"
