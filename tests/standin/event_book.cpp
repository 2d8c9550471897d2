#include "event_book.h"

#include "switches.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace standin {

namespace {

/// Held while the book is read and written.
class Lock {
  public:
    explicit Lock(const std::string& directory)
        : file_(::open((directory + "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
        ::flock(file_, LOCK_EX);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { ::close(file_); }

  private:
    int file_;
};

std::string key(const std::string& name, const std::string& node, const std::string& start) {
    return name + " " + node + " " + start;
}

std::string state_of(const std::map<std::string, std::string>& states, const std::string& name, const std::string& node,
                     const std::string& start) {
    const auto found = states.find(key(name, node, start));
    return found == states.end() ? "" : found->second;
}

/// start=SECONDS since 1970, +SECONDS after the file was written, or nothing: when it was written. every=SECONDS.
std::time_t occurrence(const std::map<std::string, std::string>& values, std::time_t written, std::time_t now) {
    const auto text = [&values](const char* name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    };
    const std::string given = text("start");
    std::time_t start = std::atoll(given.c_str());
    if (start == 0 || given.starts_with("+")) start = written + start;
    const long every = std::atol(text("every").c_str());
    if (every > 0 && start < now) start += (now - start) / every * every;
    return start;
}

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return text;
}

} // namespace

EventBook::EventBook(std::string directory) : directory_(std::move(directory)) {}

std::vector<Schedule> EventBook::schedules() const {
    std::vector<Schedule> found;
    std::error_code ignored;
    const std::time_t now = std::time(nullptr);
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/schedules", ignored)) {
        struct stat status {};
        const std::string path = entry.path();
        if (entry.path().filename().string().starts_with(".") || ::stat(path.c_str(), &status) != 0) continue;
        auto values = key_values(path);
        // One that is being written.
        if (values["node"].empty()) continue;
        Schedule schedule;
        schedule.name = entry.path().filename();
        schedule.node = values["node"];
        schedule.action = values["action"].empty() ? "incremental" : lower_case(values["action"]);
        schedule.objects = values["objects"];
        schedule.duration = std::atol(values["duration"].c_str());
        schedule.restart = values["restart"] == "yes";
        schedule.start = occurrence(values, std::min(status.st_mtime, now), now);
        found.push_back(std::move(schedule));
    }
    std::sort(found.begin(), found.end(), [](const Schedule& a, const Schedule& b) {
        return std::pair(a.start, a.name) < std::pair(b.start, b.name);
    });
    return found;
}

std::map<std::string, std::string> EventBook::states() const {
    std::map<std::string, std::string> states;
    std::ifstream file(directory_ + "/events.log");
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string time, name, node, state, result, start;
        if (words >> time >> name >> node >> state >> result >> start) states[key(name, node, start)] = state;
    }
    return states;
}

bool EventBook::due(const Schedule& schedule, const std::string& node,
                    const std::map<std::string, std::string>& states) const {
    const std::time_t now = std::time(nullptr);
    if (schedule.start > now) return false;
    if (schedule.duration > 0 && now > schedule.start + schedule.duration) return false;
    const std::string state = state_of(states, schedule.name, node, std::to_string(schedule.start));
    return state.empty() || state == "Pending" || (state == "Severed" && schedule.restart);
}

std::optional<Schedule> EventBook::next(const std::string& node) const {
    const Lock lock(directory_);
    const auto known = states();
    const std::vector<Schedule> all = schedules();
    const auto concerns = [&node](const Schedule& schedule) {
        return schedule.node == "*" || strcasecmp(schedule.node.c_str(), node.c_str()) == 0;
    };
    for (const Schedule& schedule : all)
        if (concerns(schedule) && due(schedule, node, known)) return schedule;
    for (const Schedule& schedule : all)
        if (concerns(schedule) && schedule.start > std::time(nullptr)) return schedule;
    return std::nullopt;
}

bool EventBook::begin(const std::string& name, const std::string& start, const std::string& node) {
    const Lock lock(directory_);
    const auto known = states();
    for (const Schedule& schedule : schedules()) {
        if (schedule.name != name || std::to_string(schedule.start) != start || !due(schedule, node, known)) continue;
        write(name, start, node, state_of(known, name, node, start) == "Severed" ? "Restarted" : "Started", "-");
        return true;
    }
    return false;
}

void EventBook::finish(const std::string& name, const std::string& start, const std::string& node, int code) {
    const Lock lock(directory_);
    bool good = code <= 8;
    // The code of a command is the command's own.
    for (const Schedule& schedule : schedules())
        if (schedule.name == name && schedule.action == "command") good = code == 0;
    write(name, start, node, good ? "Completed" : "Failed", std::to_string(code));
}

void EventBook::sever(const std::string& name, const std::string& start, const std::string& node) {
    const Lock lock(directory_);
    write(name, start, node, "Severed", "-");
}

std::vector<std::string> EventBook::look() {
    const Lock lock(directory_);
    const auto known = states();
    const std::time_t now = std::time(nullptr);
    std::vector<std::string> busy;
    for (const Schedule& schedule : schedules()) {
        if (schedule.start > now) continue;
        const std::string start = std::to_string(schedule.start);
        for (const std::string& node : schedule.node == "*" ? nodes() : std::vector{schedule.node}) {
            const std::string state = state_of(known, schedule.name, node, start);
            const bool open = state.empty() || state == "Pending";
            if (open && schedule.duration > 0 && now > schedule.start + schedule.duration)
                write(schedule.name, start, node, "Missed", "-");
            else if (state.empty())
                write(schedule.name, start, node, "Pending", "-");
            if (due(schedule, node, known)) busy.push_back(node);
        }
    }
    return busy;
}

std::vector<std::string> EventBook::nodes() const {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/nodes", ignored))
        names.push_back(entry.path().filename());
    return names;
}

void EventBook::write(const std::string& name, const std::string& start, const std::string& node,
                      const std::string& state, const std::string& result) {
    std::ofstream(directory_ + "/events.log", std::ios::app)
        << std::time(nullptr) << " " << name << " " << node << " " << state << " " << result << " " << start << "\n";
}

} // namespace standin
