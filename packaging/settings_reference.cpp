#include "agent/settings.h"

#include <cstdio>
#include <string>
#include <string_view>

namespace {

using namespace autodeploy;

/// Text that troff takes as it is.
std::string literal(std::string_view text) {
    std::string result;
    for (const char character : text) {
        if (character == '\\')
            result += "\\e";
        else if (character == '-')
            result += "\\-";
        else if ((character == '.' || character == '\'') && (result.empty() || result.back() == '\n'))
            result += std::string("\\&") + character;
        else
            result += character;
    }
    return result;
}

void print_man() {
    for (const SettingDescription& setting : describe_settings()) {
        std::printf(".TP\n.B %s\n%s.", literal(setting.key).c_str(), literal(setting.meaning).c_str());
        std::printf("\n.br\nType: %s", literal(setting.type).c_str());
        if (!setting.range.empty()) std::printf(", %s", literal(setting.range).c_str());
        std::printf("; default: %s.\n",
                    setting.default_value.empty() ? "none" : literal(setting.default_value).c_str());
    }
}

} // namespace

/// Prints what the packages say of the settings, from the one place where they are described.
int main(int count, char** arguments) {
    const std::string_view what = count == 2 ? arguments[1] : "";
    if (what == "yaml")
        std::fputs(settings_yaml(Settings{}).c_str(), stdout);
    else if (what == "man")
        print_man();
    else {
        std::fputs("usage: settings_reference yaml|man\n", stderr);
        return 2;
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}
