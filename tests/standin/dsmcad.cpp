// Stands in for dsmcad, the client acceptor: becomes a daemon and keeps a scheduler at work.
#include "options.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <string>

using namespace standin;

namespace {

volatile sig_atomic_t stop_asked = 0;
void on_terminate(int) {
    stop_asked = 1;
}

void become_daemon() {
    int ready[2];
    if (::pipe(ready) != 0) std::exit(1);
    if (const pid_t child = ::fork(); child != 0) {
        ::close(ready[1]);
        char byte = 0;
        const ssize_t got = ::read(ready[0], &byte, 1);
        _exit(child > 0 && got == 1 ? 0 : 1);
    }
    ::setsid();
    if (::chdir("/") != 0) std::exit(1);
    const int null = ::open("/dev/null", O_RDWR);
    for (int descriptor = 0; descriptor < 3; ++descriptor)
        ::dup2(null, descriptor);
    if (::write(ready[1], "x", 1) != 1) std::exit(1);
    ::close(ready[0]);
    ::close(ready[1]);
}

pid_t start_scheduler(const std::string& optfile) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    std::signal(SIGTERM, SIG_DFL);
    const std::string program = program_directory() + "/dsmc";
    const std::string option = "-optfile=" + optfile;
    if (optfile.empty()) {
        ::execl(program.c_str(), "dsmc", "sched", static_cast<char*>(nullptr));
    } else {
        ::execl(program.c_str(), "dsmc", "sched", option.c_str(), static_cast<char*>(nullptr));
    }
    _exit(127);
}

} // namespace

int main(int count, char** arguments) {
    std::string optfile;
    for (int i = 1; i < count; ++i)
        if (std::string(arguments[i]).starts_with("-optfile=")) optfile = std::string(arguments[i]).substr(9);
    const Options options = read_options(optfile);
    const std::string log = program_directory() + "/dsmwebcl.log";
    if (options.sickness == "dies-at-start") {
        std::cerr << "dsmcad: ANS0361I DIAG: stand-in that dies at its start\n";
        return 1;
    }
    if (options.sickness == "hangs-in-start")
        while (true)
            ::pause();

    become_daemon();
    struct sigaction action {};
    action.sa_handler = on_terminate;
    if (options.sickness == "hangs-in-stop") action.sa_handler = SIG_IGN;
    ::sigaction(SIGTERM, &action, nullptr);
    append_line(log, date_text(options) + " (dsmcad) Dsmcad is working without a web client");

    const bool schedules = strcasestr(options.managed_services.c_str(), "schedule") != nullptr;
    const std::time_t began = std::time(nullptr);
    pid_t scheduler = schedules ? start_scheduler(optfile) : 0;
    while (stop_asked == 0) {
        ::usleep(100000);
        if (options.sickness == "dies-after-20s" && std::time(nullptr) - began >= 20) _exit(1);
        if (scheduler > 0 && ::waitpid(scheduler, nullptr, WNOHANG) == scheduler) {
            append_line(log, date_text(options) + " (dsmcad) the scheduler ended and is started again");
            ::sleep(1);
            scheduler = start_scheduler(optfile);
        }
    }
    if (scheduler > 0) ::kill(scheduler, SIGTERM);
    append_line(log, date_text(options) + " (dsmcad) stopped");
    return 0;
}
