#pragma once

#include "agent/reports/report.h"
#include "platform/file_system.h"

#include <cstddef>
#include <string>
#include <vector>

namespace autodeploy {

/// history.jsonl: one report a line, as report_json. A later line with the id of an earlier one takes its place,
/// and goes to the end if it ended later.
/// Bounded: over 2 MiB the older half goes.
class History {
  public:
    History(FileSystem& files, std::string path);

    /// Durable when it returns. Throws Error as FileSystem does.
    void add(const Report& report);

    struct Content {
        std::vector<Report> reports;    ///< oldest first
        std::size_t unreadable = 0;     ///< lines that are torn or damaged; they hurt nobody else
        bool newest_unreadable = false; ///< the last line is such a one
    };
    /// Empty if there is none.
    Content read() const;
    /// The report of that deployment, or the newest whose id starts so; "last" is the newest of all. Throws Error
    /// not_found.
    Report find(const std::string& id) const;

  private:
    std::string tail(bool& whole) const;
    FileSystem& files_;
    std::string path_;
};

} // namespace autodeploy
