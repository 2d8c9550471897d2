#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// dsm.opt and its like, or dsm.sys with its server stanzas. Windows knows the first only, without stanzas.
enum class OptionsFileKind { user, system };

/// One option's line.
struct OptionLine {
    std::string name;  ///< in full and lower case; the word as written (lower case) where no option is known by it
    std::string value; ///< quotes and a comment behind it taken away
    std::string
        keyword; ///< of options with known values: the value in full and lower case; empty if it is none of them
    std::size_t line = 0;
    int stanza = -1; ///< index into the stanzas; -1 ahead of the first
    bool known = false;
    bool quoted = false;
    /// The client would not take it for this option, but whoever wrote it meant it so ("autodeploy=no", "AUTODEP no").
    bool doubtful = false;
    std::string problem; ///< what is wrong with this line; empty if nothing

    bool operator==(const OptionLine&) const = default;
};

struct OptionsStanza {
    std::string name; ///< the server's, as written
    std::size_t line = 0;
    bool operator==(const OptionsStanza&) const = default;
};

struct OptionsFile {
    std::string path;
    OptionsFileKind kind = OptionsFileKind::user;
    std::string encoding; ///< "UTF-8", "UTF-16LE", "UTF-16BE", "single-byte"
    std::vector<OptionLine> lines;
    std::vector<OptionsStanza> stanzas;

    /// "…/dsm.sys:12"
    std::string place(std::size_t line) const;
    /// "…/dsm.sys:12: unknown option \"foo\"", one for each line that has a problem, in their order.
    std::vector<std::string> problems() const;
};

constexpr std::uint64_t options_file_limit = 1 << 20;  ///< bytes
constexpr std::size_t options_file_line_limit = 20000; ///< lines
constexpr std::size_t option_line_limit = 8192;        ///< bytes in one line

/// Reads the client's own grammar with all the habits that are seen in the field: shortened names, any case, banners of
/// '*', comments behind values, byte order marks, UTF-16, single-byte texts, any line ends. What the client would
/// refuse is kept and reported with its line. Throws Error options_file_malformed, naming file and line, only for what
/// is no options file: too large, too many or too long lines, binary content.
OptionsFile parse_options_file(const std::string& path, std::string_view bytes, OptionsFileKind kind);

} // namespace autodeploy
