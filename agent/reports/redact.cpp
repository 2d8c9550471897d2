#include "agent/reports/redact.h"

#include "installer/client/ascii.h"
#include "installer/json.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace autodeploy {
namespace {

constexpr const char* mark = "***";

bool word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
}

constexpr std::array<const char*, 10> secret_names{"password", "passphrase", "passwd",   "secret",
                                                   "token",    "encryptkey", "keysaved", "clientpassword",
                                                   "pswd",     "credential"};

/// In lower case, without what stands before the option's name: "password", "client_password".
bool is_secret_name(std::string word) {
    word.erase(0, std::min(word.find_first_not_of("-."), word.size()));
    const std::string last = word.substr(word.find_last_of("_-.") + 1);
    return std::any_of(secret_names.begin(), secret_names.end(),
                       [&](const char* name) { return word == name || last == name; });
}

/// "password x", "-password=x", "\"passphrase\": \"x\"": what follows the name to the end of the value is a secret.
/// Options whose name only begins like one (passwordaccess, passworddir) are none.
std::string without_secret_values(const std::string& line) {
    const std::string lower = lower_case(line);
    std::string text = line;
    for (std::size_t at = 0; at < lower.size();) {
        std::size_t end = at;
        while (end < lower.size() && word_character(lower[end]))
            ++end;
        if (end == at) {
            ++at;
            continue;
        }
        const bool named = is_secret_name(lower.substr(at, end - at));
        std::size_t value = lower.find_first_not_of("\"' \t:=", end);
        // A word of prose ("the stored password is …") is cut as well; nothing is lost but a word.
        if (!named || value == std::string::npos || value == end) {
            at = end;
            continue;
        }
        return text.substr(0, value) + mark;
    }
    return text;
}

/// Of a name of a machine or a node; a dot may end a sentence, and is part of no short name.
bool name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}

/// "http://user:password@host" → "http://***@host"
std::string without_address_users(std::string line) {
    for (std::size_t at = line.find("://"); at != std::string::npos; at = line.find("://", at + 3)) {
        const std::size_t begin = at + 3;
        const std::size_t end = std::min(line.find_first_of("/ \t\"'", begin), line.size());
        const std::size_t sign = line.rfind('@', end == 0 ? 0 : end - 1);
        if (sign != std::string::npos && sign >= begin && sign < end) line.replace(begin, sign - begin, mark);
    }
    return line;
}

std::string redacted_text(std::string_view text);

/// It stays JSON: whatever has the name of a secret and says more than yes or no is cut, and each text is looked at by
/// itself.
Json redacted_value(const Json& value) {
    if (value.is_string()) return redacted_text(value.string());
    if (value.is_array()) {
        Json::Array values;
        for (const Json& one : value.array())
            values.push_back(redacted_value(one));
        return values;
    }
    if (!value.is_object()) return value;
    Json::Object members;
    for (const auto& [name, member] : value.object()) {
        const bool tells = !member.is_bool() && !member.is_null();
        members[name] = tells && is_secret_name(lower_case(name)) ? Json(mark) : redacted_value(member);
    }
    return members;
}

std::optional<Json> as_json(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return std::nullopt;
    try {
        return parse_json(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string redacted_text(std::string_view text) {
    std::string result;
    bool in_key = false;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t newline = text.find('\n', begin);
        const std::size_t end = std::min(newline, text.size());
        const std::string line(text.substr(begin, end - begin));
        if (line.find("-----BEGIN") != std::string::npos && line.find("PRIVATE KEY") != std::string::npos)
            in_key = true;
        if (in_key) {
            result += mark;
        } else if (const auto json = as_json(line)) {
            result += compact_json(redacted_value(*json));
        } else {
            result += without_address_users(without_secret_values(line));
        }
        if (line.find("-----END") != std::string::npos && line.find("PRIVATE KEY") != std::string::npos) in_key = false;
        if (newline != std::string_view::npos) result += '\n';
        begin = end + 1;
    }
    return result;
}

} // namespace

void HiddenNames::add(const std::string& kind, const std::string& name) {
    const std::string key = lower_case(name);
    if (key.empty() || names_.contains(key)) return;
    names_[key] = kind + "-" + std::to_string(++counts_[kind]);
}

std::string HiddenNames::hide(std::string_view text) const {
    const std::string lower = lower_case(text);
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::pair<const std::string, std::string>* longest = nullptr;
        if (at == 0 || !name_character(text[at - 1]))
            for (const auto& name : names_) {
                const std::size_t end = at + name.first.size();
                if (lower.compare(at, name.first.size(), name.first) == 0 &&
                    (end == text.size() || !name_character(text[end])) &&
                    (longest == nullptr || longest->first.size() < name.first.size()))
                    longest = &name;
            }
        if (longest == nullptr) {
            result += text[at++];
        } else {
            result += longest->second;
            at += longest->first.size();
        }
    }
    return result;
}

std::string redacted(std::string_view text) {
    // A document over several lines; one of a line each is looked at by itself.
    const bool has_lines = text.find('\n') < text.find_last_not_of('\n');
    const std::optional<Json> json = has_lines ? as_json(text) : std::nullopt;
    return json ? pretty_json(redacted_value(*json)) : redacted_text(text);
}

} // namespace autodeploy
