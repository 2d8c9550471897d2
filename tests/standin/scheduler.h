#pragma once

#include "log_file.h"
#include "session.h"

#include <optional>
#include <string>

namespace standin {

/// The scheduler: asks the server what is next, runs what is due, tells the result, writes its log.
class Scheduler {
  public:
    Scheduler(const Options& options, const Switches& switches);

    /// For ever, as "dsmc sched" does. Returns only with an error.
    int stay();
    /// Once, as the acceptor wants it: until nothing is due. Returns in how many seconds to ask again.
    long once(int prompt_port);

  private:
    struct Event {
        std::string name;
        std::string start; ///< seconds since 1970, as the server gave it
        std::string action;
        std::string objects;
        std::string stamp() const { return name + "\t" + start; }
    };

    /// Nothing: the server was not reached.
    struct Answer {
        bool reached = false;
        std::optional<Event> event;
    };

    bool may_run();
    long work(int prompt_port);
    Answer query(int prompt_port);
    void announce(const Event& event);
    void run(const Event& event);
    int perform(const Event& event, Connection& server);
    int perform_command(const std::string& objects);
    int perform_backup(const std::string& objects);
    void report(const Event& event, int code, Session session);
    void turn_over(const std::string& when);

    void marker(const std::string& text);
    void say(Text text, const std::string& rest = {});
    void say_of(Text text, const std::string& inserted, const std::string& rest = {});
    void trouble(const std::string& message);

    const Options& options_;
    const Switches& switches_;
    Speech speech_;
    LogFile log_;
    LogFile errors_;
    long poll_;
};

} // namespace standin
