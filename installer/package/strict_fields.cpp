#include "installer/package/strict_fields.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

constexpr std::size_t longest_text = 4096;
constexpr std::size_t most_texts = 4096;

const char* kind_of(const Json& json) {
    return json.is_null()      ? "null"
           : json.is_bool()    ? "true or false"
           : json.is_integer() ? "a number"
           : json.is_string()  ? "a text"
           : json.is_array()   ? "a list"
                               : "an object";
}

std::string shown(const std::string& text) {
    constexpr std::size_t longest_shown = 80;
    return "\"" + (text.size() > longest_shown ? text.substr(0, longest_shown) + "…" : text) + "\"";
}

} // namespace

void FieldOrigin::fail(const std::string& path, const std::string& why) const {
    throw Error(cause, "cannot use " + subject + ": " + (path.empty() ? "" : path + ": ") + why);
}

StrictFields::StrictFields(const Json& json, const FieldOrigin& origin, std::string path)
    : json_(json), origin_(origin), path_(std::move(path)) {
    if (!json.is_object()) origin.fail(path_, std::string("expected an object, found ") + kind_of(json));
}

std::string StrictFields::path_of(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
}

void StrictFields::fail(const std::string& key, const std::string& why) const {
    origin_.fail(path_of(key), why);
}

const Json* StrictFields::take_optional(const std::string& key) {
    taken_.insert(key);
    return json_.find(key);
}

const Json& StrictFields::take(const std::string& key) {
    const Json* member = take_optional(key);
    if (member == nullptr) fail(key, "it is missing");
    return *member;
}

void StrictFields::finish() const {
    for (const auto& [key, unused] : json_.object())
        if (!taken_.contains(key))
            fail(key, "this agent does not know the field; it may be a restriction that a newer agent understands");
}

std::string StrictFields::text_of(const Json& json, const std::string& key) const {
    if (!json.is_string()) fail(key, std::string("expected a text, found ") + kind_of(json));
    const std::string& text = json.string();
    if (text.empty()) fail(key, "it is empty");
    if (text.size() > longest_text) fail(key, "it is longer than " + std::to_string(longest_text) + " bytes");
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        fail(key, "it holds a control character");
    return text;
}

std::string StrictFields::text(const std::string& key) {
    return text_of(take(key), key);
}

std::string StrictFields::optional_text(const std::string& key) {
    const Json* member = take_optional(key);
    return member == nullptr ? std::string() : text_of(*member, key);
}

std::uint64_t StrictFields::number_of(const Json& json, const std::string& key, std::uint64_t lowest,
                                      std::uint64_t highest) const {
    if (!json.is_integer()) fail(key, std::string("expected a number, found ") + kind_of(json));
    const std::int64_t number = json.integer();
    if (number < 0 || std::uint64_t(number) < lowest || std::uint64_t(number) > highest)
        fail(key, "expected " + std::to_string(lowest) + " to " + std::to_string(highest) + ", found " +
                      std::to_string(number));
    return std::uint64_t(number);
}

std::uint64_t StrictFields::number(const std::string& key, std::uint64_t lowest, std::uint64_t highest) {
    return number_of(take(key), key, lowest, highest);
}

std::uint64_t StrictFields::optional_number(const std::string& key, std::uint64_t otherwise, std::uint64_t lowest,
                                            std::uint64_t highest) {
    const Json* member = take_optional(key);
    return member == nullptr ? otherwise : number_of(*member, key, lowest, highest);
}

bool StrictFields::optional_flag(const std::string& key) {
    const Json* member = take_optional(key);
    if (member == nullptr) return false;
    if (!member->is_bool()) fail(key, std::string("expected true or false, found ") + kind_of(*member));
    return member->boolean();
}

ClientVersion StrictFields::version(const std::string& key) {
    const std::string written = text(key);
    const std::optional<ClientVersion> version = parse_client_version(written);
    if (!version) fail(key, "expected a level like 8.1.27.0, found " + shown(written));
    return *version;
}

std::optional<ClientVersion> StrictFields::optional_version(const std::string& key) {
    if (!has(key)) return std::nullopt;
    return version(key);
}

UnixTime StrictFields::time(const std::string& key) {
    const std::string written = text(key);
    const std::optional<UnixTime> time = parse_utc(written);
    if (!time) fail(key, "expected a time in UTC like 2026-11-28T20:00:00Z, found " + shown(written));
    return *time;
}

std::size_t StrictFields::one_of(const std::string& key, const std::vector<std::string_view>& names) {
    const std::string written = text(key);
    const auto found = std::find(names.begin(), names.end(), written);
    if (found != names.end()) return std::size_t(found - names.begin());
    std::string known;
    for (const std::string_view name : names)
        known += (known.empty() ? "" : ", ") + std::string(name);
    fail(key, "expected one of " + known + "; found " + shown(written));
}

std::vector<std::string> StrictFields::optional_texts(const std::string& key) {
    const Json* member = take_optional(key);
    if (member == nullptr) return {};
    if (!member->is_array()) fail(key, std::string("expected a list, found ") + kind_of(*member));
    if (member->array().size() > most_texts) fail(key, "it has more than " + std::to_string(most_texts) + " entries");
    std::vector<std::string> texts;
    std::set<std::string> seen;
    for (const Json& element : member->array()) {
        const std::string place = key + "[" + std::to_string(texts.size()) + "]";
        texts.push_back(text_of(element, place));
        if (!seen.insert(texts.back()).second) fail(place, shown(texts.back()) + " stands twice");
    }
    return texts;
}

std::string StrictFields::sha256(const std::string& key) {
    std::string written = text(key);
    const bool digits = std::all_of(written.begin(), written.end(),
                                    [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    constexpr std::size_t sha256_digits = 64;
    if (written.size() != sha256_digits || !digits)
        fail(key, "expected 64 lowercase hexadecimal digits, found " + shown(written));
    return written;
}

void StrictFields::optional_each(const std::string& key, std::size_t most,
                                 const std::function<void(StrictFields&)>& read) {
    const Json* member = take_optional(key);
    if (member == nullptr) return;
    if (!member->is_array()) fail(key, std::string("expected a list, found ") + kind_of(*member));
    if (member->array().size() > most) fail(key, "it has more than " + std::to_string(most) + " entries");
    std::size_t index = 0;
    for (const Json& element : member->array()) {
        StrictFields fields(element, origin_, path_of(key) + "[" + std::to_string(index++) + "]");
        read(fields);
        fields.finish();
    }
}

void StrictFields::object(const std::string& key, const std::function<void(StrictFields&)>& read) {
    StrictFields fields(take(key), origin_, path_of(key));
    read(fields);
    fields.finish();
}

} // namespace autodeploy
