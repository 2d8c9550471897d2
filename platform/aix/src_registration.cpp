#include "platform/aix/src_registration.h"

#include "platform/aix/src_text.h"
#include "platform/error.h"

namespace autodeploy {

namespace {

CommandResult run_tool(const SrcRegistration& own, const std::string& program,
                       const std::vector<std::string>& arguments) {
    Command command;
    command.program = own.root + program;
    command.arguments = arguments;
    return own.run(command);
}

bool is_there(const SrcRegistration& own, const std::string& name) {
    return !parse_subsystems(run_tool(own, "/usr/bin/lssrc", {"-S", "-s", name}).output).empty();
}

bool starts_at_boot(const SrcRegistration& own, const std::string& name) {
    for (const InittabEntry& entry : parse_inittab(run_tool(own, "/usr/sbin/lsitab", {"-a"}).output))
        if (entry.id == name) return true;
    return false;
}

[[noreturn]] void refuse(const std::string& what, const CommandResult& result) {
    throw Error("service_manager_failed", "cannot " + what + ": the tool ended with " +
                                              std::to_string(result.exit_code) + ": " + result.error + result.output);
}

} // namespace

void SrcRegistration::install(const std::string& name, const std::string& program) const {
    if (!is_there(*this, name)) {
        // 15 and 9: asked to end as any daemon is, and the hard way only when somebody forces it. Five minutes to
        // finish what it does to the client.
        const CommandResult made =
            run_tool(*this, "/usr/bin/mkssys",
                     {"-s", name, "-p", program, "-a", "service run", "-u", "0",         "-S", "-n",       "15",
                      "-f", "9",  "-R", "-Q",    "-w", "300",         "-o", "/dev/null", "-e", "/dev/null"});
        if (!is_there(*this, name)) refuse("make the subsystem " + name, made);
    }
    if (!starts_at_boot(*this, name)) {
        const CommandResult made = run_tool(*this, "/usr/sbin/mkitab",
                                            {name + ":2:once:/usr/bin/startsrc -s " + name + " >/dev/console 2>&1"});
        if (!starts_at_boot(*this, name)) refuse("make the entry " + name + " of /etc/inittab", made);
    }
}

void SrcRegistration::uninstall(const std::string& name) const {
    if (starts_at_boot(*this, name)) {
        const CommandResult removed = run_tool(*this, "/usr/sbin/rmitab", {name});
        if (starts_at_boot(*this, name)) refuse("remove the entry " + name + " of /etc/inittab", removed);
    }
    if (!is_there(*this, name)) return;
    const bool runs = !parse_subsystem_status(run_tool(*this, "/usr/bin/lssrc", {"-s", name}).output, name).empty();
    if (runs)
        throw Error("service_manager_failed",
                    "cannot remove the subsystem " + name + " while it runs; stop it first: autodeploy service stop");
    const CommandResult removed = run_tool(*this, "/usr/bin/rmssys", {"-s", name});
    if (is_there(*this, name)) refuse("remove the subsystem " + name, removed);
}

} // namespace autodeploy
