#include "installer/any_bytes_json.h"

#include "installer/utf8.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace autodeploy {

namespace {

constexpr int deepest_nesting = 64;

/// What a text may hold.
enum class Bytes { utf8, any };

Error malformed(const std::string& what) {
    return Error("metadata_malformed", "cannot use the JSON value: " + what);
}

Error wrong_type(const char* expected, const Json& value) {
    const char* found = value.is_null()      ? "null"
                        : value.is_bool()    ? "true or false"
                        : value.is_integer() ? "an integer"
                        : value.is_string()  ? "a string"
                        : value.is_array()   ? "an array"
                                             : "an object";
    return malformed(std::string("expected ") + expected + ", found " + found);
}

class Reader {
  public:
    Reader(std::string_view text, Bytes bytes) : text_(text), bytes_(bytes) {}

    Json document() {
        Json value = read_value(0);
        skip_blanks();
        if (at_ < text_.size()) fail("something stands behind the value");
        return value;
    }

  private:
    [[noreturn]] void fail(const std::string& why) const {
        const std::string_view before = text_.substr(0, std::min(at_, text_.size()));
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const std::size_t start = before.rfind('\n');
        const std::size_t column = start == std::string_view::npos ? before.size() + 1 : before.size() - start;
        throw Error("metadata_malformed", "cannot read JSON at line " + std::to_string(line) + ", column " +
                                              std::to_string(column) + ": " + why);
    }

    int peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1; }

