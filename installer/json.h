#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace autodeploy {

/// A JSON value as everything here that is trusted, signed or stored uses it: integers only, no duplicate keys.
/// Wrong types throw Error "metadata_malformed" naming what was expected and found.
class Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json>; ///< sorted bytewise: the canonical order

    Json() = default;
    Json(std::nullptr_t) {}
    Json(bool value) : value_(value) {}
    Json(int value) : value_(std::int64_t(value)) {}
    Json(unsigned value) : value_(std::int64_t(value)) {}
    Json(std::int64_t value) : value_(value) {}
    Json(std::uint64_t value);
    Json(const char* value) : value_(std::string(value)) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}
    template<class T> Json(const std::vector<T>& values) {
        Array array;
        for (const T& value : values)
            array.emplace_back(value);
        value_ = std::move(array);
    }

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    bool is_bool() const { return std::holds_alternative<bool>(value_); }
    bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
    bool is_string() const { return std::holds_alternative<std::string>(value_); }
    bool is_array() const { return std::holds_alternative<Array>(value_); }
    bool is_object() const { return std::holds_alternative<Object>(value_); }

    bool boolean() const;
    std::int64_t integer() const;
    const std::string& string() const;
    const Array& array() const;
    const Object& object() const;
    Array& array();
    Object& object();

    /// The member, which must be there; Error names the key.
    const Json& at(const std::string& key) const;
    /// The member or null; this must be an object.
    const Json* find(const std::string& key) const;
    /// Makes an object of null; adds or finds the member.
    Json& operator[](const std::string& key);

    bool operator==(const Json&) const = default;

  private:
    std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> value_;
};

/// Reads one value and nothing behind it. Refuses (Error metadata_malformed, with line and column): duplicate keys,
/// fractions, exponents, -0, numbers outside of 64 bit, control characters in strings, invalid UTF-8, lone surrogates,
/// nesting over 64.
Json parse_json(std::string_view text);

/// OLPC canonical form: what TUF signs. Only \ and " are escaped.
std::string canonical_json(const Json& value);

/// On one line, control characters escaped: for journals, spools and machines. parse_json reads it back.
std::string compact_json(const Json& value);

/// Indented by two blanks, for people and files that people read.
std::string pretty_json(const Json& value);

} // namespace autodeploy
