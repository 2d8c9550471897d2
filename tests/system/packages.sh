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

# client_programs_32 FOLDER: the stand-in client as 32-bit programs.
client_programs_32() {
    local source common=() folder=$project/tests/standin
    mkdir "$1"
    for source in connection installation log_file options password_store retrieve scheduler session switches texts; do common+=("$folder/$source.cpp"); done
    for source in dsmc dsmcad; do
        i686-linux-gnu-g++ -std=c++20 -O1 -static -I"$project" "${common[@]}" "$folder/$source.cpp" -o "$1/standin_$source" || return 1
    done
}
