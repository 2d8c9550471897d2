#include "session.h"

#include "password_store.h"

namespace standin {

namespace {

/// The server wants a new one: made, told, and only then stored.
void renew_password(Connection& server, const Options& options) {
    const std::string fresh = generated_password();
    if (server.send("PASSWORD\t" + fresh) && server.receive().value_or("") == "OK") store_password(options, fresh);
}

} // namespace

std::string shown_release(const Switches& switches) {
    return switches.sickness == "wrong-version" ? switches.text("shown_release", "8.1.0.0") : switches.release;
}

Session open_session(const Options& options, const Switches& switches, const std::string& purpose, int prompt_port) {
    Session session;
    const bool blind = switches.sickness == "never-reaches-server";
    const int socket = blind ? -1 : connect_to(options.server_address, options.server_port);
    if (socket < 0) {
        session.why = "ANS1017E Session rejected: TCP/IP connection failure.";
        return session;
    }
    auto connection = std::make_unique<Connection>(socket, switches.number("patience_seconds", 60));
    std::string password = stored_password(options);
    const bool first_contact = password.empty();
    if (first_contact && switches.on("password_needed")) {
        session.why = "ANS1025E Session rejected: Authentication failure";
        return session;
    }
    if (first_contact) password = generated_password();
    connection->send("HELLO\t" + field(options.node) + "\t" + shown_release(switches) + "\t" + purpose + "\t" +
                     password + "\t" + std::to_string(prompt_port));
    const std::optional<std::string> answer = connection->receive();
    if (!answer) {
        session.why = "ANS1017E Session rejected: TCP/IP connection failure.";
        return session;
    }
    const std::vector<std::string> parts = fields(*answer);
    if (parts[0] != "OK" || parts.size() < 4) {
        session.why = parts.size() > 1 ? parts[1] : "ANS1316E The server ended the session.";
        return session;
    }
    if (first_contact && options.password_access == "generate") store_password(options, password);
    session.server = parts[1];
    session.server_level = parts[2];
    if (parts[3] == "expired" && options.password_access == "generate") renew_password(*connection, options);
    session.connection = std::move(connection);
    return session;
}

} // namespace standin
