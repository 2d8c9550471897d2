#include "agent/commands/commands.h"
#include "agent/help/help.h"
#include "platform/error.h"

namespace autodeploy {
namespace {

int run(CommandContext& context) {
    if (context.invocation.operands.empty()) {
        Json::Array ids;
        std::string text;
        for (const HelpPage* page : help_pages()) {
            ids.emplace_back(page->id);
            text += std::string(page->id) + ": " + std::string(page->title) + "\n";
        }
        context.answer(Json::Object{{"format", 1}, {"ids", ids}}, text);
        return 0;
    }
    const std::string& id = context.invocation.operands.front();
    const HelpPage* page = find_help(id);
    if (!page) {
        const std::string nearest = nearest_help(id);
        throw Error("not_found", "cannot explain \"" + id + "\": there is no page of that name" +
                                     (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }
    context.answer(Json::Object{{"format", 1},
                                {"id", page->id},
                                {"title", page->title},
                                {"means", page->means},
                                {"why", page->why},
                                {"mend", page->mend}},
                   help_text(*page));
    return 0;
}

} // namespace

CommandDescription explain_command() {
    CommandDescription command;
    command.name = "explain";
    command.purpose = "what a requirement or a cause code means, and what to do about it";
    command.operands = "[ID]";
    command.most = 1;
    command.takes_settings = false;
    command.details = "Without ID it lists all.";
    command.example = "autodeploy explain no_way_back";
    command.run = run;
    return command;
}

} // namespace autodeploy
