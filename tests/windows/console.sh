# shellcheck shell=bash
# The program at a console and in pipes: letters, JSON, exit codes. To be sourced after service.sh.

program='C:\Program Files\Autodeploy\autodeploy.exe'
# at_console ARGUMENT…: what a person sees of the program at a terminal.
at_console() { $limited 60 script -qec "wine '$program' $*" /dev/null </dev/null 2>&1 9>&- | tr -d '\r'; }
# same_code ARGUMENT…: with its output thrown away by Windows' own shell it ends as it does without.
same_code() {
    local code said
    agent "$@" >/dev/null
    code=$?
    printf '@"%s" %s >NUL\r\n' "$program" "$*" >"$drive/console.bat"
    said=$(in_wine cmd /c 'C:\console.bat')
    [ $? = $code ] && [ -z "$said" ] || { echo "$* ended with another code than $code, or said: $said"; return 1; }
}
is_json() { agent "$@" | perl -MJSON::PP -e 'local $/; decode_json(<STDIN>)'; }

console_tests() {
    no_autodeploy
    mkdir -p "$drive/Program Files/Autodeploy" && cp "$folder/autodeploy.exe" "$drive/Program Files/Autodeploy/"
    check "letters beyond ANSI reach a file as UTF-8" grep -q 'Планы für 5 €' <($limited 60 wine "$program" 'Планы für 5 €' 2>&1 9>&-)
    check "and a person at a console" grep -q 'Планы€' <(at_console 'Планы€')
    check "a word that is no command is told by the exit code" eval 'agent nonsense >/dev/null; [ $? = 2 ]'
    check "JSON is JSON in a pipe" eval 'is_json status --json && is_json inventory --json && is_json history --json && is_json check --offline --json'
    check "output that is thrown away changes no exit code" eval 'same_code version && same_code status --exit-code && same_code nonsense'
}
