#include "scheduler.h"

#include "retrieve.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>

namespace standin {

namespace {

constexpr const char* rule = "------------------------------------------------------------";
/// The vendor's default is 12 hours; nobody wants to wait for that here.
constexpr long default_poll_seconds = 5;
constexpr int attempts_to_report = 20;

int run_by_shell(const std::string& command) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGTERM, SIG_DFL);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child < 0) return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_command(const std::string& action) {
    return action == "command";
}

std::string capitalised(std::string word) {
    if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') word[0] = char(word[0] - 'a' + 'A');
    return word;
}

std::time_t to_time(const std::string& seconds) {
    return std::time_t(std::atoll(seconds.c_str()));
}

} // namespace

Scheduler::Scheduler(const Options& options, const Switches& switches)
    : options_(options), switches_(switches), speech_(options, switches),
      log_(switches.text("schedlog", "") == "none" ? "" : options.schedule_log, speech_, options.log_retention,
           switches.number("log_max_bytes", options.log_max_megabytes << 20)),
      errors_(options.error_log, speech_),
      poll_(switches.number("poll_seconds", options.query_period_hours > 0 ? options.query_period_hours * 3600
                                                                           : default_poll_seconds)) {}

int Scheduler::stay() {
    if (!may_run()) return 12;
    const bool prompted = options_.schedule_mode == "prompted";
    int port = options_.client_port;
    int listener = -1;
    if (prompted) {
        listener = listen_at("127.0.0.1", port);
        if (listener < 0) listener = listen_at("127.0.0.1", port = 0);
    }
    while (true) {
        const long wait = work(prompted ? port : 0);
        pollfd contact{listener, POLLIN, 0};
        if (::poll(&contact, listener < 0 ? 0 : 1, int(std::min(wait, 86400L) * 1000)) > 0)
            ::close(::accept(listener, nullptr, nullptr));
    }
}

long Scheduler::once(int prompt_port) {
    return may_run() ? work(prompt_port) : -1;
}

bool Scheduler::may_run() {
    if (options_.password_access != "generate") {
        trouble("ANS2050E TSM needs to prompt for the password but cannot prompt because the process is running in the "
                "background.");
        return false;
    }
    if (switches_.sickness == "scheduler-dies") {
        trouble("ANS9999E stand-in: this release's scheduler dies at its start");
        return false;
    }
    log_.prune();
    return true;
}

/// Until nothing is due any more. Returns for how long to wait.
long Scheduler::work(int prompt_port) {
    while (true) {
        const Answer answer = query(prompt_port);
        if (!answer.reached) return poll_;
        if (!answer.event) {
            say(Text::no_schedule);
            if (prompt_port != 0) log_.line("Waiting to be contacted by the server.");
            say_of(Text::refresh, std::to_string((poll_ + 3599) / 3600));
            return poll_;
        }
        announce(*answer.event);
        const long wait = long(to_time(answer.event->start) - std::time(nullptr));
        if (wait > 0) return std::min(wait, poll_);
        run(*answer.event);
        log_.prune();
    }
}

Scheduler::Answer Scheduler::query(int prompt_port) {
    marker("--- SCHEDULEREC QUERY BEGIN");
    Session session = open_session(options_, switches_, "query", prompt_port);
    std::optional<std::string> line;
    if (session.connection && session.connection->send("QUERY")) line = session.connection->receive();
    if (session.connection && !line) session.why = "ANS1017E Session rejected: TCP/IP connection failure.";
    if (!line) {
        trouble(session.why);
        return {};
    }
    marker("--- SCHEDULEREC QUERY END");
    const std::vector<std::string> parts = fields(*line);
    if (parts[0] != "SCHEDULE" || parts.size() < 5) return {true, std::nullopt};
    return {true, Event{parts[1], parts[2], parts[3], parts[4]}};
}

void Scheduler::announce(const Event& event) {
    const std::time_t start = to_time(event.start);
    say(Text::next_operation);
    log_.line(rule);
    say(Text::schedule_name, event.name);
    say(Text::action, capitalised(event.action));
    say(Text::objects, event.objects);
    say(Text::window_start, speech_.time(start) + " on " + speech_.date(start));
    log_.line(rule);
}

