#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// One option as it is in force, and where it was written.
struct EffectiveOption {
    std::string value;    ///< as written, quotes taken away
    std::string evidence; ///< "/opt/tivoli/tsm/client/ba/bin/dsm.sys:12"
    bool quoted = false;

    bool operator==(const EffectiveOption&) const = default;
};

/// The options that one service of the client works with.
struct EffectiveOptions {
    bool readable = false;   ///< false: some file could not be read, so an absent option says nothing
    std::string user_file;   ///< dsm.opt or what takes its place
    std::string system_file; ///< dsm.sys; empty on Windows
    std::string chosen_by;   ///< why these files: "DSM_CONFIG of the service", "-optfile of the service", …
    std::string stanza;      ///< the server's name of the stanza in force, as written
    /// By the full name in lower case: "passwordaccess". Of options that may be repeated the last one stands here.
    std::map<std::string, EffectiveOption> values;
    /// "file:line: what is wrong with it", for people.
    std::vector<std::string> problems;
    /// Files that these options name and the client cannot work without: include lists, stanza files.
    std::vector<std::string> referenced_files;

    /// The option or nothing; name in lower case, in full.
    const EffectiveOption* find(const std::string& name) const;
    /// Its value or the default given.
    std::string value(const std::string& name, const std::string& otherwise = {}) const;

    bool operator==(const EffectiveOptions&) const = default;
};

} // namespace autodeploy
