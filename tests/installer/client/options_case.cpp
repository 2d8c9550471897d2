#include "tests/installer/client/options_case.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace autodeploy {

namespace {

std::string replaced(const std::string& text, const std::string& from, const std::string& to) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t found = std::min(text.find(from, at), text.size());
        result += text.substr(at, found - at);
        if (found < text.size()) result += to;
        at = found + (found < text.size() ? from.size() : 0);
    }
    return result;
}

/// The cases hold letters up to U+00FF only.
std::vector<unsigned> code_points(const std::string& text) {
    std::vector<unsigned> points;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x80) {
            points.push_back(byte);
        } else {
            points.push_back((byte & 0x1Fu) << 6 | (static_cast<unsigned char>(text[++at]) & 0x3Fu));
        }
    }
    return points;
}

std::string encode(std::string text, const std::string& word) {
    if (word == "crlf") return replaced(text, "\n", "\r\n");
    if (word == "cr") return replaced(text, "\n", "\r");
    if (word == "no-end") return text.substr(0, text.size() - 1);
    if (word == "bom") return "\xEF\xBB\xBF" + text;
    std::string bytes;
    for (const unsigned point : code_points(text)) {
        const auto low = static_cast<char>(static_cast<unsigned char>(point));
        if (word == "latin-1") bytes += low;
        if (word == "utf-16be") bytes += {'\0', low};
        if (word == "utf-16le" || word == "utf-16le-bare") bytes += {low, '\0'};
    }
    if (word == "utf-16be") return "\xFE\xFF" + bytes;
    if (word == "utf-16le") return "\xFF\xFE" + bytes;
    if (word == "utf-16le-bare" || word == "latin-1") return bytes;
    throw std::runtime_error("unknown encoding in a case: " + word);
}

OptionsCase read_case(const std::filesystem::path& path) {
    OptionsCase result;
    result.name = path.stem().string();
    result.sources.system = "linux";
    result.sources.program_directory = "/opt/tivoli/tsm/client/ba/bin";
    std::ifstream in(path, std::ios::binary);
    std::map<std::string, std::string> sections;
    std::vector<std::pair<std::string, std::string>> encodings;
    std::string* section = nullptr;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("=== ")) {
            const std::size_t bar = std::min(line.find(" | "), line.size());
            const std::string name = line.substr(4, bar - 4);
            section = &sections[name];
            std::istringstream words(line.substr(std::min(bar + 3, line.size())));
            for (std::string word; words >> word;)
                encodings.emplace_back(name, word);
        } else if (section != nullptr) {
            *section += line + "\n";
        } else if (line.starts_with("system: ")) {
            result.sources.system = line.substr(8);
            if (result.sources.system == "windows")
                result.sources.program_directory = "/C:/Program Files/Tivoli/TSM/baclient";
        } else if (line.starts_with("environment: ")) {
            const std::size_t equals = line.find('=');
            result.sources.environment[line.substr(13, equals - 13)] = line.substr(equals + 1);
        } else if (line.starts_with("arguments: ")) {
            std::istringstream words(line.substr(11));
            for (std::string word; words >> word;)
                result.sources.arguments.push_back(word);
        }
    }
    for (const auto& [name, word] : encodings)
        sections[name] = encode(sections[name], word);
    result.expected = sections["expected"];
    result.verdict = sections["verdict"];
    sections.erase("expected");
    result.trigger = sections["trigger"];
    sections.erase("verdict");
    sections.erase("trigger");
    result.files = std::move(sections);
    return result;
}

constexpr std::array<std::string_view, 12> matters{
    "autodeploy",     "errorlogname",          "managedservices",  "nodename",
    "passwordaccess", "passworddir",           "schedcmddisabled", "schedlogname",
    "schedmode",      "schedrestretrdisabled", "tcpport",          "tcpserveraddress"};

void add_option(std::string& text, const std::string& name, const EffectiveOption& option) {
    text += name + ": " + option.value;
    if (!option.keyword.empty() && option.keyword != option.value) text += " = " + option.keyword;
    text += " at " + option.evidence + "\n";
}

} // namespace

std::string tests_directory() {
    // Run from the top of the tree, or from a build folder below it.
    for (const char* top : {"tests", "../tests", "../../tests", "../../../tests"})
        if (std::filesystem::exists(std::filesystem::path(top) / "installer" / "client")) return top;
    throw std::runtime_error("run the tests from the top of the source tree");
}

std::vector<OptionsCase> read_options_cases() {
    std::vector<OptionsCase> cases;
    for (const auto& entry : std::filesystem::directory_iterator(tests_directory() + "/installer/client/options"))
        if (entry.path().extension() == ".case") cases.push_back(read_case(entry.path()));
    std::sort(cases.begin(), cases.end(), [](const OptionsCase& a, const OptionsCase& b) { return a.name < b.name; });
    return cases;
}

std::string without_directory(const std::string& text) {
    return replaced(text, "/opt/tivoli/tsm/client/ba/bin/", "");
}

std::string options_text(const EffectiveOptions& options) {
    std::string text = "files: " + options.user_file + " (" + options.chosen_by + ")";
    if (!options.system_file.empty()) text += ", " + options.system_file;
    text += "\n";
    if (!options.unreadable.empty()) text += "unreadable: " + options.unreadable + "\n";
    if (!options.stanza.empty()) text += "stanza: " + options.stanza + " at " + options.stanza_evidence + "\n";
    for (const auto& [name, option] : options.values)
        if (std::find(matters.begin(), matters.end(), name) != matters.end()) add_option(text, name, option);
    for (const auto& [name, all] : options.repeated)
        for (const EffectiveOption& option : all)
            add_option(text, name, option);
    for (const std::string& problem : options.problems)
        text += "problem: " + problem + "\n";
    for (const std::string& path : options.referenced_files)
        text += "keeps: " + path + "\n";
    return without_directory(text);
}

} // namespace autodeploy
