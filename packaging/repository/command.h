#pragma once

#include "installer/json.h"
#include "packaging/repository/draft.h"
#include "platform/platform.h"

#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace autodeploy::publisher {

/// A command line that was understood.
struct Invocation {
    std::vector<std::string> operands;
    std::map<std::string, std::vector<std::string>> options; ///< by name without dashes, in the order given

    bool has(const std::string& name) const { return options.contains(name); }
    std::string value(const std::string& name, const std::string& otherwise = "") const;
    std::vector<std::string> values(const std::string& name) const;
};

/// What a command works with.
struct Context {
    Platform& platform;
    Draft draft;
    Invocation line;
    std::string key_directory;
    Passphrase passphrase;
    KeyProtection protection; ///< of new keys
    std::string who;          ///< for the audit
    bool json = false;
    bool quiet = false;
    std::ostream& out;

    /// One line for people, or nothing if silence or JSON was asked for.
    void say(const std::string& text) const;
    void print(const Json& json) const;
    /// Writes what was done into the audit and tells it, in words or as JSON.
    void done(const std::string& action, Json detail, const std::string& words);
};

/// Throws Error usage for what could not be a role's name or part of a path.
void require_platform_name(const std::string& name);

/// Whether `sign` was given a file and not a role.
bool names_file(const std::string& command, const Invocation& line);

/// Throw Error usage where the text is not what it has to be.
std::int64_t number(const std::string& text, std::int64_t least, std::int64_t most, const std::string& what);
ClientVersion version_of(const std::string& text);

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

// The commands, by file.
void init(Context& context); // command_init.cpp
void add(Context& context);  // commands_packages.cpp
void remove(Context& context);
void release(Context& context); // commands_offers.cpp
void arm(Context& context);
void halt(Context& context);
void resume(Context& context);
void recall(Context& context);
void freeze(Context& context);
void sign(Context& context); // commands_keys.cpp
void publish_command(Context& context);
void refresh(Context& context);
void rotate(Context& context);
void add_key(Context& context);
void remove_key(Context& context);
void threshold(Context& context);
void expiry(Context& context);
void delegate(Context& context);
void schedule(Context& context); // command_schedule.cpp
void status(Context& context);   // commands_views.cpp
void audit(Context& context);
void verify(Context& context);
void mirror_command(Context& context);

/// Runs the program; returns its exit code: 0, 1 failed, 2 usage.
int run(Platform& platform, const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        const KeyProtection& protection = {});

} // namespace autodeploy::publisher
