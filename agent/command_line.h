#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

struct CommandContext;

/// An option of one command, besides those that every command has.
struct OptionDescription {
    std::string name;     ///< without the dashes: "release"
    std::string argument; ///< what follows it: "VERSION"; empty: nothing
    std::string purpose;
};

/// One row of the table of commands.
struct CommandDescription {
    std::string name;
    std::string purpose;              ///< one line
    std::string operands;             ///< as the help shows them: "ID", "[ID]"
    std::size_t least = 0;            ///< operands that must be there
    std::size_t most = 0;             ///< and that may be
    std::vector<std::string> choices; ///< what the first operand may be; empty: anything
    std::vector<OptionDescription> options;
    bool takes_settings = true; ///< --settings FILE
    std::string details;        ///< further lines of the help: exit codes and such; may be empty
    std::string example;
    int failed = 1; ///< exit code where an Error ended it
    /// What it tells is all that it is for: where that could not be written it has failed. The code of the others tells
    /// what they did.
    bool only_tells = false;
    int (*run)(CommandContext&) = nullptr;
};

/// A command line that was understood.
struct Invocation {
    const CommandDescription* command = nullptr; ///< nullptr: help for all
    std::map<std::string, std::string> options;  ///< by name; value empty where it has none
    std::vector<std::string> operands;
    std::string settings; ///< empty: the standard place
    bool json = false;
    bool quiet = false;
    bool help = false;

    bool has(const std::string& option) const { return options.contains(option); }
    std::string value(const std::string& option) const;
};

/// Understands "--name", "--name VALUE", "--name=VALUE", "--" and nothing shorter or abbreviated. Throws Error usage:
/// what is wrong, the nearest that would have been right, and how to get help.
Invocation parse_command_line(const std::vector<CommandDescription>& table, const std::vector<std::string>& arguments);

std::string help_text(const std::vector<CommandDescription>& table);
std::string help_text(const CommandDescription& command);
/// The commands for the manual page, in troff's man macros.
std::string man_text(const std::vector<CommandDescription>& table);
/// Text that troff takes as it is.
std::string man_literal(std::string_view text);

/// How many letters are to be changed, added or taken away.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The candidate that a mistyped word most likely meant; empty if none is near.
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

} // namespace autodeploy
