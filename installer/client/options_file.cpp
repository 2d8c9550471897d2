#include "installer/client/options_file.h"

#include "installer/client/ascii.h"
#include "installer/client/option_table.h"
#include "installer/client/text_encoding.h"
#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

Error malformed(const std::string& path, std::size_t line, const std::string& why) {
    const std::string place = line == 0 ? path : path + ":" + std::to_string(line);
    return Error("options_file_malformed", "cannot use the options file " + place + ": " + why);
}

struct Words {
    std::string_view first;
    std::string_view rest;
};

Words split(std::string_view text) {
    const auto end = std::find_if(text.begin(), text.end(), is_blank);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return {text.substr(0, length), without_blanks(text.substr(length))};
}

bool is_quote(char c) {
    return c == '"' || c == '\'';
}

/// A comment behind a value begins with a '*' that follows a blank and is followed by one, or ends the line; elsewhere
/// a
/// '*' is part of a pattern.
std::string_view without_comment(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        const bool word_begins = text[at] == '*' && is_blank(text[at - 1]);
        if (word_begins && (at + 1 == text.size() || is_blank(text[at + 1]) || text[at + 1] == '*'))
            return without_blanks(text.substr(0, at));
    }
    return text;
}

void read_text(OptionLine& line, std::string_view rest) {
    if (!is_quote(rest.front())) {
        line.value = std::string(without_comment(rest));
        return;
    }
    const std::size_t end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos) {
        line.value = std::string(without_blanks(rest.substr(1)));
        line.quoted = true;
        line.problem = std::string("the quote ") + rest.front() + " is not closed";
        return;
    }
    const std::string_view behind = without_blanks(rest.substr(end + 1));
    if (behind.empty() || behind.front() == '*') {
        line.value = std::string(rest.substr(1, end - 1));
        line.quoted = true;
    } else {
        line.value = std::string(without_comment(rest)); // several quoted parts: a command, a list of file systems
    }
}

void read_word(OptionLine& line, const OptionRow& row, std::string_view rest) {
    if (is_quote(rest.front())) {
        const std::size_t end = rest.find(rest.front(), 1);
        line.value = std::string(rest.substr(1, end == std::string_view::npos ? end : end - 1));
        line.quoted = true;
        line.problem = "the value of " + option_name(row) + " must not stand in quotes";
        return;
    }
    line.value = std::string(split(rest).first);
    line.keyword = option_keyword(row, line.value);
    if (line.keyword.empty() && !row.values.empty())
        line.problem =
            "\"" + line.value + "\" is no value of " + option_name(row) + " (" + std::string(row.values) + ")";
}

void read_words(OptionLine& line, const OptionRow& row, std::string_view rest) {
    for (Words words = split(rest); !words.first.empty() && words.first.front() != '*'; words = split(words.rest)) {
        if (!line.value.empty()) line.value += ' ';
        line.value += words.first;
    }
    line.keyword = option_keyword(row, line.value);
    if (std::any_of(line.value.begin(), line.value.end(), is_quote)) {
        line.quoted = true;
        line.problem = "the value of " + option_name(row) + " must not stand in quotes";
        line.keyword.clear();
    }
}

/// What somebody meant who wrote a command line's form, or too short a form.
const OptionRow* meant_option(std::string_view word) {
    constexpr std::size_t telling_letters = 5;
    // A colon, a blank that is none, a letter that nobody sees: the one option that forbids must not be overlooked.
    constexpr std::string_view forbidding = "autodeploy";
    while (word.starts_with('-'))
        word.remove_prefix(1);
    const std::string whole = lower_case(word);
    word = word.substr(0, word.find('='));
    if (const OptionRow* row = find_option(word)) return row;
    const bool would_be_comment = word.starts_with('#') || word.starts_with(';');
    if (!would_be_comment && whole.find(forbidding) != std::string::npos) return find_option(forbidding);
    if (word.size() < telling_letters) return nullptr;
    const OptionRow* meant = nullptr;
    for (const OptionRow& row : option_table()) {
        if (!starts_with_ignoring_case(row.name, word)) continue;
        if (meant != nullptr) return nullptr;
        meant = &row;
    }
    return meant;
}

std::string why_unknown(std::string_view word, const OptionRow* meant) {
    const std::string shown = "\"" + std::string(word.substr(0, 64)) + "\"";
    const bool strange =
        std::any_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) > 0x7E; });
    if (meant != nullptr && strange)
        return shown + " is meant to be " + option_name(*meant) +
               ", but has a character in it that is none of the client's (an invisible one?); write the line anew";
    if (word.front() == '#' || word.front() == ';') return shown + " begins no comment for the client; only '*' does";
    if (meant == nullptr) return "unknown option " + shown;
    if (word.front() == '-') return shown + " has the form of a command line; in a file no '-' stands before the name";
    if (word.find('=') != std::string_view::npos)
        return shown + " has the form of a command line; in a file a blank stands between name and value";
    if (word.size() > meant->name.size())
        return "unknown option " + shown + "; is " + option_name(*meant) + " meant? A blank stands behind its name";
    return "unknown option " + shown + "; " + option_name(*meant) + " has no form as short as this";
}

