#pragma once

#include "installer/client/versions.h"
#include "platform/time_units.h"

#include <map>
#include <optional>
#include <string>

namespace autodeploy {

class CommandRunner;

/// What the client's program says of itself when it is run.
struct ClientBanner {
    std::optional<ClientVersion> client;
    std::optional<ClientVersion> server; ///< only if it happened to have a session
    std::string evidence;                ///< its line, or why it did not tell
};

/// Runs "dsmc help", which prints the banner and needs no session; ends it at the deadline. A banner that was printed
/// counts, however the program ended. environment: the DSM_* of the service, so that its log goes where it goes always.
ClientBanner ask_client(CommandRunner& commands, const std::string& program,
                        const std::map<std::string, std::string>& environment, Milliseconds deadline);

} // namespace autodeploy
