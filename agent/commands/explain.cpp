#include "agent/commands/commands.h"
#include "agent/help/help.h"
#include "agent/machine_parts.h"
#include "agent/outlook.h"
#include "agent/standing.h"
#include "installer/printable.h"
#include "platform/error.h"

#include <utility>

namespace autodeploy {
namespace {

void list_pages(CommandContext& context) {
    Json::Array ids;
    std::string text;
    for (const HelpPage* page : help_pages()) {
        ids.emplace_back(page->id);
        text += std::string(page->id) + ": " + std::string(page->title) + "\n";
    }
    context.answer(Json::Object{{"format", 1}, {"ids", ids}}, text);
}

void show_page(CommandContext& context, std::string id) {
    // As it stands in what `check` prints.
    if (id.ends_with(':')) id.pop_back();
    const HelpPage* page = find_help(id);
    if (!page) {
        const std::string nearest = nearest_help(id);
        throw Error("not_found", "cannot explain \"" + printable(id, 100) + "\": there is no page of that name" +
                                     (nearest.empty() ? "" : "; did you mean " + nearest + "?") +
                                     "; `autodeploy explain --list` names all");
    }
    context.answer(Json::Object{{"format", 1},
                                {"id", page->id},
                                {"title", page->title},
                                {"means", page->means},
                                {"why", page->why},
                                {"mend", page->mend}},
                   help_text(*page));
}

bool service_runs(CommandContext& context) {
    for (const std::string& name : {context.paths.service + ".service", context.paths.service})
        if (const auto service = context.platform.services.find(name); service && service->running) return true;
    return false;
}

/// What a deployment would find now.
StandingInput look(CommandContext& context) {
    StandingInput input;
    input.now = context.platform.clock.now();
    input.status = present_status(context);
    input.settings_file = context.settings_file();
    try {
        input.settings = context.settings();
    } catch (const Error& error) {
        input.settings_error = error.what();
    }
    input.opening = opening_at_or_after(input.settings.wait.window, input.now,
                                        [&context](UnixTime at) { return context.platform.clock.local_offset(at); });
    input.service_runs = service_runs(context);
    const auto parts = machine_parts(context.platform, context.paths, input.settings, context.host.process_id());
    Outlook outlook = look_ahead(*parts, input.settings, input.now,
                                 !context.invocation.has("offline") && input.settings_error.empty());
    if (outlook.choice && outlook.choice->package)
        input.record = ReleaseRecords(context.platform.files, context.paths.releases())
                           .of(text(outlook.choice->package->manifest.release));
    input.found = std::move(outlook.found);
    input.choice = std::move(outlook.choice);
    input.repository_error = std::move(outlook.repository_error);
    input.requirements = std::move(outlook.requirements);
    return input;
}

int run(CommandContext& context) {
    if (context.invocation.has("list")) {
        list_pages(context);
    } else if (!context.invocation.operands.empty()) {
        show_page(context, context.invocation.operands.front());
    } else {
        context.need_administrator();
        const StandingInput input = look(context);
        const Standing answer = standing(input);
        Json::Array requirements;
        std::string text;
        for (const ReportedRequirement& requirement : input.requirements)
            if (blocks(requirement)) requirements.push_back(requirement_json(requirement));
        for (const std::string& line : answer.lines)
            text += line + "\n";
        context.answer(Json::Object{{"format", 1},
                                    {"verdict", answer.verdict},
                                    {"next", answer.next},
                                    {"decided_by", answer.decided_by},
                                    {"lines", answer.lines},
                                    {"requirements", requirements}},
                       text);
    }
    return 0;
}

} // namespace

CommandDescription explain_command() {
    CommandDescription command;
    command.name = "explain";
    command.purpose = "why this client is or is not updated, what happens next, who decides it; with ID, what that "
                      "requirement or cause code means";
    command.operands = "[ID]";
    command.most = 1;
    command.options = {{"list", "", "the ids that can be explained"},
                       {"offline", "", "asks no repository: what is known without it"}};
    command.details = "Changes nothing.";
    command.example = "autodeploy explain no_way_back";
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
