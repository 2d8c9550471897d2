#!/bin/bash
# The rescue program alone: services come up again although nothing of the agent is left.
. "$(dirname "$(readlink -f "$0")")/machine.sh"
if [ $machine_mode = none ]; then skip "rescue: $machine_why" && finish; fi

# The state right after a power cut in the middle of an update, but for the agent: two services held and stopped.
prepare() {
    local root
    machine_boot rescue || return 1
    root=$(machine_root rescue)
    mkdir -p "$root/usr/lib/autodeploy" "$root/var/lib/autodeploy"
    cp "$project/packaging/rescue/autodeploy-rescue" "$root/usr/lib/autodeploy/"
    if [ $machine_mode = systemd ]; then
        cp "$project"/packaging/systemd/autodeploy-rescue.* "$root/etc/systemd/system/"
        local service
        for service in one.service two@x.service idle.service; do
            mkdir "$root/etc/systemd/system/$service.d"
            printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >"$root/etc/systemd/system/$service"
            printf '[Unit]\nConditionPathExists=/run/autodeploy/may-start-%s\n' "$service" \
                >"$root/etc/systemd/system/$service.d/50-autodeploy-hold.conf"
        done
        printf 'one.service\ntwo@x.service\n' >"$root/var/lib/autodeploy/restart-services"
        machine_in rescue systemctl daemon-reload
        machine_in rescue systemctl -q enable one.service
    else
        printf '#!/bin/sh\ncase $1 in start) echo up >/tmp/one ;; status) [ -e /tmp/one ] ;; esac\n' >"$root/etc/init.d/one"
        chmod +x "$root/etc/init.d/one"
        printf 'one\n' >"$root/var/lib/autodeploy/restart-services"
    fi
    : >"$root/var/lib/autodeploy/lock"
    chmod 700 "$root/var/lib/autodeploy"
}
active() { machine_in rescue systemctl is-active --quiet "$@"; }
rescue() { machine_in rescue /usr/lib/autodeploy/autodeploy-rescue "$@"; }
both_run() { active one.service && active two@x.service; }
no_hold() { ! ls "$(machine_root rescue)"/etc/systemd/system/{one,two@x}.service.d/50-autodeploy-hold.conf 2>/dev/null; }
await() { local try; for ((try = 0; try < 200; try++)); do "$@" && return 0; sleep 0.05; done; return 1; }
# begin: a machine as prepared, each time anew.
begin() { machine_remove rescue 2>/dev/null; machine_new rescue deb && prepare; }

