// Covers installer/client/options_file.cpp
// Covers installer/client/option_table.cpp
// Covers installer/client/effective_options.cpp
// Covers installer/client/text_encoding.cpp
#include "installer/client/effective_options.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

namespace {

void check_lines(const OptionsFile& file) {
    std::size_t before = 0;
    for (const OptionLine& line : file.lines) {
        fuzz::require(line.line > before && line.line <= options_file_line_limit);
        before = line.line;
        fuzz::require(line.stanza >= -1 && line.stanza < static_cast<int>(file.stanzas.size()));
        fuzz::require(!line.name.empty());
        // What is doubtful or unknown is never silent.
        fuzz::require((line.known && !line.doubtful) || !line.problem.empty());
    }
}

/// Whatever stands before it, an administrator's "no" is heard.
void check_restriction(std::string text, const OptionsFile& system) {
    text += "\nautodeploy no\n";
    const OptionsFile user = parse_options_file("/dsm.opt", text, OptionsFileKind::user);
    if (user.encoding != "UTF-8" && user.encoding != "single-byte") return;
    OptionSources sources;
    sources.system = "linux";
    const std::string keyword = combine_options({}, sources, &user, &system).keyword("autodeploy", "yes");
    fuzz::require(keyword == "no" || keyword.empty()); // empty: a line that is none of the values counts as no
}

/// "arguments DSM_CONFIG ARGUMENT ARGUMENT…" on a first line of its own: how the service is started.
OptionSources take_sources(std::string& text) {
    constexpr std::string_view mark = "arguments ";
    OptionSources sources;
    sources.program_directory = "/opt/tivoli/tsm/client/ba/bin";
    if (!text.starts_with(mark)) return sources;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::vector<std::string> words(1);
    for (const char c : text.substr(mark.size(), end - std::min(end, mark.size())))
        if (c == ' ')
            words.emplace_back();
        else
            words.back() += c;
    if (!words.front().empty()) sources.environment["DSM_CONFIG"] = words.front();
    sources.arguments.assign(words.begin() + 1, words.end());
    if (!sources.arguments.empty()) sources.registered_file = sources.arguments.back();
    text.erase(0, std::min(end + 1, text.size()));
    return sources;
}

/// The same text in the usual places and in one that arguments can name.
void read_files(const OptionSources& sources, const std::string& text) {
    const EffectiveOptions chosen = choose_options_files(sources);
    FakeFileSystem files;
    for (const char* path :
         {"/opt/tivoli/tsm/client/ba/bin/dsm.sys", "/opt/tivoli/tsm/client/ba/bin/dsm.opt", "/etc/o.opt"})
        files.put(path, text);
    const EffectiveOptions options = effective_options(files, sources);
    fuzz::require(options.user_file == chosen.user_file && options.system_file == chosen.system_file);
    fuzz::require(!options.value("autodeploy", "yes").empty());
}

} // namespace

/// The text as dsm.sys and as dsm.opt, then as both together.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(fuzz::text_of(data, size));
    OptionSources sources = take_sources(text);
    try {
        const OptionsFile system = parse_options_file("/dsm.sys", text, OptionsFileKind::system);
        const OptionsFile user = parse_options_file("/dsm.opt", text, OptionsFileKind::user);
        check_lines(system);
        check_lines(user);
        fuzz::require(user.stanzas.empty());
        for (const char* name : {"linux", "windows"}) {
            sources.system = name;
            read_files(sources, text);
            const EffectiveOptions options = combine_options(choose_options_files(sources), sources, &user, &system);
            fuzz::require(options.stanza.empty() == options.stanza_evidence.empty());
            for (const auto& [option, value] : options.values)
                fuzz::require(!value.evidence.empty());
        }
        check_restriction(text, system);
    } catch (const Error& error) {
        fuzz::require(error.cause() == "options_file_malformed");
    }
    return 0;
}
