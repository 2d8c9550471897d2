#pragma once

#include "connection.h"
#include "options.h"
#include "switches.h"

#include <memory>
#include <string>

namespace standin {

/// A session with the server, with the node's stored password.
struct Session {
    std::unique_ptr<Connection> connection; ///< nothing: it did not come about
    std::string why;                        ///< the message then: "ANS1017E Session rejected: …"
    std::string server;                     ///< "SERVER1"
    std::string server_level;               ///< "8.1.27.0"
};

/// purpose: "query", "event", "person". prompt_port: where the client waits to be contacted; 0: it does not.
Session open_session(const Options& options, const Switches& switches, const std::string& purpose, int prompt_port = 0);

/// The release that the programs say they are.
std::string shown_release(const Switches& switches);

} // namespace standin
