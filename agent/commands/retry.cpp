#include "agent/commands/commands.h"
#include "agent/release_records.h"

namespace autodeploy {
namespace {

int run(CommandContext& context) {
    context.need_administrator();
    Request request;
    request.kind = RequestKind::retry;
    request.release = release_option(context);
    const auto records = ReleaseRecords(context.platform.files, context.paths.releases()).all();
    Json::Array cleared;
    std::string text;
    for (const auto& [release, record] : records) {
        if (!request.release.empty() && release != request.release) continue;
        cleared.push_back(release);
        text += release + ": " + std::to_string(record.failed.size()) + " failed attempts" +
                (record.left ? ", left by a rollback" : "") + "; may be tried again\n";
    }
    ask_service(context, request);
    if (text.empty()) text = "there was no failed attempt\n";
    context.answer(Json::Object{{"format", 1}, {"cleared", cleared}}, context.invocation.quiet ? "" : text);
    return 0;
}

} // namespace

CommandDescription retry_command() {
    CommandDescription command;
    command.name = "retry";
    command.purpose = "clears the failed attempts of one release or of all, so that they may be tried again";
    command.options = {{"release", "VERSION", "only this one"}};
    command.takes_settings = false;
    command.details = "The next trigger or `autodeploy deploy` takes it up.";
    command.example = "autodeploy retry --release 8.1.28.0";
    command.run = run;
    return command;
}

} // namespace autodeploy
