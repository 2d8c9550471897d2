#include "tests/fakes/fake_command_runner.h"

#include "platform/error.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace autodeploy {

std::string command_line(const Command& command) {
    std::string line = command.program;
    for (const std::string& argument : command.arguments) {
        const bool plain = !argument.empty() && argument.find_first_of(" \t\n'\"\\") == std::string::npos;
        std::string shown = argument;
        for (std::size_t at = shown.find('\n'); at != std::string::npos; at = shown.find('\n', at))
            shown.replace(at, 1, "\\n");
        for (std::size_t at = shown.find('\t'); at != std::string::npos; at = shown.find('\t', at))
            shown.replace(at, 1, "\\t");
        line += plain ? " " + shown : " '" + shown + "'";
    }
    return line;
}

std::string transcript(const std::string& name, const std::map<std::string, std::string>& words) {
    std::ifstream file("tests/platform/transcripts/" + name, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    if (text.empty())
        throw Error("file_not_found", "cannot read the transcript " + name + ": run the tests in the project's folder");
    for (const auto& [word, value] : words)
        for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size()))
            text.replace(at, word.size(), value);
    return text;
}

void FakeCommandRunner::add(const std::string& text) {
    CommandResult* current = nullptr;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.starts_with("$ "))
            current = &answers_[line.substr(2)].emplace_back();
        else if (current == nullptr)
            continue;
        else if (line.starts_with("! "))
            current->error += line.substr(2) + "\n";
        else if (line.starts_with("? "))
            std::from_chars(line.data() + 2, line.data() + line.size(), current->exit_code);
        else
            current->output += line + "\n";
    }
}

CommandResult FakeCommandRunner::answer(const Command& command) {
    if (before) before(command);
    const auto found = answers_.find(command_line(command));
    if (found == answers_.end())
        throw Error("tool_missing", "cannot start what no transcript knows: " + command_line(command));
    CommandResult result = found->second.front();
    if (found->second.size() > 1) found->second.erase(found->second.begin());
    return result;
}

CommandResult FakeCommandRunner::run(const Command& command) {
    calls.push_back(command_line(command));
    return answer(command);
}

CommandResult FakeCommandRunner::run_detached(const DetachedCommand& command) {
    calls.push_back(command.name + ": " + command_line(command.command));
    detached.push_back(command);
    CommandResult result = answer(command.command);
    result.output += result.error; // both streams are one
    result.error.clear();
    return result;
}

DetachedState FakeCommandRunner::detached_state(const std::string& name) {
    return survivors.contains(name) ? DetachedState::running : DetachedState::unknown;
}

CommandResult FakeCommandRunner::wait_detached(const std::string& name, Milliseconds) {
    calls.push_back(name + ": waited for");
    const auto found = survivors.find(name);
    if (found == survivors.end()) return {-1, "", "", false};
    const CommandResult result = found->second;
    survivors.erase(found);
    return result;
}

void FakeCommandRunner::end_scriptlets(const std::string& name) {
    calls.push_back(name + ": scriptlets ended");
}

} // namespace autodeploy
