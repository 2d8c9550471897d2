#include "options.h"

#include <strings.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <sstream>

namespace standin {

namespace {

constexpr const char* default_directory = "/opt/tivoli/tsm/client/ba/bin";

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

bool is(const std::string& word, const std::string& option, std::size_t shortest) {
    return word.size() >= shortest && word.size() <= option.size() &&
           strncasecmp(word.c_str(), option.c_str(), word.size()) == 0;
}

std::string unquoted(std::string value) {
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) value = value.substr(1, value.size() - 2);
    return value;
}

/// Calls take(name, value) for each line that is no comment.
template<class Take> void each_option(const std::string& path, Take take) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        if (!(words >> name) || name[0] == '*') continue;
        std::string value;
        std::getline(words >> std::ws, value);
        while (!value.empty() && (value.back() == ' ' || value.back() == '\t' || value.back() == '\r'))
            value.pop_back();
        take(name, unquoted(value));
    }
}

std::map<std::string, std::string> key_values(const std::string& path) {
    std::map<std::string, std::string> values;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (const std::size_t equals = line.find('='); equals != std::string::npos)
            values[line.substr(0, equals)] = line.substr(equals + 1);
    return values;
}

} // namespace

std::string program_directory() {
    const std::string directory = environment("DSM_DIR");
    return directory.empty() ? default_directory : directory;
}

Options read_options(const std::string& optfile) {
    Options options;
    const std::string directory = program_directory();
    std::string opt = optfile.empty() ? environment("DSM_CONFIG") : optfile;
    if (opt.empty()) opt = directory + "/dsm.opt";
    std::string wanted;
    each_option(opt, [&](const std::string& name, const std::string& value) {
        if (is(name, "servername", 2) && wanted.empty()) wanted = value;
    });
    std::string log_directory = environment("DSM_LOG");
    if (log_directory.empty()) log_directory = directory;
    options.schedule_log = log_directory + "/dsmsched.log";
    options.error_log = log_directory + "/dsmerror.log";

    bool active = false;
    bool found = false;
    each_option(directory + "/dsm.sys", [&](const std::string& name, const std::string& value) {
        if (is(name, "servername", 2)) {
            active = wanted.empty() ? !found : strcasecmp(value.c_str(), wanted.c_str()) == 0;
            found = found || active;
            if (active) options.server_name = value;
        }
        if (!active) return;
        if (is(name, "tcpserveraddress", 4)) options.server_address = value;
        if (is(name, "tcpport", 4)) options.server_port = std::atoi(value.c_str());
        if (is(name, "nodename", 3)) options.node = value;
        if (is(name, "schedlogname", 9)) options.schedule_log = value;
        if (is(name, "errorlogname", 9)) options.error_log = value;
        if (is(name, "managedservices", 8)) options.managed_services = value;
    });
    options.switches = key_values("/etc/standin/switches");
    if (const auto poll = options.switches.find("poll_seconds"); poll != options.switches.end())
        options.poll_seconds = std::atoi(poll->second.c_str());
    const std::map<std::string, std::string> self = key_values(directory + "/.standin");
    if (const auto release = self.find("release"); release != self.end()) options.release = release->second;
    if (const auto sickness = self.find("sickness"); sickness != self.end()) options.sickness = sickness->second;
    return options;
}

std::string date_text(const Options& options) {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char text[64];
    const bool localised = options.switches.contains("localised");
    std::strftime(text, sizeof text, localised ? "%d.%m.%Y %H:%M:%S" : "%m/%d/%Y %H:%M:%S", &local);
    return text;
}

void append_line(const std::string& path, const std::string& line) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return;
    const std::string text = line + "\n";
    [[maybe_unused]] const ssize_t written = ::write(file, text.data(), text.size());
    ::close(file);
}

} // namespace standin
