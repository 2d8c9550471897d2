// Stands in for dsmc. "sched" is the scheduler; the other commands print the banner first.
#include "installation.h"
#include "password_store.h"
#include "retrieve.h"
#include "scheduler.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <sstream>

using namespace standin;

namespace {

constexpr int failed = 12;

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

class Client {
  public:
    Client(const Options& options, const Switches& switches, const Speech& speech)
        : options_(options), switches_(switches), speech_(speech), errors_(options.error_log, speech) {}

    int run(const std::vector<std::string>& words, const std::vector<std::string>& arguments) {
        const std::string verb = words.empty() ? "" : words[0];
        const std::string object = words.size() > 1 ? words[1] : "";
        if (is(verb, "query", 1) && is(object, "options", 1)) return show_options();
        if (is(verb, "query", 1) && is(object, "schedule", 3)) return show_schedule();
        if (is(verb, "query", 1)) return show_session();
        if (is(verb, "set", 3) && is(object, "password", 2)) return set_password(words);
        if (is(verb, "incremental", 1) || is(verb, "selective", 1) || is(verb, "archive", 2)) return back_up();
        if (is(verb, "retrieve", 3) || is(verb, "restore", 3)) return fetch(arguments);
        if (is(verb, "quit", 1) || verb.empty()) return 0;
        print("ANS1138E The '" + verb +
              "' command must be followed by a subcommand, or is not known to the stand-in\n");
        return failed;
    }

    static bool is(const std::string& word, const std::string& name, std::size_t shortest) {
        return word.size() >= shortest && word.size() <= name.size() &&
               strncasecmp(word.c_str(), name.c_str(), word.size()) == 0;
    }

  private:
    int trouble(const std::string& message) {
        print(message + "\n");
        errors_.line(message);
        return failed;
    }

    /// Opens one and prints what the client prints of it.
    Session session() {
        print("Node Name: " + options_.node + "\n");
        Session session = open_session(options_, switches_, "person");
        if (!session.connection) {
            trouble(session.why);
            return session;
        }
        int v = 0, r = 0, m = 0, f = 0;
        std::sscanf(session.server_level.c_str(), "%d.%d.%d.%d", &v, &r, &m, &f);
        char level[96];
        std::snprintf(level, sizeof level, "  Server Version %d, Release %d, Level %d.%d\n", v, r, m, f);
        print("Session established with server " + session.server + ": Linux/x86_64\n" + level +
              "  Server date/time: " + speech_.date_and_time(std::time(nullptr)) + "\n\n");
        return session;
    }

    int show_options() {
        for (const auto& [name, value] : options_.shown) {
            char line[1400];
            std::snprintf(line, sizeof line, "%30s: %s\n", name.c_str(), value.c_str());
            print(line);
        }
        return 0;
    }

    int show_session() { return session().connection ? 0 : failed; }

    int show_schedule() {
        const Session open = session();
        if (!open.connection) return failed;
        open.connection->send("QUERY");
        const std::vector<std::string> parts = fields(open.connection->receive().value_or(""));
        if (parts[0] != "SCHEDULE" || parts.size() < 5) {
            print("ANS1817I There are no schedules for this node.\n");
            return 0;
        }
        print("    Schedule Name: " + parts[1] + "\n           Action: " + parts[3] +
              "\n          Objects: " + parts[4] +
              "\n  Next Execution: " + speech_.date_and_time(std::time_t(std::atoll(parts[2].c_str()))) + "\n");
        return 0;
    }

    int set_password(const std::vector<std::string>& words) {
        if (words.size() < 4) return trouble("ANS1138E stand-in: set password OLD NEW");
        const Session open = open_session(options_, switches_, "person");
        if (!open.connection) {
            if (!switches_.on("password_needed")) return trouble(open.why);
            store_password(options_, words[3]);
            return 0;
        }
        open.connection->send("PASSWORD\t" + field(words[3]));
        if (open.connection->receive().value_or("") != "OK")
            return trouble("ANS1025E Session rejected: Authentication failure");
        store_password(options_, words[3]);
        print("ANS0302I Successfully done.\n");
        return 0;
    }

    /// Takes its time; a server that is away makes it fail.
    int back_up() {
        const Session open = session();
        if (!open.connection) return failed;
        print("Incremental backup of volume '/'\n");
        ::sleep(unsigned(switches_.number("backup_seconds", 2)));
        print("Successful incremental backup of '/'\n");
        return int(switches_.number("backup_code", 0));
    }

    int fetch(const std::vector<std::string>& arguments) {
        const Session open = session();
        if (!open.connection) return failed;
        const Retrieved done = retrieve(*open.connection, arguments);
        if (!done.message.empty()) trouble(done.message);
        print("Total number of objects retrieved: " + std::to_string(done.files) + "\n");
        return done.code;
    }

    const Options& options_;
    const Switches& switches_;
    const Speech& speech_;
    LogFile errors_;
};

/// Started by the acceptor: asks once, and tells it through the descriptor when to come again.
int schedule(const Options& options, const Switches& switches) {
    const char* descriptor = std::getenv("STANDIN_ACCEPTOR");
    Scheduler scheduler(options, switches);
    if (descriptor == nullptr) return scheduler.stay();
    int told = -1, port = 0;
    std::sscanf(descriptor, "%d %d", &told, &port);
    ::unsetenv("STANDIN_ACCEPTOR");
    const int kept = ::fcntl(told, F_DUPFD_CLOEXEC, 10);
    ::close(told);
    const long wait = scheduler.once(port);
    if (wait < 0) return failed;
    const std::string text = std::to_string(wait) + "\n";
    return ::write(kept, text.data(), text.size()) == ssize_t(text.size()) ? 0 : failed;
}

} // namespace

int main(int count, char** arguments) {
    const std::vector<std::string> all(arguments + 1, arguments + count);
    std::vector<std::string> words;
    for (const std::string& argument : all)
        if (!argument.starts_with("-")) words.push_back(argument);
    const std::string verb = words.empty() ? "" : words[0];

    const Switches switches = read_switches();
    if (const std::string missing = missing_part(); !missing.empty()) {
        std::fprintf(stderr, "%s\n", missing.c_str());
        return failed;
    }
    const bool scheduler = Client::is(verb, "schedule", 2);
    if (!scheduler) {
        // The banner comes before the options are read: "help" needs none.
        print(banner("Command Line Backup-Archive Client Interface", shown_release(switches),
                     Speech(Options{}, switches).date_and_time(std::time(nullptr))));
        if (Client::is(verb, "help", 1)) return 0;
        for (const std::string& argument : all)
            if (argument == "--version" || argument == "-version") return 0;
    }
    Options options;
    try {
        options = read_options(all);
    } catch (const OptionsError& error) {
        print(std::string(error.what()) + "\n");
        LogFile(log_directory() + "/dsmerror.log", Speech(Options{}, switches)).line(error.what());
        return failed;
    }
    if (scheduler) return schedule(options, switches);

    const Speech speech(options, switches);
    Client client(options, switches, speech);
    if (!words.empty()) return client.run(words, std::vector<std::string>(all.begin() + 1, all.end()));
    // Without a command it asks for them.
    int code = 0;
    print("Protect> ");
    for (std::string line; std::getline(std::cin, line); print("Protect> ")) {
        const std::vector<std::string> typed = split_words(line);
        if (!typed.empty() && Client::is(typed[0], "quit", 1)) break;
        if (!typed.empty()) code = client.run(typed, std::vector<std::string>(typed.begin() + 1, typed.end()));
    }
    return code;
}
