// Stands in for dsmcad, the client acceptor: becomes a daemon and starts the scheduler whenever there is something to
// do.
#include "installation.h"
#include "log_file.h"
#include "session.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

using namespace standin;

namespace {

volatile sig_atomic_t stop_asked = 0;
void on_terminate(int) {
    stop_asked = 1;
}

/// The parent ends with 0 when the daemon is ready, as Type=forking wants it.
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
    if (null > 2) ::close(null);
    if (::write(ready[1], "x", 1) != 1) std::exit(1);
    ::close(ready[0]);
    ::close(ready[1]);
}

/// The scheduler of this acceptor: a process only while it works.
class Work {
  public:
    /// stays: the scheduler is not told to end when nothing is due.
    Work(std::vector<std::string> options, int prompt_port, bool stays)
        : options_(std::move(options)), program_(scheduler_program()), prompt_port_(prompt_port), stays_(stays) {}

    bool runs() const { return pid_ > 0; }
    std::time_t due() const { return due_; }
    void make_due() { due_ = 0; }

    void start() {
        int told[2];
        if (::pipe(told) != 0) return;
        pid_ = ::fork();
        if (pid_ == 0) {
            ::signal(SIGTERM, SIG_DFL);
            ::close(told[0]);
            if (stays_) {
                ::close(told[1]);
            } else {
                ::setenv("STANDIN_ACCEPTOR", (std::to_string(told[1]) + " " + std::to_string(prompt_port_)).c_str(), 1);
            }
            std::vector<char*> arguments{const_cast<char*>("dsmc"), const_cast<char*>("schedule")};
            for (std::string& option : options_)
                arguments.push_back(option.data());
            arguments.push_back(nullptr);
            ::execv(program_.c_str(), arguments.data());
            _exit(127);
        }
        ::close(told[1]);
        told_ = told[0];
    }

    /// True once, when the scheduler has ended; then due() says when it is to run again.
    bool ended() {
        if (!runs() || ::waitpid(pid_, nullptr, WNOHANG) != pid_) return false;
        char text[32] = {};
        const ssize_t count = ::read(told_, text, sizeof text - 1);
        ::close(told_);
        pid_ = 0;
        told_well_ = count > 0;
        due_ = std::time(nullptr) + std::max(1L, told_well_ ? std::atol(text) : 1L);
        return true;
    }
    bool told_well() const { return told_well_; }

    void end() {
        if (runs()) ::kill(pid_, SIGTERM);
    }

  private:
    std::vector<std::string> options_;
    std::string program_;
    int prompt_port_;
    bool stays_;
    pid_t pid_ = 0;
    int told_ = -1;
    bool told_well_ = true;
    std::time_t due_ = 0;
};

int refuse(const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    LogFile(log_directory() + "/dsmerror.log", Speech(Options{}, read_switches())).line(message);
    return 12;
}

int accept_work(const Options& options, const Switches& switches, const std::vector<std::string>& arguments) {
    const Speech speech(options, switches);
    LogFile log(options.acceptor_log, speech);
    const auto say = [&log](const std::string& text) { log.line("(dsmcad) " + text); };
    const bool schedules = options.managed_services.find("schedule") != std::string::npos;
    const bool prompted = schedules && options.schedule_mode == "prompted";
    int port = options.client_port;
    int listener = -1;
    if (prompted) {
        listener = listen_at("127.0.0.1", port);
        if (listener < 0) listener = listen_at("127.0.0.1", port = 0);
    }
    say("Dsmcad is working in " + std::string(schedules ? "Schedule" : "Webclient") + " mode.");
    const std::time_t began = std::time(nullptr);
    Work work(arguments, prompted ? port : 0, switches.text("scheduler", "") == "permanent");
    while (stop_asked == 0) {
        if (switches.sickness == "dies-after-20s" && std::time(nullptr) - began >= switches.number("die_seconds", 20)) {
            work.end();
            return 1;
        }
        if (work.ended())
            say(work.told_well()
                    ? "Command will be executed in " + std::to_string(work.due() - std::time(nullptr)) + " seconds."
                    : "The scheduler ended with an error and is started again.");
        if (schedules && !work.runs() && std::time(nullptr) >= work.due()) {
            say("Executing scheduled command now.");
            work.start();
        }
        pollfd contact{listener, POLLIN, 0};
        if (::poll(&contact, listener < 0 ? 0 : 1, 100) > 0) {
            ::close(::accept(listener, nullptr, nullptr));
            work.make_due();
        }
    }
    work.end();
    say("Dsmcad ended.");
    return 0;
}

} // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    const Switches switches = read_switches();
    if (const std::string missing = missing_part(); !missing.empty()) return refuse(missing);
    for (const std::string& argument : arguments)
        if (argument == "--version" || argument == "-version") {
            const std::string text = banner("Client Acceptor", shown_release(switches),
                                            Speech(Options{}, switches).date_and_time(std::time(nullptr)));
            return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
        }
    if (switches.sickness == "dies-at-start") return refuse("ANS0361I DIAG: stand-in: this release dies at its start");
    if (switches.sickness == "hangs-in-start")
        while (true)
            ::pause();
    Options options;
    try {
        options = read_options(arguments);
    } catch (const OptionsError& error) {
        return refuse(error.what());
    }
    if (options.password_access != "generate")
        return refuse(
            "ANS2050E TSM needs to prompt for the password but cannot prompt because the process is running in "
            "the background.");

    become_daemon();
    struct sigaction action {};
    action.sa_handler = on_terminate;
    if (switches.sickness == "hangs-in-stop") action.sa_handler = SIG_IGN;
    ::sigaction(SIGTERM, &action, nullptr);
    return accept_work(options, switches, arguments);
}
