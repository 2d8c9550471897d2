# shellcheck shell=bash
# Our own packages, built once for all tests from the build that they share. To be sourced after machine.sh.
packages=${AUTODEPLOY_PACKAGES:-$build/packages}
# AUTODEPLOY_PROGRAMS: another folder with the programs; AUTODEPLOY_PACKAGES: with the packages made from these.
programs=${AUTODEPLOY_PROGRAMS:-$build}

# Makes version 1.0.0 (the project's own) and a later one, if the programs changed since.
packages_build() {
    local key
    key=$(content_key "$programs/autodeploy" "$programs/autodeploy-repository" $(git -C "$project" ls-files --full-name packaging agent/schemas | sed "s|^|$project/|"))
    mkdir -p "$packages"
    (
        flock 9
        [ "$(cat "$packages/.key" 2>/dev/null)" != "$key" ] || exit 0
        rm -f "$packages"/autodeploy*
        "$project/packaging/build-packages.sh" "$packages" --build "$programs" >/dev/null &&
            "$project/packaging/build-packages.sh" "$packages/later" --build "$programs" --version 99.0.0 >/dev/null &&
            echo "$key" >"$packages/.key"
    ) 9>"$packages/.lock"
}
our_deb() { echo "$packages/${1:-}"autodeploy_*.deb; }
our_rpm() { echo "$packages/${1:-}"autodeploy-[0-9]*.rpm; }

# Some kernels, and some machines below them, run no 32-bit code.
runs_32_bit() {
    local folder status
    folder=$(mktemp -d) && echo 'int main() { return 0; }' >"$folder/program.cpp" &&
        i686-linux-gnu-g++ -static "$folder/program.cpp" -o "$folder/program" && "$folder/program" 2>/dev/null
    status=$?
    rm -rf "$folder"
    return $status
}

# client_programs_32 FOLDER: the stand-in client as 32-bit programs. Where none run, those of 64 bit that say of themselves
# that they are of 32: byte 4 of the header, the class, at which no kernel looks.
client_programs_32() {
    local source common=() folder=$project/tests/standin compiler=i686-linux-gnu-g++
    runs_32_bit || compiler=g++
    mkdir "$1"
    for source in connection installation log_file options password_store retrieve scheduler session switches texts; do common+=("$folder/$source.cpp"); done
    for source in dsmc dsmcad; do
        $compiler -std=c++20 -O1 -static -s -I"$project" "${common[@]}" "$folder/$source.cpp" -o "$1/standin_$source" &&
            printf '\001' | dd of="$1/standin_$source" bs=1 seek=4 conv=notrunc status=none || return 1
    done
    [ $compiler != g++ ] || echo "no 32-bit program runs here: the client's are of 32 bits by their header" >&2
}
