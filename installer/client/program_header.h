#pragma once

#include <string>
#include <string_view>

namespace autodeploy {

/// What a program's first bytes say of it.
struct ProgramHeader {
    int bits = 0;             ///< 32 or 64; 0 where it is no program that we know
    std::string architecture; ///< "x86_64", "i386", "ppc64le", "ppc64", "s390x", "powerpc", …; may be empty

    bool operator==(const ProgramHeader&) const = default;
};

constexpr std::size_t program_header_size = 4096;

/// Reads ELF, AIX's XCOFF and Windows' PE from a file's first program_header_size bytes (or fewer, if it is shorter).
ProgramHeader parse_program_header(std::string_view bytes);

} // namespace autodeploy
