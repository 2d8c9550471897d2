#include "platform/program_arguments.h"

#include "platform/windows/command_line.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

namespace autodeploy {

/// What main() is given is in the code page of the system, which lacks most letters.
std::vector<std::string> program_arguments(int, char**) {
    std::vector<std::string> words = words_of_command_line(narrow(::GetCommandLineW()));
    if (!words.empty()) words.erase(words.begin());
    return words;
}

} // namespace autodeploy
