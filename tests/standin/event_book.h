#pragma once

#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace standin {

/// A file of DIRECTORY/schedules; its name is the schedule's.
struct Schedule {
    std::string name;
    std::string node; ///< "*": every node that the server has heard of
    std::string action;
    std::string objects;
    std::time_t start = 0; ///< of the occurrence that is meant: the last one begun, else the first to come
    long duration = 0;     ///< seconds in which it may begin; 0: no limit
    bool restart = false;  ///< an event that was severed is given out again within its window
};

/// The events of the server: DIRECTORY/events.log, a line for each change of state:
///   TIME SCHEDULE NODE STATE RESULT START     (times in seconds since 1970; RESULT "-" where there is none)
/// States: Pending, Started, Restarted, Completed, Failed, Severed, Missed. Several processes may use it.
class EventBook {
  public:
    explicit EventBook(std::string directory);

    /// What the node is to do next: what is due, the earliest first; else what is to come.
    std::optional<Schedule> next(const std::string& node) const;
    /// False if the event is not due: begun by another session, or over.
    bool begin(const std::string& name, const std::string& start, const std::string& node);
    void finish(const std::string& name, const std::string& start, const std::string& node, int code);
    void sever(const std::string& name, const std::string& start, const std::string& node);
    /// Writes down what became pending or was missed. Returns the nodes that have something due.
    std::vector<std::string> look();

  private:
    std::vector<Schedule> schedules() const;
    std::map<std::string, std::string> states() const;
    bool due(const Schedule& schedule, const std::string& node, const std::map<std::string, std::string>& states) const;
    void write(const std::string& name, const std::string& start, const std::string& node, const std::string& state,
               const std::string& result);
    std::vector<std::string> nodes() const;

    std::string directory_;
};

} // namespace standin
