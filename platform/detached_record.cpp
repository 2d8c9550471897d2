#include "platform/detached_record.h"

#include "platform/error.h"
#include "platform/process_table.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace autodeploy {
namespace {

constexpr std::size_t longest_name = 100;
constexpr std::uint64_t largest_record = 64 * 1024;
constexpr Milliseconds grace{5000};

bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= longest_name && std::all_of(text.begin(), text.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-';
    });
}

template<class Number> bool read_number(const std::string& text, Number& number) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failed == std::errc() && end == text.data() + text.size();
}

bool set_field(DetachedRecord& record, const std::string& field, const std::string& value) {
    if (field == "name")
        record.name = value;
    else if (field == "boot")
        record.boot = value;
    else if (field == "output")
        record.output_path = value;
    else if (field == "output_start")
        return read_number(value, record.output_start);
    else if (field == "started")
        record.started = value == "yes";
    else if (field == "process")
        return read_number(value, record.process);
    else if (field == "process_start")
        record.process_start = value;
    else if (field == "exit_code")
        return read_number(value, record.exit_code.emplace());
    return true; // a later release may know more
}

std::vector<Process> descendants(ProcessTable& processes, std::int64_t ancestor) {
    const std::vector<Process> all = processes.list();
    std::set<std::int64_t> family = {ancestor};
    std::vector<Process> found;
    // A child may stand before its parent in the list, so until nothing is added.
    for (std::size_t before = 0; before != family.size();) {
        before = family.size();
        for (const Process& process : all)
            if (family.contains(process.parent) && family.insert(process.id).second) found.push_back(process);
    }
    return found;
}

} // namespace

std::string record_text(const DetachedRecord& record) {
    std::string text = "name " + record.name + "\nboot " + record.boot + "\noutput " + record.output_path +
                       "\noutput_start " + std::to_string(record.output_start) + "\nstarted " +
                       (record.started ? "yes" : "no") + "\nprocess " + std::to_string(record.process) +
                       "\nprocess_start " + record.process_start + "\n";
    if (record.exit_code) text += "exit_code " + std::to_string(*record.exit_code) + "\n";
    return text;
}

std::optional<DetachedRecord> parse_record(const std::string& text) {
    DetachedRecord record;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::size_t blank = text.find(' ', at);
        if (end == std::string::npos || blank == std::string::npos || blank > end) return std::nullopt;
        if (!set_field(record, text.substr(at, blank - at), text.substr(blank + 1, end - blank - 1)))
            return std::nullopt;
        at = end + 1;
    }
    if (!is_name(record.name) || record.boot.empty()) return std::nullopt;
    return record;
}

DetachedRecords::DetachedRecords(FileSystem& files, Clock& clock, const std::string& parent)
    : files_(files), clock_(clock), parent_(parent), directory_(parent + "/detached") {}

void DetachedRecords::make_directory() {
    if (!files_.status(parent_)) files_.make_directory(parent_);
    files_.make_private_directory(directory_);
}

std::string DetachedRecords::path_of(const std::string& name) const {
    if (!is_name(name))
        throw Error("tool_failed", "cannot run a tool under the name \"" + name +
                                       "\": a name has 1 to 100 letters, digits and dashes");
    return directory_ + "/" + name;
}

DetachedRecord DetachedRecords::begin(const DetachedCommand& command) {
    const std::string path = path_of(command.name);
    make_directory();
    for (const std::string& name : files_.list(directory_))
        if (is_name(name) && !find(name)) files_.remove_durably(directory_ + "/" + name);
    DetachedRecord record;
    record.name = command.name;
    record.boot = clock_.boot_id();
    record.output_path = command.output_path;
    if (const auto output = files_.status(command.output_path)) record.output_start = output->size;
    save(record);
    return record;
}

void DetachedRecords::save(const DetachedRecord& record) {
    files_.write_durably(path_of(record.name), record_text(record));
}

std::optional<DetachedRecord> DetachedRecords::find(const std::string& name) {
    const std::string path = path_of(name);
    if (!files_.status(path)) return std::nullopt;
    std::optional<DetachedRecord> record = parse_record(files_.read(path, largest_record));
    if (!record || record->boot != clock_.boot_id()) return std::nullopt;
    return record;
}

std::string DetachedRecords::output(const DetachedRecord& record, std::size_t limit) {
    const auto status = files_.status(record.output_path);
    if (!status || status->size <= record.output_start) return {};
    const std::uint64_t size = std::min<std::uint64_t>(status->size - record.output_start, limit);
    const std::unique_ptr<FileReader> reader = files_.reader(record.output_path);
    reader->seek(status->size - size);
    std::string text(std::size_t(size), '\0');
    text.resize(reader->read(text.data(), text.size()));
    return text;
}

void end_descendants(ProcessTable& processes, std::int64_t ancestor) {
    const std::vector<Process> family = descendants(processes, ancestor);
    for (const Process& process : family)
        processes.end(process, Milliseconds::zero());
    for (const Process& process : family)
        if (!processes.end(process, grace)) processes.kill(process);
}

} // namespace autodeploy