void read_value(OptionLine& line, const OptionRow& row, std::string_view rest) {
    line.known = true;
    line.name = option_name(row);
    if (rest.empty()) {
        // These two stand alone; the others need a value.
        if (line.name != "quiet" && line.name != "verbose") line.problem = line.name + " has no value";
        return;
    }
    switch (row.kind) {
    case OptionKind::word:
        read_word(line, row, rest);
        break;
    case OptionKind::words:
        read_words(line, row, rest);
        break;
    case OptionKind::text:
        read_text(line, rest);
        break;
    }
}

OptionLine read_line(std::string_view text) {
    OptionLine line;
    const Words words = split(text);
    if (const OptionRow* row = find_option(words.first)) {
        read_value(line, *row, words.rest);
        return line;
    }
    const OptionRow* meant = meant_option(words.first);
    if (meant != nullptr) {
        const std::size_t equals = words.first.find('=');
        const bool value_behind = equals != std::string_view::npos && equals + 1 < words.first.size();
        read_value(line, *meant, value_behind ? words.first.substr(equals + 1) : words.rest);
        line.doubtful = true;
    } else {
        line.name = lower_case(words.first);
        line.value = std::string(words.rest);
    }
    line.problem = why_unknown(words.first, meant);
    return line;
}

/// Takes one line off the front, whatever ends it: LF, CR LF or CR.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t ends = text.substr(end).starts_with("\r\n") ? 2 : 1;
    text.remove_prefix(std::min(end + ends, text.size()));
    return line;
}

void begin_stanza(OptionsFile& file, OptionLine& line) {
    const auto same = std::find_if(file.stanzas.begin(), file.stanzas.end(), [&line](const OptionsStanza& stanza) {
        return same_ignoring_case(stanza.name, line.value);
    });
    if (same != file.stanzas.end())
        line.problem = "the server \"" + line.value + "\" has a stanza at line " + std::to_string(same->line) +
                       " already; the first one counts";
    file.stanzas.push_back({line.value, line.line});
}

} // namespace

std::string OptionsFile::place(std::size_t line) const {
    return path + ":" + std::to_string(line);
}

std::vector<std::string> OptionsFile::problems() const {
    std::vector<std::string> texts;
    for (const OptionLine& line : lines)
        if (!line.problem.empty()) texts.push_back(place(line.line) + ": " + line.problem);
    return texts;
}

OptionsFile parse_options_file(const std::string& path, std::string_view bytes, OptionsFileKind kind) {
    if (bytes.size() > options_file_limit)
        throw malformed(path, 0,
                        "it has " + std::to_string(bytes.size()) + " bytes, and more than " +
                            std::to_string(options_file_limit) + " is no options file");
    DecodedText decoded = decode_text(bytes);
    OptionsFile file;
    file.path = path;
    file.kind = kind;
    file.encoding = std::move(decoded.encoding);

    std::string_view text = decoded.text;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::string_view whole = take_line(text);
        if (++number > options_file_line_limit)
            throw malformed(path, number,
                            "more than " + std::to_string(options_file_line_limit) + " lines are no options file");
        if (whole.size() > option_line_limit)
            throw malformed(path, number, "the line is longer than " + std::to_string(option_line_limit) + " bytes");
        const auto binary = [](char c) {
            return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\f' && c != '\x1A') || c == '\x7F';
        };
        if (std::any_of(whole.begin(), whole.end(), binary))
            throw malformed(path, number, "it holds binary data; restore the file from a backup or write it anew");
        // ^Z ended files of old editors on Windows, form feeds still part pages.
        std::string_view content = whole;
        while (!content.empty() && (is_blank(content.front()) || content.front() == '\f' || content.front() == '\x1A'))
            content.remove_prefix(1);
        content = without_blanks(content);
        if (content.empty() || content.front() == '*') continue;
        if (content.find("\xEF\xBB\xBF") != std::string_view::npos)
            throw malformed(path, number,
                            "a byte order mark stands where none belongs, so the client would not know the option; "
                            "were two files joined? Take the mark away");

        OptionLine line = read_line(content);
        line.line = number;
        if (kind == OptionsFileKind::system && line.name == "servername" && !line.doubtful && !line.value.empty())
            begin_stanza(file, line);
        line.stanza = static_cast<int>(file.stanzas.size()) - 1;
        file.lines.push_back(std::move(line));
    }
    return file;
}

} // namespace autodeploy