    void skip_blanks() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
    }

    void expect(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) fail("expected '" + std::string(word) + "'");
        at_ += word.size();
    }

    Json read_value(int depth) {
        if (depth > deepest_nesting) fail("nested deeper than " + std::to_string(deepest_nesting));
        skip_blanks();
        switch (peek()) {
        case '{':
            return read_object(depth);
        case '[':
            return read_array(depth);
        case '"':
            return read_string();
        case 't':
            expect("true");
            return true;
        case 'f':
            expect("false");
            return false;
        case 'n':
            expect("null");
            return nullptr;
        case -1:
            fail("the text ends where a value is expected");
        default:
            return read_integer();
        }
    }

    Json read_object(int depth) {
        Json::Object object;
        ++at_;
        skip_blanks();
        if (peek() == '}') {
            ++at_;
            return object;
        }
        while (true) {
            skip_blanks();
            if (peek() != '"') fail("expected a key in quotes");
            std::string key = read_string();
            skip_blanks();
            expect(":");
            if (object.contains(key)) fail("the key \"" + key + "\" stands twice");
            object.emplace(std::move(key), read_value(depth + 1));
            skip_blanks();
            if (peek() == '}') break;
            expect(",");
        }
        ++at_;
        return object;
    }

    Json read_array(int depth) {
        Json::Array array;
        ++at_;
        skip_blanks();
        if (peek() == ']') {
            ++at_;
            return array;
        }
        while (true) {
            array.push_back(read_value(depth + 1));
            skip_blanks();
            if (peek() == ']') break;
            expect(",");
        }
        ++at_;
        return array;
    }

    Json read_integer() {
        const std::size_t start = at_;
        if (peek() == '-') ++at_;
        if (peek() < '0' || peek() > '9') fail("expected a value");
        if (peek() == '0') {
            ++at_;
            if (peek() >= '0' && peek() <= '9') fail("a number starts with 0");
            if (text_[start] == '-') fail("-0 is not an integer");
        }
        while (peek() >= '0' && peek() <= '9')
            ++at_;
        if (peek() == '.' || peek() == 'e' || peek() == 'E') fail("only integers are allowed");
        std::int64_t value = 0;
        const auto result = std::from_chars(text_.data() + start, text_.data() + at_, value);
        if (result.ec != std::errc{}) fail("the number does not fit into 64 bits");
        return value;
    }

    std::uint32_t read_hex4() {
        if (text_.size() - at_ < 4) fail("the text ends within \\u");
        std::uint32_t code = 0;
        const auto result = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
        if (result.ec != std::errc{} || result.ptr != text_.data() + at_ + 4) fail("\\u needs four hex digits");
        at_ += 4;
        return code;
    }

    std::uint32_t read_escaped_code() {
        const std::uint32_t code = read_hex4();
        if (code >= 0xDC00 && code < 0xE000) fail("a lone surrogate");
        if (code < 0xD800 || code >= 0xDC00) return code;
        if (text_.substr(at_, 2) != "\\u") fail("a lone surrogate");
        at_ += 2;
        const std::uint32_t low = read_hex4();
        if (low < 0xDC00 || low >= 0xE000) fail("a lone surrogate");
        return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }

    /// What was written for a byte that is no UTF-8; false where something else stands.
    bool read_raw_byte(std::string& text) {
        if (bytes_ == Bytes::utf8 || text_.substr(at_, 2) != "dc" || text_.size() - at_ < 4) return false;
        unsigned byte = 0;
        const auto result = std::from_chars(text_.data() + at_ + 2, text_.data() + at_ + 4, byte, 16);
        if (result.ptr != text_.data() + at_ + 4 || byte < 0x80) return false;
        text += static_cast<char>(static_cast<unsigned char>(byte));
        at_ += 4;
        return true;
    }

    void copy_utf8(std::string& text) {
        const std::size_t length = utf8_length(text_.substr(at_));
        if (length == 0) fail("not UTF-8");
        text.append(text_.substr(at_, length));
        at_ += length;
    }

    std::string read_string() {
        std::string text;
        ++at_;
        while (true) {
            const int c = peek();
            if (c == -1) fail("the text ends within a string");
            if (c == '"') break;
            if (c < 0x20) fail("a control character within a string");
            if (c != '\\') {
                copy_utf8(text);
                continue;
            }
            ++at_;
            const int escaped = peek();
            ++at_;
            switch (escaped) {
            case '"':
                text += '"';
                break;
            case '\\':
                text += '\\';
                break;
            case '/':
                text += '/';
                break;
            case 'b':
                text += '\b';
                break;
            case 'f':
                text += '\f';
                break;
            case 'n':
                text += '\n';
                break;
            case 'r':
                text += '\r';
                break;
            case 't':
                text += '\t';
                break;
            case 'u':
                if (!read_raw_byte(text)) append_utf8(text, read_escaped_code());
                break;
            default:
                fail("an unknown escape");
            }
        }
        ++at_;
        return text;
    }

    std::string_view text_;
    Bytes bytes_;
    std::size_t at_ = 0;
};

enum class Escapes { canonical, all };

void write_characters(std::string& out, std::string_view text, Escapes escapes) {
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (escapes == Escapes::all && static_cast<unsigned char>(c) < 0x20) {
            if (c == '\n') {
                out += "\\n";
            } else if (c == '\t') {
                out += "\\t";
            } else {
                std::array<char, 8> code{};
                std::snprintf(code.data(), code.size(), "\\u%04x", unsigned(static_cast<unsigned char>(c)));
                out += code.data();
            }
        } else {
            out += c;
        }
    }
}

void write_string(std::string& out, std::string_view text, Escapes escapes, Bytes bytes) {
    out += '"';
    while (!text.empty()) {
        const std::size_t whole = escapes == Escapes::canonical ? text.size() : utf8_prefix(text);
        write_characters(out, text.substr(0, whole), escapes);
        text.remove_prefix(whole);
        if (text.empty()) break;
        if (bytes == Bytes::any) {
            std::array<char, 8> code{};
            std::snprintf(code.data(), code.size(), "\\udc%02x", unsigned(static_cast<unsigned char>(text.front())));
            out += code.data();
        } else {
            append_utf8(out, 0xFFFD);
        }
        text.remove_prefix(1);
    }
    out += '"';
}

