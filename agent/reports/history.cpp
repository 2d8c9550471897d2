#include "agent/reports/history.h"

#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy {
namespace {

constexpr std::uint64_t bound = 2 << 20;

} // namespace

History::History(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

/// At most `bound` bytes from the end, beginning with a whole line.
std::string History::tail(bool& whole) const {
    whole = true;
    const auto status = files_.status(path_);
    if (!status) return "";
    const auto reader = files_.reader(path_);
    if (status->size > bound) {
        whole = false;
        reader->seek(status->size - bound);
    }
    std::string content;
    std::string piece(65536, '\0');
    while (content.size() <= bound) {
        const std::size_t count = reader->read(piece.data(), piece.size());
        if (count == 0) break;
        content.append(piece, 0, count);
    }
    if (!whole) content.erase(0, std::min(content.find('\n'), content.size() - 1) + 1);
    return content;
}

void History::add(const Report& report) {
    const std::string line = compact_json(report_json(report)) + "\n";
    bool whole = true;
    std::string content = tail(whole);
    if (content.size() + line.size() > bound || !whole) {
        content.erase(0, content.size() / 2);
        content.erase(0, std::min(content.find('\n'), content.size()));
        if (!content.empty()) content.erase(0, 1);
        if (!content.empty() && content.back() != '\n') content += '\n';
        files_.write_durably(path_, content + line);
        return;
    }
    // What a power cut tore stays a line of its own.
    const bool torn = !content.empty() && content.back() != '\n';
    files_.append_durably(path_, torn ? "\n" + line : line);
}

History::Content History::read() const {
    bool whole = true;
    const std::string lines = tail(whole);
    Content content;
    for (std::size_t begin = 0; begin < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', begin), lines.size());
        const std::string_view line(lines.data() + begin, end - begin);
        begin = end + 1;
        if (line.empty()) continue;
        try {
            Report report = report_from_json(parse_json(line));
            content.newest_unreadable = false;
            const auto same = std::find_if(content.reports.begin(), content.reports.end(),
                                           [&](const Report& other) { return other.id == report.id; });
            if (same != content.reports.end() && same->ended_at == report.ended_at) {
                *same = std::move(report); // something was learned of it later
                continue;
            }
            if (same != content.reports.end()) content.reports.erase(same);
            content.reports.push_back(std::move(report));
        } catch (const Error&) {
            ++content.unreadable;
            content.newest_unreadable = true;
        }
    }
    return content;
}

Report History::find(const std::string& id) const {
    const Content content = read();
    const auto found = std::find_if(content.reports.rbegin(), content.reports.rend(),
                                    [&](const Report& report) { return id == "last" || report.id.starts_with(id); });
    if (found == content.reports.rend())
        throw Error("not_found",
                    "cannot find the deployment " + id + " in the history: `autodeploy history` lists all");
    return *found;
}

} // namespace autodeploy
