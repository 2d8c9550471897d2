#pragma once

#include "installer/json.h"

#include "platform/error.h"

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace autodeploy {

/// A struct of values becomes JSON and comes back through one list of its members:
///   template <Like<Point> T> void fields(T& point, auto&& visit) { visit("x", point.x); visit("y", point.y); }
/// Reading is strict: a missing or unknown key throws Error "metadata_malformed" that names it.
template<class T, class U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

template<class T> Json to_json(const T& value);
template<class T> void from_json(const Json& json, T& value);

namespace json_detail {

template<class T> struct is_vector : std::false_type {};
template<class T> struct is_vector<std::vector<T>> : std::true_type {};
template<class T> struct is_optional : std::false_type {};
template<class T> struct is_optional<std::optional<T>> : std::true_type {};
template<class T> struct is_map : std::false_type {};
template<class T> struct is_map<std::map<std::string, T>> : std::true_type {};

/// Types that are no struct with fields bring their own pair of functions.
template<class T>
concept HasOwn = requires(const T& value, T& target, const Json& json) {
    { to_own_json(value) } -> std::same_as<Json>;
    from_own_json(json, target);
};

/// Reads one member; what is wrong with it is told with the way to it: "steps[1]: step: paths[0]: expected …".
template<class T> void read_at(const std::string& place, const Json& json, T& value) {
    constexpr std::string_view prefix = "cannot use the JSON value: ";
    try {
        from_json(json, value);
    } catch (const Error& error) {
        std::string_view why = error.what();
        if (why.starts_with(prefix)) why.remove_prefix(prefix.size());
        throw Error(error.cause(), std::string(prefix) + place + (why.starts_with('[') ? "" : ": ") + std::string(why));
    }
}

} // namespace json_detail

template<class T> Json to_json(const T& value) {
    using namespace json_detail;
    if constexpr (HasOwn<T>) {
        return to_own_json(value);
    } else if constexpr (std::is_enum_v<T>) {
        return Json(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string> || std::is_same_v<T, Json>) {
        return Json(value);
    } else if constexpr (std::is_unsigned_v<T>) {
        return Json(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
        return Json(static_cast<std::int64_t>(value));
    } else if constexpr (is_vector<T>::value) {
        Json::Array array;
        for (const auto& element : value)
            array.push_back(to_json(element));
        return array;
    } else if constexpr (is_optional<T>::value) {
        return value ? to_json(*value) : Json();
    } else if constexpr (is_map<T>::value) {
        Json::Object object;
        for (const auto& [key, member] : value)
            object.emplace(key, to_json(member));
        return object;
    } else {
        Json::Object object;
        fields(value, [&object](const char* name, const auto& member) { object.emplace(name, to_json(member)); });
        return object;
    }
}

template<class T> void from_json(const Json& json, T& value) {
    using namespace json_detail;
    if constexpr (HasOwn<T>) {
        from_own_json(json, value);
    } else if constexpr (std::is_same_v<T, bool>) {
        value = json.boolean();
    } else if constexpr (std::is_same_v<T, std::string>) {
        value = json.string();
    } else if constexpr (std::is_same_v<T, Json>) {
        value = json;
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
        value = static_cast<T>(json.integer());
        if (to_json(value) != json)
            throw Error("metadata_malformed", "cannot use the JSON value: the number is out of range");
    } else if constexpr (is_vector<T>::value) {
        value.clear();
        for (const Json& element : json.array()) {
            const std::string place = "[" + std::to_string(value.size()) + "]";
            read_at(place, element, value.emplace_back());
        }
    } else if constexpr (is_optional<T>::value) {
        if (json.is_null()) {
            value.reset();
        } else {
            from_json(json, value.emplace());
        }
    } else if constexpr (is_map<T>::value) {
        value.clear();
        for (const auto& [key, member] : json.object())
            from_json(member, value[key]);
    } else {
        std::size_t known = 0;
        fields(value, [&](const char* name, auto& member) {
            read_at(name, json.at(name), member);
            ++known;
        });
        if (json.object().size() != known)
            for (const auto& member : json.object()) {
                const std::string& key = member.first;
                bool listed = false;
                fields(value, [&](const char* name, auto&) { listed = listed || key == name; });
                if (!listed)
                    throw Error("metadata_malformed", "cannot use the JSON value: unknown key \"" + key + "\"");
            }
    }
}

template<class T> T from_json(const Json& json) {
    T value{};
    from_json(json, value);
    return value;
}

} // namespace autodeploy
