#include "tests/platform/aix/standin_machine.h"

#include "tests/platform/linux/look_alikes.h"

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <filesystem>
#include <unistd.h>

namespace autodeploy {

std::string standin_programs() {
    std::array<char, PATH_MAX> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    const std::string own = size < 0 ? std::string() : std::string(path.data(), std::size_t(size));
    const std::string folder = own.substr(0, own.rfind('/')) + "/standin";
    return ::access((folder + "/standin_aix").c_str(), X_OK) == 0 ? folder : std::string();
}

std::string standin_scripts() {
    return std::filesystem::current_path().string() + "/tests/standin/aix";
}

StandinMachine::StandinMachine() {
    run_script("bash " + standin_scripts() + "/install.sh " + standin_programs() + " " + root + " && mkdir " + root +
               "/client");
    // As AIX has it; here it must be the machine's own.
    run_script("cp /bin/sleep " + root + "/client/dsmc && cp /bin/sleep " + root + "/client/dsmcad");
}

StandinMachine::~StandinMachine() {
    // Whatever names this folder was started by this machine.
    for (int tries = 0; tries < 50; ++tries) {
        bool any = false;
        for (const Process& process : real_processes.list())
            if (process.program.starts_with(root + "/")) {
                any = true;
                ::kill(pid_t(process.id), SIGKILL);
            }
        if (!any) break;
        clock.sleep(Milliseconds(20));
    }
}

std::string StandinMachine::shell(const std::string& script) {
    return run_script("export LC_ALL=C R=" + root + " PATH=" + root + "/usr/bin:" + root + "/usr/sbin:$PATH\n" +
                      script);
}

void StandinMachine::ask(const std::string& line) {
    files.write_durably(root + "/etc/standin/aix", line + "\n", 0644);
}

} // namespace autodeploy
