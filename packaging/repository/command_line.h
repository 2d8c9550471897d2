#pragma once

#include "installer/client/versions.h"
#include "platform/error.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace autodeploy::publisher {

struct Context;

/// A command line that was understood.
struct Invocation {
    std::vector<std::string> operands;
    std::map<std::string, std::vector<std::string>> options; ///< by name without dashes, in the order given

    bool has(const std::string& name) const { return options.contains(name); }
    std::string value(const std::string& name, const std::string& otherwise = "") const;
    std::vector<std::string> values(const std::string& name) const;
};

/// What a command does to the repository.
enum class Access {
    none,    ///< there need not be one
    reads,   ///< what is published or staged
    changes, ///< one at a time
};

/// One row of the table of commands.
struct Command {
    const char* name;
    const char* operands;
    const char* purpose;
    const char* options; ///< names with what follows them: "channel=C share=P by=NAME"; in help and for the parser
    const char* example;
    std::size_t least;
    std::size_t most;
    Access access;
    void (*run)(Context&);
};

/// The row of that name; throws Error usage.
const Command& find_command(const std::string& name);
/// arguments: from the command's name on. Throws Error usage.
Invocation parse(const Command& command, const std::vector<std::string>& arguments);

void print_help(const Command& command, std::ostream& out);
void print_help(std::ostream& out);

/// What is wrong with a command line.
Error usage(const std::string& what);
/// Throw Error usage where the text is not what it has to be.
std::int64_t number(const std::string& text, std::int64_t least, std::int64_t most, const std::string& what);
ClientVersion version_of(const std::string& text);

/// Throws Error usage for what could not be a role's name or part of a path.
void require_platform_name(const std::string& name);

} // namespace autodeploy::publisher
