#include "agent/version.h"

#include "agent/commands/commands.h"

namespace autodeploy {
namespace {

int run(CommandContext& context) {
    context.answer(Json::Object{{"format", 1}, {"version", agent_version}}, std::string(agent_version) + "\n");
    return 0;
}

} // namespace

CommandDescription version_command() {
    CommandDescription command;
    command.name = "version";
    command.purpose = "the version of this agent";
    command.takes_settings = false;
    command.example = "autodeploy version";
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
