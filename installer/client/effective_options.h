#pragma once

#include "installer/client/options_file.h"

#include <map>
#include <string>
#include <vector>

namespace autodeploy {

class FileSystem;

/// One option as it is in force, and where it was written.
struct EffectiveOption {
    std::string value;    ///< as written, quotes taken away
    std::string keyword;  ///< of options with known values: in full and lower case; empty where it is none of them
    std::string evidence; ///< "/opt/tivoli/tsm/client/ba/bin/dsm.sys:12"
    std::string problem;  ///< what is wrong with that line; empty if nothing

    bool operator==(const EffectiveOption&) const = default;
};

/// The options that one service of the client works with.
struct EffectiveOptions {
    /// Why they cannot be told: a file that cannot be read, a stanza that is not there. Then an absent option says
    /// nothing, and the client itself could not start with them.
    std::string unreadable;
    std::string user_file;   ///< dsm.opt or what takes its place
    std::string system_file; ///< dsm.sys; empty on Windows
    std::string chosen_by;   ///< why these files: "DSM_CONFIG of the service", "-optfile of the service", …
    std::string stanza;      ///< the server's name of the stanza in force, as written
    std::string stanza_evidence;
    /// By the full name in lower case: "passwordaccess".
    std::map<std::string, EffectiveOption> values;
    /// Options that may be repeated, all of them in their order.
    std::map<std::string, std::vector<EffectiveOption>> repeated;
    /// "file:line: what is wrong with it", for people.
    std::vector<std::string> problems;
    /// Files that these options name and the client cannot work without: include lists.
    std::vector<std::string> referenced_files;

    /// The option or nullptr; name in lower case, in full.
    const EffectiveOption* find(const std::string& name) const;
    /// Its value or the default given.
    std::string value(const std::string& name, const std::string& otherwise = {}) const;
    /// Its keyword or the default given.
    std::string keyword(const std::string& name, const std::string& otherwise = {}) const;

    bool operator==(const EffectiveOptions&) const = default;
};

/// What decides which files a service of the client reads.
struct OptionSources {
    std::string system;            ///< "linux", "aix", "windows"
    std::string program_directory; ///< of the program that runs, links resolved
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    std::string registered_file; ///< Windows: the options file in the service's own parameters
};

/// Fills user_file, system_file, chosen_by and nothing else.
EffectiveOptions choose_options_files(const OptionSources& sources);

/// The options in force. user may be nullptr (there is none and need not be), system is nullptr on Windows only.
/// Command line before stanza and user file; of duplicates that disagree the more restrictive where that is a matter of
/// safety, else the last; an option where the client does not look for it, or ahead of the first stanza, counts only
/// if it restricts. All of it is told in problems.
EffectiveOptions combine_options(EffectiveOptions chosen, const OptionSources& sources, const OptionsFile* user,
                                 const OptionsFile* system);

/// Reads the files in force and combines them; never throws for what is in them.
EffectiveOptions effective_options(FileSystem& files, const OptionSources& sources);

} // namespace autodeploy
