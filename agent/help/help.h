#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// One page of help: of a requirement (kebab-case id) or of a cause code (snake_case), as `autodeploy explain ID`
/// prints it.
struct HelpPage {
    std::string_view id;
    std::string_view title; ///< one line
    std::string_view means; ///< what it says about this machine
    std::string_view why;   ///< why it matters, or how it comes about
    std::string_view mend;  ///< what a person does
};

// By subject, in the order of the tables of requirements and of the program's parts.
std::span<const HelpPage> requirement_pages();
std::span<const HelpPage> client_cause_pages();     ///< the client, its packages and services
std::span<const HelpPage> machine_cause_pages();    ///< files, tools, the agent itself
std::span<const HelpPage> repository_cause_pages(); ///< metadata, transport, choosing, packages

/// All pages, sorted by id.
std::vector<const HelpPage*> help_pages();
/// The page or nullptr; letter case and '_' for '-' do not matter.
const HelpPage* find_help(std::string_view id);
/// The id that is most like it, for "did you mean"; empty if none is.
std::string nearest_help(std::string_view id);

/// For a terminal: at most `width` columns.
std::string help_text(const HelpPage& page, std::size_t width = 79);

} // namespace autodeploy
