#include "agent/commands/commands.h"
#include "agent/machine_parts.h"
#include "agent/outlook.h"
#include "agent/reports/outcome.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

std::string line_of(const CommandContext& context, const ReportedRequirement& requirement) {
    const bool bad = blocks(requirement);
    const bool met = requirement.state == "met";
    std::string state = met ? "met" : requirement.state == "not_met" ? "NOT MET" : "CANNOT TELL";
    state = context.coloured(state, bad ? exit_codes::untouched : met ? 0 : exit_codes::waiting);
    std::string text = state + (met || bad ? "" : " (" + requirement.severity + ")") + "  " + requirement.id + ": ";
    if (met || requirement.evidence.empty()) {
        text += requirement.what + "\n";
        if (!requirement.evidence.empty()) text += "    seen in " + requirement.evidence + "\n";
    } else {
        // What is wrong comes first: who reads only one line has read the one that counts.
        text += requirement.evidence + "\n    required: " + requirement.what + "\n";
    }
    if (!met && !requirement.mend.empty()) text += "    mend: " + requirement.mend + "\n";
    return text;
}

int run(CommandContext& context) {
    context.need_administrator();
    const Settings settings = context.settings();
    const auto parts = machine_parts(context.platform, context.paths, settings, context.host.process_id());
    const Outlook outlook =
        look_ahead(*parts, settings, context.platform.clock.now(), !context.invocation.has("offline"));
    const Detection& found = outlook.found;
    const std::vector<ReportedRequirement>& requirements = outlook.requirements;
    const std::string& problem = outlook.repository_error; // as much a blocker as any, and none of this machine
    const AvailablePackage* package = outlook.choice && outlook.choice->package ? &*outlook.choice->package : nullptr;
    std::string repository;
    for (const std::string& line : outlook.choice ? outlook.choice->why : std::vector<std::string>())
        repository += (repository.empty() ? "" : "; ") + line;
    Json::Array list;
    std::string text = "client " + (found.database_version ? autodeploy::text(*found.database_version) : "not found") +
                       (package ? ", could go to " + autodeploy::text(package->manifest.release) : "") + "\n";
    if (!repository.empty()) text += "repository: " + repository + "\n";
    if (!problem.empty())
        text += context.coloured("NOT USABLE", exit_codes::untouched) + "  repository: " + problem +
                "\n    an update waits until it can be used; see repository.mirrors in " + context.settings_file() +
                "\n";
    for (const ReportedRequirement& requirement : requirements) {
        list.emplace_back(requirement_json(requirement));
        if (!context.invocation.quiet || blocks(requirement)) text += line_of(context, requirement);
    }
    const auto blockers = std::count_if(requirements.begin(), requirements.end(), blocks);
    text += blockers > 0 ? std::to_string(blockers) + " of " + std::to_string(requirements.size()) +
                               " requirements block an update" + (problem.empty() ? "\n" : ", and the repository\n")
            : problem.empty() ? "nothing on this machine blocks an update\n"
                              : "nothing on this machine blocks an update, but the repository does\n";
    context.answer(Json::Object{{"format", 1},
                                {"installed", found.database_version ? autodeploy::text(*found.database_version) : ""},
                                {"release", package ? autodeploy::text(package->manifest.release) : ""},
                                {"repository", repository},
                                {"repository_problem", problem},
                                {"blockers", std::int64_t(blockers)},
                                {"requirements", list}},
                   text);
    return blockers == 0 && problem.empty() ? exit_codes::good : exit_codes::untouched;
}

} // namespace

CommandDescription check_command() {
    CommandDescription command;
    command.name = "check";
    command.purpose = "every requirement of an update: met, not met or cannot tell, where seen, how to mend it";
    command.options = {{"offline", "", "asks no repository: the machine alone"}};
    command.details = "Changes nothing. Exit codes: 0 nothing blocks, 22 something does (the repository counts).";
    command.example = "autodeploy check";
    command.failed = exit_codes::untouched;
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
