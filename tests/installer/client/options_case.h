#pragma once

#include "installer/client/effective_options.h"

#include <map>
#include <string>
#include <vector>

namespace autodeploy {

/// One file of tests/installer/client/options: options files, how the service was started, and what is expected.
///   # comment
///   system: windows                      (else linux)
///   environment: DSM_CONFIG=/etc/x.opt
///   arguments: -optfile=/etc/x.opt
///   === /path/of/a/file | utf-16le utf-16be utf-16le-bare bom latin-1 crlf cr no-end (any of them)
///   content
///   === expected
///   what options_text prints
///   === verdict
///   the ids of the requirements on options that are not met
///   === trigger
///   what a trigger that this service runs is answered: "accepted", or "refused: " with the message
struct OptionsCase {
    std::string name;
    OptionSources sources;
    std::map<std::string, std::string> files;
    std::string expected;
    std::string verdict;
    std::string trigger;
};

/// All cases, sorted by name.
std::vector<OptionsCase> read_options_cases();

/// The client's directory on Linux taken out of a text.
std::string without_directory(const std::string& text);

/// What matters of the options in force, one line each, as the cases expect it.
std::string options_text(const EffectiveOptions& options);

/// The directory of the tests' sources.
std::string tests_directory();

} // namespace autodeploy
