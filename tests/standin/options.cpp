#include "options.h"

#include "option_names.h"
#include "switches.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

namespace standin {

namespace {

constexpr const char* default_directory = "/opt/tivoli/tsm/client/ba/bin";

struct Line {
    std::string name; ///< in full and in capitals: "PASSWORDACCESS"
    std::string value;
    std::string raw; ///< the word as it was written
    std::string file;
    int number = 0;
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string capitals(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::toupper(c)); });
    return text;
}

std::string host_name() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return capitals(name).substr(0, std::string(name).find('.'));
}

/// The full name of the option that a word means; of two that it could mean the one that it spells out, else the first.
std::optional<std::string> full_name(const std::string& word) {
    // Options of virtual machines are many, and none is decided upon here.
    if (strncasecmp(word.c_str(), "VM", 2) == 0) return capitals(word);
    std::optional<std::string> found;
    for (const std::string name : option_names) {
        const auto lower = std::find_if(name.begin(), name.end(), [](unsigned char c) { return std::islower(c) != 0; });
        const auto shortest = static_cast<std::size_t>(lower - name.begin());
        if (word.size() < shortest || word.size() > name.size()) continue;
        if (strncasecmp(word.c_str(), name.c_str(), word.size()) != 0) continue;
        if (word.size() == name.size()) return capitals(name);
        if (!found) found = capitals(name);
    }
    return found;
}

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string without_quotes(const std::string& value) {
    const bool quoted = value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0];
    return quoted ? value.substr(1, value.size() - 2) : value;
}

bool takes_whole_line(const std::string& name) {
    for (const char* word : {"SCHEDCMDEXCEPTION", "PRESCHEDULECMD", "POSTSCHEDULECMD", "PRENSCHEDULECMD",
                             "POSTNSCHEDULECMD", "DOMAIN", "MANAGEDSERVICES", "SCHEDLOGRETENTION"})
        if (name == word) return true;
    return name.starts_with("INCL") || name.starts_with("EXCL");
}

[[noreturn]] void refuse(const Line& line) {
    throw OptionsError("ANS1036S The option '" + line.raw +
                       "' or the value supplied for it is not valid. It was found "
                       "in options file '" +
                       line.file + "'\nat line number: " + std::to_string(line.number));
}

std::vector<Line> read_lines(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw OptionsError("ANS1035S Options file '" + path + "' could not be found, or it cannot be read.");
    std::vector<Line> lines;
    int number = 0;
    for (std::string text; std::getline(file, text);) {
        ++number;
        text = trimmed(text);
        if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text = text.substr(3);
        if (text.empty() || text[0] == '*') continue;
        const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
        Line line{{}, trimmed(text.substr(end)), text.substr(0, end), path, number};
        const std::optional<std::string> name = full_name(line.raw);
        if (!name) refuse(line);
        line.name = *name;
        lines.push_back(line);
    }
    return lines;
}

bool is_word(const std::string& value, const std::string& word, std::size_t shortest) {
    return value.size() >= shortest && value.size() <= word.size() &&
           strncasecmp(value.c_str(), word.c_str(), value.size()) == 0;
}

bool yes_or_no(const Line& line, const std::string& value) {
    if (is_word(value, "YES", 1)) return true;
    if (is_word(value, "NO", 1)) return false;
    refuse(line);
}

int number_within(const Line& line, const std::string& value, int least, int most) {
    const bool digits = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
    const int number = digits && value.size() < 7 ? std::atoi(value.c_str()) : -1;
    if (number < least || number > most) refuse(line);
    return number;
}

