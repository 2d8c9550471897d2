#include "agent/settings.h"

#include "agent/commands/commands.h"
#include "agent/setting_lines.h"

namespace autodeploy {
namespace {

int run(CommandContext& context) {
    const std::string file = context.settings_file();
    const Settings settings = context.settings();
    const auto written = setting_lines(context.platform.files.read(file, 1 << 20));
    const auto values = setting_lines(settings_yaml(settings));
    const auto source = [&](const std::string& key) {
        const auto line = written.find(key);
        return line == written.end() ? std::string("default") : file + ":" + std::to_string(line->second.line);
    };
    if (context.invocation.has("yaml")) {
        context.answer(settings_yaml(settings), settings_yaml(settings));
        return 0;
    }
    Json::Array rows;
    std::string text;
    for (const SettingDescription& description : describe_settings(default_settings(context.paths))) {
        const auto value = values.find(description.key);
        const std::string shown = value == values.end() ? description.default_value : value->second.value;
        rows.emplace_back(Json::Object{{"key", description.key},
                                       {"value", shown},
                                       {"default", description.default_value},
                                       {"source", source(description.key)},
                                       {"type", description.type},
                                       {"meaning", description.meaning}});
        text += description.key + ": " + shown + "  # " + source(description.key) + "\n";
        if (context.invocation.has("explain"))
            text += "    " + description.meaning + " (" + description.type +
                    (description.range.empty() ? "" : ", " + description.range) + "; default " +
                    description.default_value + ")\n";
    }
    context.answer(Json::Object{{"format", 1}, {"file", file}, {"settings", rows}}, text);
    return 0;
}

} // namespace

CommandDescription settings_command() {
    CommandDescription command;
    command.name = "settings";
    command.purpose = "every setting as it is in force, and where it comes from";
    command.options = {{"explain", "", "with the meaning, type and default of each"},
                       {"yaml", "", "as a file that could be taken as it is"}};
    command.example = "autodeploy settings --explain";
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
