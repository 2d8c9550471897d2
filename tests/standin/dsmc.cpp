// Stands in for dsmc: "sched" is the scheduler; anything else prints the banner, and "incremental" takes its time.
#include "connection.h"
#include "options.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

using namespace standin;

namespace {

void print_banner(const Options& options) {
    const std::string shown = options.sickness == "wrong-version" ? "8.1.0.0" : options.release;
    int v = 0, r = 0, m = 0, f = 0;
    std::sscanf(shown.c_str(), "%d.%d.%d.%d", &v, &r, &m, &f);
    std::printf("IBM Storage Protect\nCommand Line Backup-Archive Client Interface\n"
                "  Client Version %d, Release %d, Level %d.%d \n  Client date/time: %s\n"
                "(c) Copyright by IBM Corporation and other(s) 1990, 2025. All Rights Reserved.\n\n",
                v, r, m, f, date_text(options).c_str());
    std::fflush(stdout);
}

/// The first contact stores a password, as passwordaccess generate does: three files, the index with one record.
void store_password(const Options& options) {
    const std::string directory = "/etc/adsm";
    ::mkdir(directory.c_str(), 0755);
    if (std::ifstream(directory + "/TSM.IDX")) return;
    std::string record(645, '\0');
    record[0] = '\xEF';
    record[1] = '\x05';
    record[2] = '\x01';
    std::string server = options.server_name;
    for (char& c : server)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    record.replace(3, server.size(), server);
    record.replace(3 + 256, options.node.size(), options.node);
    record.replace(3 + 256 + 130, 5, "label");
    ::umask(0077);
    std::ofstream(directory + "/TSM.IDX") << record;
    std::ofstream(directory + "/TSM.KDB") << "stand-in key data base";
    std::ofstream(directory + "/TSM.sth") << "stand-in stash";
    ::umask(0022);
}

class Scheduler {
  public:
    explicit Scheduler(const Options& options) : options_(options) {}

    [[noreturn]] void run() {
        while (true) {
            query();
            ::sleep(unsigned(options_.poll_seconds));
        }
    }

  private:
    void log(const std::string& text) { append_line(options_.schedule_log, date_text(options_) + " " + text); }
    /// What a person reads, in the language of the person.
    void say(const std::string& english, const std::string& german) {
        log(options_.switches.contains("localised") ? german : english);
    }

    void query() {
        log("--- SCHEDULEREC QUERY BEGIN");
        const int socket = options_.sickness == "never-reaches-server"
                               ? -1
                               : connect_to(options_.server_address, options_.server_port);
        if (socket < 0) {
            log("ANS5216E Could not establish a TCP/IP connection with address '" + options_.server_address + ":" +
                std::to_string(options_.server_port) + "'.");
            append_line(options_.error_log,
                        date_text(options_) + " ANS1017E Session rejected: TCP/IP connection failure.");
            return;
        }
        Connection server(socket);
        if (!server.send("HELLO " + options_.node + " " + options_.release) || !server.receive()) return;
        store_password(options_);
        server.send("QUERY");
        const std::string answer = server.receive().value_or("");
        log("--- SCHEDULEREC QUERY END");
        if (answer.starts_with("SCHEDULE ")) run_event(server, answer.substr(9));
    }

    /// "NAME command words of the command"
    void run_event(Connection& server, const std::string& event) {
        const std::string name = event.substr(0, event.find(' '));
        const std::string rest = event.substr(name.size() + 1);
        const std::string action = rest.substr(0, rest.find(' '));
        const std::string objects = rest.size() > action.size() ? rest.substr(action.size() + 1) : "";
        say("Next operation scheduled:", "Nächste geplante Operation:");
        log("------------------------------------------------------------");
        say("Schedule Name:         " + name, "Zeitplanname:          " + name);
        say("Action:                " + action, "Aktion:                " + action);
        say("Objects:               " + objects, "Objekte:               " + objects);
        log("------------------------------------------------------------");
        server.send("BEGIN " + name);
        server.receive();
        const std::string stamp = name + " " + date_text(options_);
        log("--- SCHEDULEREC OBJECT BEGIN " + stamp);
        int code = 0;
        if (action == "command") {
            say("Executing Operating System command or script:\n   " + objects,
                "Befehl wird ausgeführt:\n   " + objects);
            const int status = std::system(objects.c_str());
            code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
            say("Finished command.  Return code is: " + std::to_string(code),
                "Befehl beendet. Rückgabecode: " + std::to_string(code));
        } else {
            ::sleep(unsigned(std::atoi(objects.c_str())));
        }
        if (code != 0)
            log("ANS1902E The PRESCHEDULECMD, or the command itself, failed with return code " + std::to_string(code));
        log("--- SCHEDULEREC OBJECT END " + stamp);
        say("Scheduled event '" + name + "' completed successfully.", "Geplantes Ereignis '" + name + "' beendet.");
        say("Sending results for scheduled event '" + name + "'.", "Ergebnisse für '" + name + "' werden gesendet.");
        server.send("RESULT " + name + " " + std::to_string(code));
        server.receive();
        say("Results sent to server for scheduled event '" + name + "'.", "Ergebnisse für '" + name + "' gesendet.");
    }

    Options options_;
};

} // namespace

int main(int count, char** arguments) {
    std::string optfile;
    std::string verb = "help";
    for (int i = 1; i < count; ++i) {
        const std::string argument = arguments[i];
        if (argument.starts_with("-optfile=")) {
            optfile = argument.substr(9);
        } else if (argument[0] != '-') {
            verb = argument;
            break;
        }
    }
    for (int i = 1; i < count; ++i)
        if (std::string(arguments[i]).starts_with("-optfile=")) optfile = std::string(arguments[i]).substr(9);
    const Options options = read_options(optfile);
    if (verb == "sched" || verb == "schedule") Scheduler(options).run();
    print_banner(options);
    if (verb == "incremental") {
        const auto seconds = options.switches.find("backup_seconds");
        ::sleep(seconds == options.switches.end() ? 2U : unsigned(std::atoi(seconds->second.c_str())));
    }
    return 0;
}
