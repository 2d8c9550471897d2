// Covers platform/aix/src_text.cpp
// Covers platform/aix/ps_text.cpp
// Covers platform/aix/installp_text.cpp
// Covers platform/aix/start_record.cpp
#include "platform/aix/installp_text.h"
#include "platform/aix/ps_text.h"
#include "platform/aix/src_text.h"
#include "platform/aix/start_record.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

using namespace autodeploy;

namespace {

/// The columns of each line of a table with colons, the other way round.
std::string turned_columns(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.starts_with('#')) {
            result += '#';
            line.remove_prefix(1);
        }
        for (std::size_t colon = line.rfind(':'); colon != std::string_view::npos; colon = line.rfind(':')) {
            result.append(line.substr(colon + 1)) += ':';
            line = line.substr(0, colon);
        }
        result.append(line) += '\n';
    }
    return result;
}

/// What another level of the system might do to a table: other columns, another language, the ends of lines of others.
std::string disturbed(std::string_view text, std::size_t how) {
    if (how % 6 == 4) return turned_columns(text);
    std::string result;
    bool begins = true;
    for (const char letter : text) {
        if (begins && how % 6 == 5) result += "new:"; // a column that was not there before
        if (letter == '\n' && how % 6 == 1) result += '\r';
        if (letter == ':' && how % 6 == 2) result += " :";
        if (letter == 'A' && how % 6 == 3) result += "\xc3\x84"; // a letter that is none in LC_ALL=C
        result += letter;
        begins = letter == '\n';
    }
    return result;
}

void read_services(const std::string& text) {
    for (const Subsystem& one : parse_subsystems(text)) {
        fuzz::require(!one.name.empty() && one.path.starts_with('/'));
        for (const SubsystemInstance& instance : parse_subsystem_status(text, one.name))
            fuzz::require(instance.process > 0);
    }
    for (const InittabEntry& entry : parse_inittab(text)) {
        const std::vector<InittabEntry> again = parse_inittab(inittab_line(entry));
        fuzz::require(again.size() == 1 && again.front() == entry);
        command_words(entry.command);
        starts_subsystem(entry, {});
    }
    const StartRecord record = parse_start_record(text);
    fuzz::require(parse_start_record(start_record_text(record)) == record);
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    StartRecords records(files, "/state");
    const std::string service = "s" + text.substr(0, 16);
    records.save(service, record);
    fuzz::require(records.find(service) == record && files.list("/state/services").size() == 1);
    records.remove(service);
    fuzz::require(!records.find(service));
}

void read_processes(const std::string& text) {
    for (const Process& process : parse_processes(text, 1'800'000'000)) {
        fuzz::require(!process.arguments.empty() && !process.started.empty());
        parse_environment(text, process.arguments);
    }
    for (const std::int64_t id : parse_fuser(text))
        fuzz::require(id > 0);
    for (const AixMount& mount : parse_mounts(text))
        fuzz::require(mount.point.starts_with('/'));
    parse_df(text);
    parse_elapsed(text);
    can_be_split(text);
}

void read_filesets(const std::string& text) {
    const std::vector<FilesetLine> levels = parse_lslpp_levels(text);
    const std::vector<FilesetLine> states = parse_lslpp_states(text);
    for (const InstalledPackage& package : installed_filesets(levels, states)) {
        fuzz::require(!package.id.name.empty() && compare_levels(package.id.version, package.id.version) == 0);
        // What no word vouches for is not healthy.
        fuzz::require(!package.healthy || !package.state.empty() || levels.empty());
    }
    for (const std::string& path : parse_lppchk(text))
        fuzz::require(path.starts_with('/'));
    parse_lslpp_owner(text, "/usr/bin/dsmc");
    parse_installp_preview(text);
    parse_image_contents(text);
    judge_installp({int(text.size() % 3), text, "", false});
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = disturbed(fuzz::text_of(data, size), size == 0 ? 0 : data[0]);
    read_services(text);
    read_processes(text);
    read_filesets(text);
    return 0;
}
