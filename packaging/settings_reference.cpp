#include "agent/command_line.h"
#include "agent/commands/commands.h"
#include "agent/settings.h"
#include "platform/standard_paths.h"

#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace autodeploy;

void print_man() {
    for (const SettingDescription& setting : describe_settings(default_settings(standard_paths()))) {
        std::printf(".TP\n.B %s\n%s.", man_literal(setting.key).c_str(), man_literal(setting.meaning).c_str());
        std::printf("\n.br\nType: %s", man_literal(setting.type).c_str());
        if (!setting.range.empty()) std::printf(", %s", man_literal(setting.range).c_str());
        std::printf("; default: %s.\n",
                    setting.default_value.empty() ? "none" : man_literal(setting.default_value).c_str());
    }
}

} // namespace

/// Prints what the packages say of settings and commands, from the one place where they are described.
int main(int count, char** arguments) {
    const std::string_view what = count == 2 ? arguments[1] : "";
    if (what == "yaml")
        std::fputs(settings_yaml(default_settings(standard_paths())).c_str(), stdout);
    else if (what == "man")
        print_man();
    else if (what == "commands")
        std::fputs(man_text(command_table()).c_str(), stdout);
    else {
        std::fputs("usage: settings_reference yaml|man|commands\n", stderr);
        return 2;
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
