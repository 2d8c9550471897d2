#include "platform/aix/start_record.h"

#include "platform/aix/lines.h"

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_record = 1 << 20;

/// A line's end in a value would begin another line.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

std::string start_record_text(const StartRecord& record) {
    std::string text;
    if (record.held) text += "held\n";
    for (const std::string& line : record.inittab_lines)
        text += "line " + one_line(line) + "\n";
    for (const StartedAs& instance : record.instances) {
        text += "instance\n";
        if (!instance.program.empty()) text += "program " + one_line(instance.program) + "\n";
        for (const std::string& argument : instance.arguments)
            text += "argument " + one_line(argument) + "\n";
        for (const auto& [name, value] : instance.environment)
            text += "variable " + name + "=" + one_line(value) + "\n";
    }
    return text;
}

StartRecord parse_start_record(const std::string& text) {
    StartRecord record;
    for (const std::string_view line : text_lines(text)) {
        const std::string_view kind = line.substr(0, line.find(' '));
        const std::string value(line.substr(std::min(kind.size() + 1, line.size())));
        if (kind == "held") record.held = true;
        if (kind == "line") record.inittab_lines.push_back(value);
        if (kind == "instance") record.instances.emplace_back();
        if (record.instances.empty()) continue;
        StartedAs& instance = record.instances.back();
        if (kind == "program") instance.program = value;
        if (kind == "argument") instance.arguments.push_back(value);
        const std::size_t equals = value.find('=');
        if (kind == "variable" && equals != std::string::npos && equals > 0)
            instance.environment[value.substr(0, equals)] = value.substr(equals + 1);
    }
    return record;
}

std::string StartRecords::path_of(const std::string& service) const {
    std::string name;
    for (const char letter : service)
        name += letter == '/' ? '-' : letter;
    return directory_ + "/" + name;
}

void StartRecords::save(const std::string& service, const StartRecord& record) {
    files_.make_private_directory(directory_);
    files_.write_durably(path_of(service), start_record_text(record), 0600);
}

std::optional<StartRecord> StartRecords::find(const std::string& service) {
    if (!files_.status(path_of(service))) return std::nullopt;
    return parse_start_record(files_.read(path_of(service), largest_record));
}

void StartRecords::remove(const std::string& service) {
    if (files_.status(path_of(service))) files_.remove_durably(path_of(service));
}

} // namespace autodeploy
