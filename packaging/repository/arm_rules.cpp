#include "packaging/repository/arm_rules.h"

#include "installer/client/ascii.h"

#include <algorithm>
#include <set>

namespace autodeploy::publisher {

namespace {

/// For a shell, which would read * and ? itself.
std::string quoted(const std::string& word) {
    if (word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+-") ==
        std::string::npos)
        return word;
    std::string text = "'";
    for (const char c : word)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

std::set<std::string> upper_cased(const std::vector<std::string>& patterns) {
    std::set<std::string> all;
    for (const std::string& pattern : patterns)
        all.insert(upper_case(pattern));
    return all;
}

/// Whether there is a name that fits both.
bool patterns_meet(const std::string& one, const std::string& other) {
    // meets[i][j]: one text fits what is left of both from there on.
    std::vector<std::vector<bool>> meets(one.size() + 1, std::vector<bool>(other.size() + 1));
    for (std::size_t i = one.size() + 1; i-- > 0;)
        for (std::size_t j = other.size() + 1; j-- > 0;) {
            const bool more = i < one.size();
            const bool more_other = j < other.size();
            bool meet = !more && !more_other;
            if (more && one[i] == '*') meet = meet || meets[i + 1][j] || (more_other && meets[i][j + 1]);
            if (more_other && other[j] == '*') meet = meet || meets[i][j + 1] || (more && meets[i + 1][j]);
            if (more && more_other && (one[i] == other[j] || one[i] == '?' || other[j] == '?'))
                meet = meet || meets[i + 1][j + 1];
            meets[i][j] = meet;
        }
    return meets[0][0];
}

bool nodes_meet(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    if (one.empty() || other.empty()) return true;
    return std::any_of(one.begin(), one.end(), [&other](const std::string& pattern) {
        return std::any_of(other.begin(), other.end(), [&pattern](const std::string& another) {
            return patterns_meet(upper_case(pattern), upper_case(another));
        });
    });
}

bool platforms_meet(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    return one.empty() || other.empty() ||
           std::find_first_of(one.begin(), one.end(), other.begin(), other.end()) != one.end();
}

bool channels_meet(const std::string& one, const std::string& other) {
    return one.empty() || other.empty() || one == other;
}

} // namespace

std::string in_words(const ArmRule& rule) {
    return text(rule.mode) + " for " + whom(rule);
}

std::string command_that_cancels(const ArmRule& rule, const std::string& repository) {
    std::string command = "autodeploy-repository arm " + text(rule.mode);
    for (const std::string& node : rule.nodes)
        command += " --nodes " + quoted(node);
    for (const std::string& platform : rule.platforms)
        command += " --platform " + platform;
    if (!rule.channel.empty()) command += " --channel " + quoted(rule.channel);
    return command + " --cancel" + (repository.empty() ? "" : " --repository " + quoted(repository));
}

bool same_clients(const ArmRule& one, const ArmRule& other) {
    return one.channel == other.channel && upper_cased(one.nodes) == upper_cased(other.nodes) &&
           std::set(one.platforms.begin(), one.platforms.end()) ==
               std::set(other.platforms.begin(), other.platforms.end());
}

std::vector<ArmRule> meeting(const ArmRule& rule, const std::vector<ArmRule>& rules, Mode mode) {
    std::vector<ArmRule> found;
    for (const ArmRule& other : rules)
        if (other.mode == mode && channels_meet(rule.channel, other.channel) &&
            platforms_meet(rule.platforms, other.platforms) && nodes_meet(rule.nodes, other.nodes))
            found.push_back(other);
    return found;
}

} // namespace autodeploy::publisher