void Scheduler::run(const Event& event) {
    Session session = open_session(options_, switches_, "event");
    if (!session.connection) return trouble(session.why);
    session.connection->send("BEGIN\t" + event.stamp());
    if (session.connection->receive().value_or("") != "OK") return;
    const std::string stamp = event.name + " " + speech_.date_and_time(to_time(event.start));
    say(Text::executing_now);
    marker("--- SCHEDULEREC OBJECT BEGIN " + stamp);
    turn_over("begin");
    const int code = perform(event, *session.connection);
    marker("--- SCHEDULEREC OBJECT END " + stamp);
    turn_over("end");
    if (code == 0 || (!is_command(event.action) && code <= 8)) {
        say_of(Text::completed, event.name);
    } else {
        say_of(Text::failed, event.name, std::to_string(code) + ".");
        errors_.line("ANS1512E Scheduled event '" + event.name + "' failed.  Return code = " + std::to_string(code) +
                     ".");
    }
    report(event, code, std::move(session));
}

int Scheduler::perform(const Event& event, Connection& server) {
    if (!options_.pre_command.empty() && run_by_shell(options_.pre_command) != 0) {
        trouble("ANS1902E The PRESCHEDULECMD command failed. The scheduled event will not be executed.");
        return 12;
    }
    int code = 0;
    if (is_command(event.action)) {
        code = perform_command(event.objects);
    } else if (event.action == "retrieve" || event.action == "restore") {
        if (options_.retrieve_disabled) {
            trouble("ANS1895E Scheduled restore and retrieve operations are disabled on this client.");
            return 12;
        }
        const Retrieved done = retrieve(server, split_words(event.objects));
        if (!done.message.empty()) trouble(done.message);
        log_.line("Total number of objects retrieved: " + std::to_string(done.files));
        code = done.code;
    } else {
        code = perform_backup(event.objects);
    }
    if (!options_.post_command.empty() && run_by_shell(options_.post_command) != 0 && !is_command(event.action))
        code = std::max(code, 8);
    return code;
}

int Scheduler::perform_command(const std::string& objects) {
    const auto& allowed = options_.command_exceptions;
    if (options_.commands_disabled && std::find(allowed.begin(), allowed.end(), objects) == allowed.end()) {
        trouble("ANS1901I stand-in: scheduled commands are disabled on this client (SCHEDCMDDISABLED): " + objects);
        return 12;
    }
    say(Text::executing_command, objects);
    const int code = run_by_shell(objects);
    say(Text::finished_command, std::to_string(code));
    return code;
}

int Scheduler::perform_backup(const std::string& objects) {
    const bool seconds_given = !objects.empty() && objects.find_first_not_of("0123456789") == std::string::npos;
    log_.line("Incremental backup of volume '/'");
    ::sleep(unsigned(seconds_given ? std::atol(objects.c_str()) : switches_.number("backup_seconds", 2)));
    log_.line("Successful incremental backup of '/'");
    marker("--- SCHEDULEREC STATUS BEGIN");
    log_.line("Total number of objects inspected:        1,234");
    log_.line("Total number of objects backed up:           12");
    marker("--- SCHEDULEREC STATUS END");
    return int(switches_.number("backup_code", 0));
}

/// The event's session may have been lost meanwhile: then in another one.
void Scheduler::report(const Event& event, int code, Session session) {
    say_of(Text::sending, event.name);
    for (int attempt = 0; attempt < attempts_to_report; ++attempt) {
        if (session.connection && session.connection->send("RESULT\t" + event.stamp() + "\t" + std::to_string(code)) &&
            session.connection->receive().value_or("") == "OK") {
            say_of(Text::sent, event.name);
            return;
        }
        trouble("ANS1017E Session rejected: TCP/IP connection failure.");
        ::sleep(unsigned(std::min(poll_, 5L)));
        session = open_session(options_, switches_, "event");
    }
}

void Scheduler::turn_over(const std::string& when) {
    if (switches_.text("rotate_at", "") == when) log_.rotate(switches_.text("rotate", "rename") == "copy");
}

void Scheduler::marker(const std::string& text) {
    if (switches_.on("torn")) {
        log_.torn_line(text, unsigned(switches_.number("torn_milliseconds", 300)));
    } else {
        log_.line(text);
    }
}

void Scheduler::say(Text text, const std::string& rest) {
    log_.line(speech_.text(text) + rest);
}

void Scheduler::say_of(Text text, const std::string& inserted, const std::string& rest) {
    std::string sentence = speech_.text(text);
    if (const std::size_t at = sentence.find('%'); at != std::string::npos) sentence.replace(at, 1, inserted);
    log_.line(sentence + rest);
}

void Scheduler::trouble(const std::string& message) {
    log_.line(message);
    errors_.line(message);
}

} // namespace standin
