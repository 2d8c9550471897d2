#include "packaging/repository/server_macros.h"

#include "installer/client/ascii.h"
#include "platform/error.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <set>
#include <sstream>

namespace autodeploy::publisher {

namespace {

constexpr std::size_t longest_node = 64;
constexpr std::size_t longest_name = 30; ///< of domains and schedules
constexpr std::size_t longest_change = 200;
constexpr std::size_t longest_trigger = 511;
constexpr std::size_t nodes_in_line = 20;
constexpr UnixTime hour = 3600;
constexpr UnixTime day = 24 * hour;
/// Results are asked for so often, and so long: the server forgets events after ten days.
constexpr int result_period_hours = 6;
constexpr UnixTime result_days = 7;

Error usage(const std::string& what) {
    return Error("usage", what);
}

/// What the server allows in a name, and no wildcard, quote, blank or dash at an end, where a line would go on.
bool is_name(const std::string& name, std::size_t longest) {
    constexpr const char* allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-+&";
    return !name.empty() && name.size() <= longest && name.find_first_not_of(allowed) == std::string::npos &&
           name.back() != '-' && name.front() != '-';
}

/// Spreadsheets write texts so.
std::string unquoted(const std::string& text) {
    const bool quoted = text.size() > 1 && text.front() == text.back() && (text[0] == '"' || text[0] == '\'');
    return quoted ? text.substr(1, text.size() - 2) : text;
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// As dsmadmc reads a date in its US English form.
std::string date(UnixTime local) {
    const std::string iso = utc_text(local);
    return iso.substr(5, 2) + "/" + iso.substr(8, 2) + "/" + iso.substr(0, 4);
}

std::string time_of_day(UnixTime local) {
    return utc_text(local).substr(11, 5);
}

/// 0 is Monday.
UnixTime weekday(UnixTime day_number) {
    return (day_number + 3) % 7;
}

std::string schedule(const ServerWave& wave, const std::string& domain, char letter, const std::string& command,
                     UnixTime start, const std::string& period) {
    return "DEFINE SCHEDULE " + domain + " " + schedule_name(wave, letter) + " ACTION=COMMAND OBJECTS='" +
           wave.program + " " + command + "' STARTDATE=" + date(start) + " STARTTIME=" + time_of_day(start) +
           " DURATION=" + std::to_string(wave.hours) + " DURUNITS=HOURS " + period + " DESCRIPTION=\"" + wave.change +
           "\"";
}

std::vector<std::string> associations(const std::string& domain, const std::string& schedule,
                                      const std::vector<std::string>& nodes) {
    std::vector<std::string> lines;
    for (std::size_t first = 0; first < nodes.size(); first += nodes_in_line) {
        std::string line = "DEFINE ASSOCIATION " + domain + " " + schedule + " ";
        for (std::size_t at = first; at < std::min(first + nodes_in_line, nodes.size()); ++at)
            line += (at == first ? "" : ",") + nodes[at];
        lines.push_back(line);
    }
    return lines;
}

} // namespace

std::vector<ServerNode> read_nodes(const std::string& text, const std::string& domain) {
    std::vector<ServerNode> nodes;
    std::map<std::string, std::string> domain_of;
    std::istringstream lines(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        const std::string where = "line " + std::to_string(++number) + " of the nodes: ";
        line = line.substr(0, line.find('#'));
        std::replace(line.begin(), line.end(), ',', ' ');
        std::istringstream words(line);
        ServerNode node;
        std::string more;
        words >> node.name >> node.domain >> more;
        if (node.name.empty()) continue;
        if (!more.empty()) throw usage(where + "expected a node and its domain, and nothing behind them");
        node.name = upper(unquoted(node.name));
        if (number == 1 && node.name == "NODE_NAME") continue; // the heading of a table
        node.domain = upper(node.domain.empty() ? domain : unquoted(node.domain));
        if (!is_name(node.name, longest_node))
            throw usage(where + "that is no name of a node: it has 1 to 64 of A-Z, 0-9, _ . - + &");
        if (node.domain.empty())
            throw usage(where + node.name + " has no domain: write it behind the node, or give --domain");
        if (!is_name(node.domain, longest_name))
            throw usage(where + "that is no name of a domain: it has 1 to 30 of A-Z, 0-9, _ . - + &");
        const auto [known, is_new] = domain_of.emplace(node.name, node.domain);
        if (known->second != node.domain)
            throw usage(where + node.name + " was in domain " + known->second + " before, a node is in one only");
        if (is_new) nodes.push_back(node);
    }
    if (nodes.empty()) throw usage("the file of the nodes names none");
    return nodes;
}

void check_wave(const ServerWave& wave) {
    if (!is_name(wave.name, 16)) throw usage("the wave is part of a schedule's name: 1 to 16 of A-Z, 0-9, _ . - + &");
    if (wave.change.empty() || wave.change.size() > longest_change ||
        std::any_of(wave.change.begin(), wave.change.end(),
                    [](unsigned char c) { return c < ' ' || c > '~' || c == '"' || c == '\'' || c == '*'; }) ||
        wave.change.back() == '-')
        throw usage("the change stands in the schedule's description: 1 to 200 plain characters, without quotes and *");
    const bool absolute = wave.program.starts_with("/") ||
                          (wave.program.size() > 3 && std::isalpha(static_cast<unsigned char>(wave.program[0])) != 0 &&
                           wave.program.substr(1, 2) == ":\\");
    if (!absolute || std::any_of(wave.program.begin(), wave.program.end(), [](unsigned char c) {
            return c <= ' ' || c > '~' || std::string("\"'*?&|;<>$`%^").find(static_cast<char>(c)) != std::string::npos;
        }))
        throw usage("--program is an absolute path without blanks, quotes and what a shell would read");
    if (wave.program.size() + std::string(" status --exit-code").size() > longest_trigger)
        throw usage("the server takes less than 512 characters as a schedule's command: --program is too long");
}

UnixTime start_of_wave(const std::string& wave, UnixTime now) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (wave.size() < 2 || wave.size() > 3 || wave[0] != 'W' || !std::all_of(wave.begin() + 1, wave.end(), is_digit))
        throw usage("give --start: the wave is not named after a week, as W48 is");
    const int week = std::stoi(wave.substr(1));
    constexpr UnixTime half_a_year = 183; // days
    const UnixTime today = now / day;
    // Saturdays one after the other: each belongs to the year of its Thursday.
    for (UnixTime saturday = today + (5 - weekday(today) + 7) % 7; saturday < today + 6 * 366; saturday += 7) {
        const UnixTime start = saturday * day + 20 * hour;
        const std::string thursday = utc_text((saturday - 2) * day);
        UnixTime first = saturday - 2;
        while (utc_text((first - 7) * day).substr(0, 4) == thursday.substr(0, 4))
            first -= 7;
        if ((saturday - 2 - first) / 7 + 1 != week || start <= now) continue;
        // Whoever is late means a week ago, not the year to come.
        if (saturday > today + half_a_year)
            throw usage("give --start: week " + wave.substr(1) + " is over, and the next of that number begins on " +
                        utc_text(start).substr(0, 10));
        return start;
    }
    throw usage("give --start: there is no week " + wave.substr(1));
}

std::string schedule_name(const ServerWave& wave, char letter) {
    return "AD_" + wave.name + "_" + letter + std::to_string(wave.part);
}

std::vector<ServerMacros> server_macros(const ServerWave& wave, const std::vector<ServerNode>& nodes) {
    check_wave(wave);
    std::map<std::string, std::vector<std::string>> by_domain;
    for (const ServerNode& node : nodes)
        by_domain[node.domain].push_back(node.name);
    const std::string trigger = schedule_name(wave, 'P');
    const std::string result = schedule_name(wave, 'R');
    const UnixTime results_from = wave.start + wave.hours * hour;
    std::vector<ServerMacros> all;
    for (const auto& [domain, names] : by_domain) {
        ServerMacros macros;
        macros.domain = domain;
        macros.nodes = names.size();
        macros.define.push_back(schedule(wave, domain, 'P', "trigger", wave.start, "PERUNITS=ONETIME"));
        const int period = std::max(result_period_hours, wave.hours);
        macros.define.push_back(schedule(wave, domain, 'R', "status --exit-code", results_from,
                                         "PERIOD=" + std::to_string(period) +
                                             " PERUNITS=HOURS EXPIRATION=" + date(results_from + result_days * day)));
        for (const std::string& name : {trigger, result})
            for (std::string& line : associations(domain, name, names))
                macros.define.push_back(std::move(line));
        macros.look = {
            "SELECT node_name,status,result,reason FROM events WHERE schedule_name IN ('" + trigger + "','" + result +
                "') AND scheduled_start>CURRENT_TIMESTAMP - 2 DAYS AND (status<>'Completed' OR result<>0)",
            "SELECT node_name,platform_name,client_version,client_release,client_level,client_sublevel,tcp_name,"
            "lastacc_time FROM nodes WHERE domain_name='" +
                domain + "'",
        };
        macros.stop = {"DELETE ASSOCIATION " + domain + " " + trigger + " *"};
        all.push_back(std::move(macros));
    }
    return all;
}

} // namespace autodeploy::publisher
