# shellcheck shell=bash
# The program that starts a client's services without the agent. To be sourced after service.sh.

rescue() { in_wine 'C:\Program Files\Autodeploy\autodeploy-rescue.exe' "$@"; }
rescue_folder() {
    mkdir -p "$drive/Program Files/Autodeploy" "$drive/ProgramData/Autodeploy/state" && cp "$folder/autodeploy-rescue.exe" "$drive/Program Files/Autodeploy/"
}
no_rescue() {
    in_wine net stop autodeploy-rescue >/dev/null
    in_wine sc delete autodeploy-rescue >/dev/null
    in_wine reg delete 'HKLM\SOFTWARE\Autodeploy' /f >/dev/null
    rm -rf "$drive/Program Files/Autodeploy" "$drive/ProgramData/Autodeploy"
}
scheduler_is() { in_wine sc query "TSM Client Scheduler" | grep -q "$1"; }
stopped() { in_wine net stop "TSM Client Scheduler" >/dev/null; scheduler_is STOPPED; }
held_as() { in_wine reg add "HKLM\\SOFTWARE\\Autodeploy\\Held Services\\TSM Client Scheduler" /v start /d "$1" /f >/dev/null; }
# rescued CODE: it ends so, and the scheduler runs.
rescued() {
    rescue --now >"$project/build/windows-rescue.log"
    [ $? = "$1" ] && scheduler_is RUNNING && return 0
    cat "$project/build/windows-rescue.log"
    return 1
}

rescue_tests() {
    local list="$drive/ProgramData/Autodeploy/state/restart-services"
    no_rescue
    no_client
    check "the rescue program is there" rescue_folder || return
    check "a client's service is there for it" client || return
    check "without a list it does nothing" eval 'stopped && rescue --now && scheduler_is STOPPED'
    printf 'TSM Client Scheduler\n' >"$list"
    check "its service starts what is on the list, with no agent on the machine" eval "in_wine sc create autodeploy-rescue binPath= '\"C:\\Program Files\\Autodeploy\\autodeploy-rescue.exe\" service' start= auto >/dev/null && in_wine net start autodeploy-rescue >/dev/null && awaited 20 scheduler_is RUNNING"
    check "and stops when it is asked to" eval 'in_wine net stop autodeploy-rescue && in_wine sc query autodeploy-rescue | grep -q STOPPED'
    # Wine's sc cannot change a service, only make it.
    check "a service that is disabled is started as well" eval "stopped && in_wine sc delete 'TSM Client Scheduler' && in_wine sc create 'TSM Client Scheduler' binPath= '\"C:\\Program Files\\Tivoli\\TSM\\baclient\\dsmcsvc.exe\"' start= disabled && rescued 0"
    printf 'No Such Service\nTSM Client Scheduler\n' >"$list"
    check "one that is gone is told, and keeps no other from its start" eval 'stopped && rescued 1 && grep -q "cannot start No Such Service" "$project/build/windows-rescue.log"'
    printf 'TSM Client\0Sched\377uler' >"$list"
    check "with a damaged list nothing is guessed" eval 'stopped && rescue --now && scheduler_is STOPPED'
    check "but what was held and began with Windows" eval 'held_as auto && rescued 0 && grep -q "lost or damaged" "$project/build/windows-rescue.log"'
    check "and not what was started by hand" eval 'stopped && held_as demand && rescue --now && scheduler_is STOPPED'
    rm -f "$list"
    check "the same where the list is lost" eval 'held_as auto && rescued 0'
    if mount -t tmpfs -o size=16k tmpfs "$drive/ProgramData/Autodeploy/state" 2>/dev/null; then
        printf 'TSM Client Scheduler\n' >"$list"
        head -c 1000000 /dev/zero >"$drive/ProgramData/Autodeploy/state/full" 2>/dev/null
        mount -o remount,ro "$drive/ProgramData/Autodeploy/state"
        check "a disk that is full and read-only is no matter" eval 'stopped && rescued 0'
        umount "$drive/ProgramData/Autodeploy/state"
    else
        skip "rescue with a full and a read-only disk: this user may not mount one"
    fi
    rm -rf "$drive/ProgramData/Autodeploy"
    check "and where the whole folder is" eval 'stopped && rescued 0'
    check "another word than --now is refused" eval 'rescue --then >/dev/null; [ $? = 2 ]'
    no_rescue
    no_client
}
