#pragma once

#include "platform/file_system.h"

#include <map>
#include <string>
#include <vector>

namespace autodeploy {

/// How one process of a service was started, so that it can be started so again.
struct StartedAs {
    std::string program;
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;

    bool operator==(const StartedAs&) const = default;
};

/// What is kept of a service from its hold on, since its manager forgets it with the stop. Plain lines, which the
/// rescue script reads as well: "held" while the hold lasts, "line TEXT" (an original line of inittab), then for each
/// process "instance", "program TEXT", "argument TEXT", "variable NAME=VALUE".
struct StartRecord {
    bool held = false;
    std::vector<std::string> inittab_lines;
    std::vector<StartedAs> instances;

    bool operator==(const StartRecord&) const = default;
};

std::string start_record_text(const StartRecord& record);
/// Unknown lines are left out.
StartRecord parse_start_record(const std::string& text);

/// The records of one state directory, each a file. Durable, and only for the administrator: environments have secrets.
class StartRecords {
  public:
    StartRecords(FileSystem& files, const std::string& state_directory)
        : files_(files), directory_(state_directory + "/services") {}

    void save(const std::string& service, const StartRecord& record);
    /// Nothing if there is none.
    std::optional<StartRecord> find(const std::string& service);
    void remove(const std::string& service);

  private:
    std::string path_of(const std::string& service) const;

    FileSystem& files_;
    std::string directory_;
};

} // namespace autodeploy
