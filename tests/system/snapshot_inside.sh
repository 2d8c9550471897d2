# shellcheck shell=bash
# Runs inside of a machine and prints all that is compared before and after, one fact a line: KIND<tab>NAME<tab>VALUE.
# Only the system's own tools; nothing of the agent.
export LC_ALL=C

# Names with a line's end or a tab in them stay on one line; \001 separates fields.
one_line() { sed -z 's/\n/\\n/g; s/\t/\\t/g; s/\x01/\t/g' | tr '\0' '\n'; }

find / -xdev -printf 'file\001%p\001%y %#m %U:%G %l\0' | one_line
find / -xdev -type f -print0 | xargs -0 -r sha256sum -z --tag | one_line |
    sed -E 's/^\\?SHA256 \((.*)\) = ([0-9a-f]+)$/content\t\1\t\2/'
# ACLs are attributes too: system.posix_acl_access.
find / -xdev ! -type l -print0 | xargs -0 -r getfattr -h -d -m - -e hex --absolute-names 2>/dev/null |
    awk '/^# file: / { file = substr($0, 9); next } /=/ { at = index($0, "="); print "attribute\t" file " " substr($0, 1, at - 1) "\t" substr($0, at + 1) }'

if [ -d /var/lib/dpkg/info ]; then
    dpkg-query -W -f 'package\tdeb:${Package}\t${Version} ${Architecture} ${db:Status-Want} ${db:Status-Status} ${db:Status-Eflag}\n' | sort -u
    # What stands for the header of a deb: all that dpkg keeps of it.
    (cd /var/lib/dpkg/info && sha256sum --tag -- *.*) |
        sed -E 's/^SHA256 \((.*)\.([a-z0-9]+)\) = ([0-9a-f]+)$/package-digest\tdeb:\1 \2\t\3/'
fi
if command -v rpm >/dev/null; then
    rpm -qa --qf 'package\trpm:%{NAME}\t%{VERSION}-%{RELEASE} %{ARCH}\npackage-digest\trpm:%{NAME}\t%{SHA256HEADER}\n'
fi

if [ -d /run/systemd/system ]; then
    systemctl list-units --all --plain --no-legend --type=service,timer,path,socket | awk '{ print "unit\t" $1 "\t" $2 " " $3 " " $4 }'
    systemctl list-unit-files --no-legend | awk '{ print "unit-file\t" $1 "\t" $2 }'
    systemctl show $(systemctl list-units --all --plain --no-legend --type=service | awk '{ print $1 }') \
        -p Id -p FragmentPath -p DropInPaths -p NeedDaemonReload |
        awk -F= '/^Id=/ { id = $2; next } NF { line[$1] = $2 } /^$/ { put() } END { put() }
            function put(  key) { for (key in line) print "unit-property\t" id " " key "\t" line[key]; delete line; }'
else
    for script in /etc/init.d/*; do
        "$script" status </dev/null >/dev/null 2>&1
        printf 'service\t%s\t%s\n' "$script" $?
    done
fi
