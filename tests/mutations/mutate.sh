# shellcheck shell=bash
# Changed copies of single source files; to be sourced after tests/lib.sh, in the project's folder.
# A list (tests/mutations/*.txt, tests/fuzz/planted.txt) has entries of this form:
#   = what it takes away
#   @ installer/repository/keys.cpp           the file
#   ! installer/repository                    whose tests must notice: what it means is the reader's; optional
#   - a line of it (several lines: several "-", the first may begin and the last may end within a line)
#   + what stands there instead (none: nothing)
# The text must be in the file exactly once. Only that file is compiled again; the rest comes from the build.

# read_mutations FOLDER BUILD LIST…: one folder each below FOLDER, with name, file, where, old, new, compile.
read_mutations() {
    local top=$1 commands count=0 folder='' list line
    commands=$(ninja -C "$2" -t commands) || return 1
    shift 2
    for list; do
        while IFS= read -r line; do
            case $line in
            '= '*)
                count=$((count + 1)) folder=$top/$(printf %04d $count)
                mkdir "$folder"
                printf '%s' "${line#= }" >"$folder/name"
                : >"$folder/old"
                : >"$folder/new"
                ;;
            '@ '*)
                printf '%s' "${line#@ }" >"$folder/file"
                dirname "${line#@ }" >"$folder/where"
                grep -F -- " -c $project/${line#@ }" <<<"$commands" | tail -1 >"$folder/compile"
                ;;
            '! '*) printf '%s' "${line#! }" >"$folder/where" ;;
            '- '* | '-') printf '%s\n' "${line#-?}" >>"$folder/old" ;;
            '+ '* | '+') printf '%s\n' "${line#+?}" >>"$folder/new" ;;
            '' | '#'*) ;;
            *) echo "$list: cannot read: $line"; return 1 ;;
            esac
        done <"$list"
    done
}

# replace FILE OLD NEW OUT: fails if OLD is not there exactly once.
replace() {
    local content rest
    content=$(cat "$1"; printf x)
    content=${content%x}
    rest=${content#*"$2"}
    [ "$rest" != "$content" ] && [ "${rest#*"$2"}" = "$rest" ] || return 1
    printf '%s' "${content%%"$2"*}$3$rest" >"$4"
}

# compile_mutant FOLDER BUILD [OPTION…]: makes FOLDER/mutant.o; says why where it cannot.
compile_mutant() {
    local folder=$1 in=$2 file command
    shift 2
    file=$(cat "$folder/file")
    replace "$file" "$(cat "$folder/old")" "$(cat "$folder/new")" "$folder/mutant.cpp" ||
        { echo "its text is not in the file exactly once"; return 1; }
    command=$(sed -E "s| -o [^ ]+| -o $folder/mutant.o|; s| -MD -MT [^ ]+ -MF [^ ]+||" "$folder/compile")
    # What a change leaves unused is no matter here.
    command=${command//" -c $project/$file"/" -w $* -c $folder/mutant.cpp"}
    if ! (cd "$in" && $limited 300 bash -c "$command") >"$folder/log" 2>&1; then
        echo "does not compile: $(grep -m1 'error' "$folder/log")"
        return 1
    fi
}

# link_mutant FOLDER BUILD TARGET OUTPUT: links TARGET anew. The mutant stands before the archives, so that nobody asks
# these for the original.
link_mutant() {
    local command
    command=$(ninja -C "$2" -t commands "$3" | grep -E -- " -o [^ ]*$3 " | tail -1)
    command=$(sed -E "s| -o [^ ]+ | $1/mutant.o -o $4 |" <<<"$command")
    if ! (cd "$2" && $limited 300 bash -c "$command") >"$1/log" 2>&1; then
        echo "does not link: $(tail -1 "$1/log")"
        return 1
    fi
}
