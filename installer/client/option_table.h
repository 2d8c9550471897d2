#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace autodeploy {

/// How the rest of an option's line is to be read.
enum class OptionKind {
    word,  ///< one keyword or number; quotes are not allowed, what follows is no part of it
    words, ///< several of them
    text,  ///< a file, a command, a pattern: quotes allowed around it, blanks allowed in it
};

/// Where the option stands on Unix; on Windows everything stands in the one file.
enum class OptionHome { user, system, either };

/// One option of the client. Names and values are spelled as the vendor's syntax diagrams do: the capitals in front are
/// the shortest form ("PASSWORDAccess" may be written "passworda"); no lower case letter, or no capital, means that
/// there is no short form.
struct OptionRow {
    std::string_view name;
    OptionKind kind = OptionKind::text;
    OptionHome home = OptionHome::either;
    bool repeatable = false;
    std::string_view values = {};        ///< "No|NOReboot|Yes"; empty where any text is one
    bool most_restrictive_first = false; ///< if several lines disagree, the value further to the left counts
};

std::span<const OptionRow> option_table();

/// The option that this word means, in full or shortened, in any case; nullptr where it means none.
const OptionRow* find_option(std::string_view word);
/// The row's name in lower case: "passwordaccess".
std::string option_name(const OptionRow& row);
/// The value in full and lower case ("nor" → "noreboot"); empty where it is none of the row's values.
std::string option_keyword(const OptionRow& row, std::string_view written);
/// 0 is the most restrictive; what is not among the values counts as that.
std::size_t option_rank(const OptionRow& row, std::string_view keyword);

} // namespace autodeploy
