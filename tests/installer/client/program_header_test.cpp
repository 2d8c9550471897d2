#include "installer/client/program_header.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

std::string elf(char word_class, char order, std::string_view machine) {
    std::string bytes = "\x7F"
                        "ELF";
    bytes += {word_class, order, 1};
    bytes.resize(18, '\0');
    return bytes + std::string(machine) + std::string(40, '\0');
}

std::string pe(std::string_view machine) {
    std::string bytes = "MZ";
    bytes.resize(0x3C, '\0');
    bytes += std::string_view("\x80\0\0\0", 4);
    bytes.resize(0x80, '\0');
    return bytes + std::string("PE\0\0", 4) + std::string(machine);
}

} // namespace

TEST_CASE("a program's header tells its bits and its architecture") {
    CHECK(parse_program_header(elf(2, 1, std::string_view("\x3E\0", 2))) == ProgramHeader{64, "x86_64"});
    CHECK(parse_program_header(elf(1, 1, std::string_view("\x03\0", 2))) == ProgramHeader{32, "i386"});
    CHECK(parse_program_header(elf(2, 1, std::string_view("\x15\0", 2))) == ProgramHeader{64, "ppc64le"});
    CHECK(parse_program_header(elf(2, 2, std::string_view("\0\x15", 2))) == ProgramHeader{64, "ppc64"});
    CHECK(parse_program_header(elf(2, 2, std::string_view("\0\x16", 2))) == ProgramHeader{64, "s390x"});
    CHECK(parse_program_header(pe("\x64\x86")) == ProgramHeader{64, "x86_64"});
    CHECK(parse_program_header(pe("\x4C\x01")) == ProgramHeader{32, "i386"});
    CHECK(parse_program_header("\x01\xDF") == ProgramHeader{32, "powerpc"});
    CHECK(parse_program_header("\x01\xF7") == ProgramHeader{64, "powerpc"});
}

TEST_CASE("what is no program, or cut off, has no bits") {
    for (const std::string& bytes : {std::string(), std::string("#!/bin/sh\n"), std::string("MZ"), pe("").substr(0, 70),
                                     std::string("\x7F"
                                                 "ELF")}) {
        CHECK(parse_program_header(bytes).bits == 0);
    }
}