if [ $machine_mode = systemd ]; then
    check "a machine is prepared" begin || finish
    machine_in rescue systemctl start one.service
    check "a held service starts for nobody" eval '! active one.service'
    check "the agent is gone: both services are started" rescue
    check "... and run" both_run
    check "... and are held no longer" no_hold
    check "what was not on the list is not started" eval '! active idle.service'
    check "... but may be, from now on" machine_in rescue systemctl start idle.service
    check "... and runs" active idle.service
    machine_in rescue systemctl stop one.service
    check "a second run passes" rescue
    check "... and leaves stopped what was stopped since" eval '! active one.service'
    check "... but for --now" rescue --now
    check "... which starts it" both_run
    check "what it does not know is refused" eval 'rescue --nwo >/dev/null; [ $? = 2 ]'
    check "... and its help is none of that" rescue --help

    begin
    # The machine loses power and comes up; the timer's delay is shortened for the test.
    root=$(machine_root rescue)
    mkdir -p "$root/etc/systemd/system/autodeploy-rescue.timer.d"
    printf '[Timer]\nOnBootSec=\nOnBootSec=8s\nAccuracySec=10ms\n' >"$root/etc/systemd/system/autodeploy-rescue.timer.d/soon.conf"
    machine_in rescue systemctl -q enable autodeploy-rescue.timer
    machine_kill rescue && machine_boot rescue
    check "after a boot the held service is down" eval '! active one.service'
    check "... and soon the timer has it running" await both_run

    begin
    machine_in rescue sh -c 'mount --bind /var/lib/autodeploy /var/lib/autodeploy && mount -o remount,ro,bind /var/lib/autodeploy
        mount --bind /etc /etc && mount -o remount,ro,bind /etc'
    rescue >/dev/null 2>&1
    check "disks that cannot be written to: both run" both_run

    begin
    machine_in rescue sh -c 'mkdir /tmp/kept && mv /var/lib/autodeploy/* /tmp/kept && mount -t tmpfs -o size=16k,mode=700 tmpfs /var/lib/autodeploy &&
        mv /tmp/kept/* /var/lib/autodeploy && head -c 1000000 /dev/zero >/var/lib/autodeploy/full' 2>/dev/null
    check "no room where the state lies" eval '! machine_in rescue sh -c "echo more >/var/lib/autodeploy/more" 2>/dev/null'
    check "... is no matter" rescue
    check "... both run" both_run

    # Of the two one is enabled: the other's name went with the list.
    for damage in 'rm -rf /var/lib/autodeploy' 'rm L && mkdir L' 'head -c 4000 /dev/urandom >L' ': >L' 'chmod 000 L && printf "\000\000\000" >L'; do
        begin
        machine_in rescue sh -c "${damage//L/\/var\/lib\/autodeploy\/restart-services}"
        rescue >"$machines/rescued" 2>&1
        check "damaged by '$damage': what is held and enabled runs" active one.service
        check "... the rest was left alone" eval '! active two@x.service && ! active idle.service'
        check "... and said why" grep -q 'lost or damaged' "$machines/rescued"
        check "... nothing is held" eval '! machine_in rescue find /etc/systemd/system -name 50-autodeploy-hold.conf | grep .'
    done

    begin
    machine_in rescue rm -r /var/lib/autodeploy
    machine_in rescue systemctl start autodeploy-rescue.service
    check "the list is lost: the unit has what is held and enabled running, too" active one.service

    begin
    machine_in rescue sh -c 'exec 8</var/lib/autodeploy/lock; flock 8; sleep 1000' &
    await machine_in rescue sh -c '! flock -n /var/lib/autodeploy/lock true'
    check "the agent applies: nothing is done" rescue
    check "... nothing runs" eval '! active one.service'
    check "... and --now does not break in either" rescue --now
    check "... nothing runs" eval '! active one.service'

    begin
    root=$(machine_root rescue)
    # An agent that lives: anything that its unit runs.
    printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$root/etc/systemd/system/autodeploy.service"
    cp "$root/bin/sleep" "$root/usr/bin/autodeploy"
    machine_in rescue sh -c 'systemctl daemon-reload; systemctl start autodeploy.service'
    check "the agent lives: left to it" rescue
    check "... nothing runs" eval '! active one.service'
    touch -d '20 minutes ago' "$root/var/lib/autodeploy/restart-services"
    check "the agent lives but does nothing: rescued" rescue
    check "... both run" both_run

    begin
    root=$(machine_root rescue)
    # It never says that it is up, so its start stays under way.
    printf '[Service]\nType=notify\nTimeoutStartSec=infinity\nExecStart=/bin/sleep infinity\n' >"$root/etc/systemd/system/autodeploy.service"
    cp "$root/bin/sleep" "$root/usr/bin/autodeploy"
    machine_in rescue sh -c 'systemctl daemon-reload; systemctl --no-block start autodeploy.service'
    await machine_in rescue sh -c 'systemctl show -p ActiveState autodeploy.service | grep -q =activating'
    check "the agent hangs in its start: for a while left to it" machine_in rescue timeout 60 systemctl start autodeploy-rescue.service
    check "... nothing runs" eval '! active one.service'
    touch -d '20 minutes ago' "$root/var/lib/autodeploy/restart-services"
    check "... and then rescued, which does not wait for the end of that start" machine_in rescue timeout 60 systemctl start autodeploy-rescue.service
    check "... both run" both_run

    begin
    root=$(machine_root rescue)
    printf '[Unit]\nAfter=slow.service\nWants=slow.service\n[Service]\nExecStart=/bin/sleep infinity\n' >"$root/etc/systemd/system/autodeploy.service"
    printf '[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n' >"$root/etc/systemd/system/slow.service"
    cp "$root/bin/sleep" "$root/usr/bin/autodeploy"
    machine_in rescue sh -c 'systemctl daemon-reload; systemctl --no-block start autodeploy.service'
    check "the agent's start waits for another service: left to it" rescue
    check "... nothing runs" eval '! active one.service'

    begin
    root=$(machine_root rescue)
    printf '[Unit]\nOnFailure=autodeploy-rescue.service\nStartLimitBurst=2\n[Service]\nRestart=on-failure\nRestartSec=10ms\nExecStart=/bin/false\n' \
        >"$root/etc/systemd/system/autodeploy.service"
    cp "$root/bin/false" "$root/usr/bin/autodeploy"
    machine_in rescue sh -c 'systemctl daemon-reload; systemctl start autodeploy.service'
    check "the agent fails again and again: rescued" await both_run

    begin
    printf 'one.service\n../evil\n-rf\n*\n\ntwo@x.service' >"$(machine_root rescue)/var/lib/autodeploy/restart-services"
    check "lines that are no names fail" eval '! rescue'
    check "... and are left out, the rest runs" both_run
else
    check "a machine is prepared" begin || finish
    check "without systemd the init script is used" rescue
    check "... and the service runs" machine_in rescue /etc/init.d/one status
    check "... without our lock" machine_in rescue flock -n /var/lib/autodeploy/lock true
fi
finish
