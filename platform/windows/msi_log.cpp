#include "platform/windows/msi_log.h"

#include "platform/windows/utf16.h"

#include <algorithm>
#include <charconv>

namespace autodeploy {

namespace {

constexpr std::size_t most_lines = 5;
constexpr std::size_t longest_line = 400;

std::optional<unsigned> number_at(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    return number;
}

std::string shortened(std::string_view text) {
    std::size_t end = std::min(text.size(), longest_line);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    std::string line(text.substr(0, end));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return line;
}

void note(std::vector<std::string>& lines, std::string_view line) {
    std::string text = shortened(line);
    if (lines.size() < most_lines && std::find(lines.begin(), lines.end(), text) == lines.end())
        lines.push_back(std::move(text));
}

/// What stands behind the words, if they are in the line.
std::optional<std::string_view> after(std::string_view line, std::string_view words) {
    const std::size_t at = line.find(words);
    if (at == std::string_view::npos) return std::nullopt;
    return line.substr(at + words.size());
}

void read_end_of_action(std::string_view line, MsiLog& log) {
    // "Action ended 12:00:00: InstallFinalize. Return value 3." In another language only its form is the same.
    if (!log.failed_action.empty() || !(line.ends_with(" 3.") || line.ends_with(" 3")) || !line.starts_with("Action"))
        return;
    const std::size_t begin = line.find(": ");
    if (begin == std::string_view::npos) return;
    const std::size_t end = line.find('.', begin);
    if (end == std::string_view::npos) return;
    const std::string_view name = line.substr(begin + 2, end - begin - 2);
    // The one around all others says nothing.
    if (name != "INSTALL") log.failed_action = shortened(name);
}

void read_custom_action(std::string_view line, MsiLog& log) {
    const auto behind = after(line, "CustomAction ");
    if (!behind || !log.failed_action.empty()) return;
    const auto code = after(*behind, " returned actual error code ");
    if (!code || number_at(*code).value_or(0) == 0) return;
    log.failed_action = shortened(behind->substr(0, behind->find(' ')));
}

void read_error(std::string_view line, MsiLog& log) {
    // "Product: IBM … -- Error 1920. Service …", or the same without what is before it.
    if (const auto behind = after(line, " -- "); behind && line.find("Product:") != std::string_view::npos)
        line = *behind;
    if (!line.starts_with("Error ")) return;
    const std::optional<unsigned> number = number_at(line.substr(6));
    if (number && *number >= 1000) note(log.errors, line);
}

void read_holder(std::string_view line, MsiLog& log) {
    for (const std::string_view sign :
         {std::string_view("is being held in use by the following process"), std::string_view("holds file[s] in use")})
        if (line.find(sign) != std::string_view::npos) note(log.holders, line);
}

} // namespace

MsiLog parse_msi_log(std::string_view bytes) {
    const std::string text = text_of_tool_file(bytes);
    MsiLog log;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.remove_suffix(1);
        read_end_of_action(line, log);
        read_custom_action(line, log);
        read_error(line, log);
        read_holder(line, log);
        if (line.ends_with("ReplacedInUseFiles = 1")) log.files_were_in_use = true;
        if (const auto code = after(line, "MainEngineThread is returning ")) log.result = number_at(*code);
    }
    return log;
}

std::string reason_in(const MsiLog& log) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    for (const std::string& error : log.errors)
        add(error);
    if (!log.failed_action.empty()) add("the action " + log.failed_action + " failed");
    for (const std::string& holder : log.holders)
        add(holder);
    return text;
}

} // namespace autodeploy
