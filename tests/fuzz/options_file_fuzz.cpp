// Covers installer/client/options_file.cpp installer/client/option_table.cpp installer/client/effective_options.cpp
// installer/client/text_encoding.cpp
#include "installer/client/effective_options.h"
#include "platform/error.h"
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

} // namespace

/// The text as dsm.sys and as dsm.opt, then as both together.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    try {
        const OptionsFile system = parse_options_file("/dsm.sys", text, OptionsFileKind::system);
        const OptionsFile user = parse_options_file("/dsm.opt", text, OptionsFileKind::user);
        check_lines(system);
        check_lines(user);
        fuzz::require(user.stanzas.empty());
        OptionSources sources;
        sources.program_directory = "/opt/tivoli/tsm/client/ba/bin";
        for (const char* name : {"linux", "windows"}) {
            sources.system = name;
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