void apply(Options& options, const Line& line) {
    // A comment behind a value is in real files; whether the product takes it is not known. The stand-in does.
    std::string value = line.value;
    const bool quoted = !value.empty() && (value[0] == '"' || value[0] == '\'');
    if (!takes_whole_line(line.name) && !quoted) value = value.substr(0, value.find_first_of(" \t"));
    if (!takes_whole_line(line.name) && quoted) value = value.substr(0, value.find(value[0], 1) + 1);
    const std::string plain = without_quotes(value);
    const auto is = [&line](const char* name) { return line.name == name; };
    if (is("TCPSERVERADDRESS")) options.server_address = plain;
    if (is("TCPPORT")) options.server_port = number_within(line, value, 1, 65535);
    if (is("TCPCLIENTPORT")) options.client_port = number_within(line, value, 0, 65535);
    if (is("NODENAME")) options.node = capitals(plain);
    if (is("PASSWORDDIR")) options.password_directory = plain;
    if (is("SCHEDLOGNAME")) options.schedule_log = plain;
    if (is("ERRORLOGNAME")) options.error_log = plain;
    if (is("SCHEDLOGRETENTION")) options.log_retention = value;
    if (is("SCHEDLOGMAX")) options.log_max_megabytes = number_within(line, value, 0, 2047);
    if (is("QUERYSCHEDPERIOD")) options.query_period_hours = number_within(line, value, 1, 9999);
    if (is("DATEFORMAT")) options.date_format = number_within(line, value, 0, 7);
    if (is("TIMEFORMAT")) options.time_format = number_within(line, value, 0, 5);
    if (is("SCHEDCMDDISABLED")) options.commands_disabled = yes_or_no(line, value);
    if (is("SCHEDCMDEXCEPTION")) options.command_exceptions.push_back(plain);
    if (is("SCHEDRESTRETRDISABLED")) options.retrieve_disabled = yes_or_no(line, value);
    if (is("PRESCHEDULECMD")) options.pre_command = plain;
    if (is("POSTSCHEDULECMD")) options.post_command = plain;
    if (is("PASSWORDACCESS")) {
        if (!is_word(value, "PROMPT", 6) && !is_word(value, "GENERATE", 8)) refuse(line);
        options.password_access = is_word(value, "GENERATE", 8) ? "generate" : "prompt";
    }
    if (is("SCHEDMODE")) {
        if (!is_word(value, "POLLING", 2) && !is_word(value, "PROMPTED", 2)) refuse(line);
        options.schedule_mode = is_word(value, "PROMPTED", 2) ? "prompted" : "polling";
    }
    if (is("MANAGEDSERVICES")) {
        options.managed_services.clear();
        std::istringstream words(value);
        for (std::string word; words >> word && word[0] != '*';) {
            if (strcasecmp(word.c_str(), "schedule") != 0 && strcasecmp(word.c_str(), "webclient") != 0 &&
                strcasecmp(word.c_str(), "none") != 0)
                refuse(line);
            options.managed_services += options.managed_services.empty() ? "" : " ";
            for (const char c : word)
                options.managed_services += char(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    options.shown[line.name] = plain;
}

/// Of dsm.sys: the lines of the stanza that is wanted.
std::vector<Line> stanza(const std::string& path, std::string wanted, std::string& server_name) {
    const std::vector<Line> lines = read_lines(path);
    for (const Line& line : lines)
        if (wanted.empty() && line.name == "DEFAULTSERVER")
            wanted = line.value.substr(0, line.value.find_first_of(" \t"));
    std::vector<Line> chosen;
    bool active = false;
    bool found = false;
    for (const Line& line : lines) {
        if (line.name == "SERVERNAME") {
            const std::string name = line.value.substr(0, line.value.find_first_of(" \t"));
            active = !found && (wanted.empty() || strcasecmp(name.c_str(), wanted.c_str()) == 0);
            found = found || active;
            if (active) server_name = name;
        } else if (active) {
            chosen.push_back(line);
        }
    }
    if (!found)
        throw OptionsError("ANS1217E Server name not found in System Options File: '" + wanted + "' in '" + path + "'");
    return chosen;
}

} // namespace

std::string client_directory() {
    const std::string directory = environment("DSM_DIR");
    if (!directory.empty()) return directory;
    // On AIX it lies elsewhere.
    const std::string own = own_directory();
    return ::access((own + "/dsm.sys").c_str(), F_OK) == 0 ? own : default_directory;
}

std::string log_directory() {
    const std::string directory = environment("DSM_LOG");
    return directory.empty() ? client_directory() : directory;
}

Options read_options(const std::vector<std::string>& arguments) {
    Options options;
    options.node = host_name();
    options.system_file = client_directory() + "/dsm.sys";
    options.schedule_log = log_directory() + "/dsmsched.log";
    options.error_log = log_directory() + "/dsmerror.log";
    options.acceptor_log = log_directory() + "/dsmwebcl.log";

    std::vector<Line> command_line;
    std::string wanted;
    options.user_file = environment("DSM_CONFIG");
    if (options.user_file.empty()) options.user_file = client_directory() + "/dsm.opt";
    for (const std::string& argument : arguments) {
        const std::size_t equals = argument.find('=');
        if (argument.size() < 2 || argument[0] != '-' || equals == std::string::npos) continue;
        const std::string word = argument.substr(1, equals - 1);
        if (strcasecmp(word.c_str(), "optfile") == 0) options.user_file = argument.substr(equals + 1);
        const std::optional<std::string> name = full_name(word);
        if (!name) continue;
        if (*name == "SERVERNAME") wanted = argument.substr(equals + 1);
        command_line.push_back({*name, argument.substr(equals + 1), word, "the command line", 1});
    }
    const std::vector<Line> user = read_lines(options.user_file);
    for (const Line& line : user)
        if (line.name == "SERVERNAME" && wanted.empty()) wanted = line.value.substr(0, line.value.find_first_of(" \t"));
    for (const Line& line : stanza(options.system_file, wanted, options.server_name))
        apply(options, line);
    for (const Line& line : user)
        apply(options, line);
    for (const Line& line : command_line)
        apply(options, line);
    options.shown["SERVERNAME"] = options.server_name;
    options.shown["NODENAME"] = options.node;
    options.shown["PASSWORDACCESS"] = capitals(options.password_access);
    return options;
}

} // namespace standin
