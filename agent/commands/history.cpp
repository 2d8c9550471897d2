#include "agent/reports/history.h"

#include "agent/commands/commands.h"
#include "platform/error.h"

#include <charconv>

namespace autodeploy {
namespace {

std::size_t count_of(const Invocation& invocation) {
    if (!invocation.has("count")) return 20;
    const std::string text = invocation.value("count");
    std::size_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (failed != std::errc() || end != text.data() + text.size() || count == 0)
        throw Error("usage", "cannot use the command line: --count needs a number from 1 on, not \"" + text +
                                 "\"; see `autodeploy history --help`");
    return count;
}

int run(CommandContext& context) {
    context.need_administrator();
    const History history(context.platform.files, context.paths.history());
    if (!context.invocation.operands.empty()) {
        const Report report = history.find(context.invocation.operands.front());
        context.answer(report_json(report), report_text(report));
        return 0;
    }
    const std::size_t count = count_of(context.invocation);
    const History::Content content = history.read();
    Json::Array reports;
    std::string text;
    const std::size_t first = content.reports.size() > count ? content.reports.size() - count : 0;
    for (std::size_t at = first; at < content.reports.size(); ++at) {
        const Report& report = content.reports[at];
        reports.push_back(report_json(report));
        text += utc_text(report.ended_at) + "  " + report.id + "  " +
                context.coloured(headline(report), exit_code(report.outcome)) + "\n";
    }
    if (content.reports.empty()) text = "no deployment yet\n";
    if (content.unreadable)
        text += std::to_string(content.unreadable) + " damaged lines in " + context.paths.history() + " left out\n";
    context.answer(
        Json::Object{{"format", 1}, {"reports", reports}, {"unreadable_lines", std::int64_t(content.unreadable)}},
        text);
    return 0;
}

} // namespace

CommandDescription history_command() {
    CommandDescription command;
    command.name = "history";
    command.purpose = "the deployments so far, or all about one of them";
    command.operands = "[ID|last]";
    command.most = 1;
    command.options = {{"count", "N", "so many of the newest (20)"}};
    command.takes_settings = false;
    command.example = "autodeploy history last";
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