/// indent < 0: everything on one line.
void write_value(std::string& out, const Json& value, Escapes escapes, Bytes bytes, int indent) {
    const int inner = indent < 0 ? -1 : indent + 2;
    const auto new_line = [&out](int depth) {
        if (depth >= 0) out += "\n" + std::string(std::size_t(depth), ' ');
    };
    if (value.is_null()) {
        out += "null";
    } else if (value.is_bool()) {
        out += value.boolean() ? "true" : "false";
    } else if (value.is_integer()) {
        out += std::to_string(value.integer());
    } else if (value.is_string()) {
        write_string(out, value.string(), escapes, bytes);
    } else if (value.is_array()) {
        out += '[';
        const char* separator = "";
        for (const Json& element : value.array()) {
            out += separator;
            new_line(inner);
            write_value(out, element, escapes, bytes, inner);
            separator = ",";
        }
        if (!value.array().empty()) new_line(indent);
        out += ']';
    } else {
        out += '{';
        const char* separator = "";
        for (const auto& [key, member] : value.object()) {
            out += separator;
            new_line(inner);
            write_string(out, key, escapes, bytes);
            out += indent < 0 ? ":" : ": ";
            write_value(out, member, escapes, bytes, inner);
            separator = ",";
        }
        if (!value.object().empty()) new_line(indent);
        out += '}';
    }
}

} // namespace

Json::Json(std::uint64_t value) {
    if (value > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
        throw malformed("the number does not fit into 63 bits");
    value_ = static_cast<std::int64_t>(value);
}

bool Json::boolean() const {
    if (!is_bool()) throw wrong_type("true or false", *this);
    return std::get<bool>(value_);
}

std::int64_t Json::integer() const {
    if (!is_integer()) throw wrong_type("an integer", *this);
    return std::get<std::int64_t>(value_);
}

const std::string& Json::string() const {
    if (!is_string()) throw wrong_type("a string", *this);
    return std::get<std::string>(value_);
}

const Json::Array& Json::array() const {
    if (!is_array()) throw wrong_type("an array", *this);
    return std::get<Array>(value_);
}

const Json::Object& Json::object() const {
    if (!is_object()) throw wrong_type("an object", *this);
    return std::get<Object>(value_);
}

Json::Array& Json::array() {
    if (!is_array()) throw wrong_type("an array", *this);
    return std::get<Array>(value_);
}

Json::Object& Json::object() {
    if (!is_object()) throw wrong_type("an object", *this);
    return std::get<Object>(value_);
}

const Json& Json::at(const std::string& key) const {
    const Json* member = find(key);
    if (member == nullptr) throw malformed("the key \"" + key + "\" is missing");
    return *member;
}

const Json* Json::find(const std::string& key) const {
    const auto found = object().find(key);
    return found == object().end() ? nullptr : &found->second;
}

Json& Json::operator[](const std::string& key) {
    if (is_null()) value_ = Object{};
    return object()[key];
}

Json parse_json(std::string_view text) {
    return Reader(text, Bytes::utf8).document();
}

Json parse_any_bytes_json(std::string_view text) {
    return Reader(text, Bytes::any).document();
}

std::string canonical_json(const Json& value) {
    std::string out;
    write_value(out, value, Escapes::canonical, Bytes::utf8, -1);
    return out;
}

std::string compact_json(const Json& value) {
    std::string out;
    write_value(out, value, Escapes::all, Bytes::utf8, -1);
    return out;
}

std::string compact_any_bytes_json(const Json& value) {
    std::string out;
    write_value(out, value, Escapes::all, Bytes::any, -1);
    return out;
}

std::string pretty_json(const Json& value) {
    std::string out;
    write_value(out, value, Escapes::all, Bytes::utf8, 0);
    return out + "\n";
}

std::string pretty_any_bytes_json(const Json& value) {
    std::string out;
    write_value(out, value, Escapes::all, Bytes::any, 0);
    return out + "\n";
}

} // namespace autodeploy
