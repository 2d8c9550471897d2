#pragma once

#include "installer/json.h"
#include "packaging/repository/command_line.h"
#include "packaging/repository/draft.h"
#include "platform/platform.h"

#include <ostream>
#include <string>
#include <vector>

namespace autodeploy::publisher {

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
    /// What was done, in words or as JSON.
    void tell(const std::string& action, Json detail, const std::string& words) const;
    /// The same, and writes it into the audit.
    void done(const std::string& action, Json detail, const std::string& words);
};

/// Whether `sign` was given a file and not a role.
bool names_file(const std::string& command, const Invocation& line);

/// Those of --platform. A name that no client has would be a rule that never applies: Error not_found.
std::vector<std::string> known_platforms(const Draft& draft, const Invocation& line); // commands_offers.cpp

/// "1 key", "2 keys".
std::string counted(std::size_t count, const std::string& noun);

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

/// Runs the program; returns its exit code: 0, 1 failed, 2 usage. caller: who runs it, as the system knows him.
int run(Platform& platform, const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        const std::string& caller, const KeyProtection& protection = {});

} // namespace autodeploy::publisher
