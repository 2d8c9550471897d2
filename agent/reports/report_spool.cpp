#include "agent/reports/report_spool.h"

#include "platform/error.h"

#include <algorithm>
#include <vector>

namespace autodeploy {

std::string spool_report(FileSystem& files, const std::string& directory, const Report& report) {
    const std::string ending = ".json";
    try {
        files.make_private_directory(directory);
        files.write_durably(directory + "/" + report.id + ending, pretty_json(report_json(report)) + "\n");
        std::vector<std::string> names = files.list(directory);
        std::erase_if(names, [&](const std::string& name) { return !name.ends_with(ending); });
        std::sort(names.begin(), names.end()); // ids begin with their time
        for (std::size_t i = 0; i + most_spooled_reports < names.size(); ++i)
            files.remove_durably(directory + "/" + names[i]);
        return "";
    } catch (const Error& error) {
        return "cannot put the report of " + report.id + " into the spool for a receiver: " + error.what() +
               "; it is in the history";
    }
}

} // namespace autodeploy
