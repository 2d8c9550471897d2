#pragma once

#include "platform/time_units.h"

#include <string>
#include <vector>

namespace autodeploy::publisher {

/// A client as its backup server knows it.
struct ServerNode {
    std::string name;
    std::string domain;
    bool operator==(const ServerNode&) const = default;
};

/// Lines "NODE" or "NODE DOMAIN", blanks, a tab or a comma between, as `dsmadmc -comma` prints them; '#' begins a
/// comment. Quotes around a name and a heading NODE_NAME are passed over, names are made upper case, a line that was
/// there already counts once. domain: of lines without one. Throws Error usage, with the line, for what the server
/// would not take as a name, for a node in two domains, and if there is no node at all.
std::vector<ServerNode> read_nodes(const std::string& text, const std::string& domain);

/// One wave of a roll-out.
struct ServerWave {
    std::string name; ///< "W48": the schedules are AD_W48_P1 and AD_W48_R1
    int part = 1;     ///< another one for clients with another program, under the same wave
    std::string change;
    std::string program = "/usr/bin/autodeploy";
    UnixTime start = 0; ///< the server's local time as if it were UTC
    int hours = 4;      ///< in which the clients are to begin
};

/// Throws Error usage for what could not stand in a command of the server: names, a program's path with blanks, a
/// trigger of 512 characters or more, …
void check_wave(const ServerWave& wave);

/// Saturday 20:00 of the week that the wave is named after ("W48"), the next one after now. Throws Error usage if it is
/// named otherwise.
UnixTime start_of_wave(const std::string& wave, UnixTime now);

/// The commands for the clients of one domain: each a line, each for the server's own macros.
struct ServerMacros {
    std::string domain;
    std::size_t nodes = 0;
    std::vector<std::string> define; ///< the schedule of the trigger, that of the result, at most 20 nodes a line
    std::vector<std::string> look;   ///< what has become of it
    std::vector<std::string> stop;   ///< nobody begins any more
};

/// By domain. Pure.
std::vector<ServerMacros> server_macros(const ServerWave& wave, const std::vector<ServerNode>& nodes);

/// The wave's schedule with this letter: P triggers, R asks for the result.
std::string schedule_name(const ServerWave& wave, char letter);

} // namespace autodeploy::publisher
