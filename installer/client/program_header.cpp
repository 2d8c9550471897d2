#include "installer/client/program_header.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace autodeploy {

namespace {

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

std::uint32_t number16(std::string_view bytes, std::size_t at, bool big_endian) {
    const std::uint32_t first = byte_at(bytes, at);
    const std::uint32_t second = byte_at(bytes, at + 1);
    return big_endian ? first << 8 | second : second << 8 | first;
}

struct MachineRow {
    std::uint32_t machine;
    bool big_endian;
    std::string_view architecture;
};

constexpr std::array elf_machines{
    MachineRow{3, false, "i386"},      MachineRow{62, false, "x86_64"}, MachineRow{21, false, "ppc64le"},
    MachineRow{21, true, "ppc64"},     MachineRow{20, true, "ppc"},     MachineRow{22, true, "s390x"},
    MachineRow{183, false, "aarch64"},
};

ProgramHeader parse_elf(std::string_view bytes) {
    constexpr std::size_t class_offset = 4;
    constexpr std::size_t order_offset = 5;
    constexpr std::size_t machine_offset = 18;
    const std::uint32_t word_class = byte_at(bytes, class_offset);
    const bool big_endian = byte_at(bytes, order_offset) == 2;
    ProgramHeader header{word_class == 1 ? 32 : word_class == 2 ? 64 : 0, {}};
    const std::uint32_t machine = number16(bytes, machine_offset, big_endian);
    for (const MachineRow& row : elf_machines)
        if (row.machine == machine && row.big_endian == big_endian) header.architecture = row.architecture;
    if (header.bits == 32 && header.architecture == "x86_64") header.architecture = "x32";
    if (header.bits == 32 && header.architecture == "s390x") header.architecture = "s390";
    return header;
}

ProgramHeader parse_pe(std::string_view bytes) {
    constexpr std::size_t offset_of_header = 0x3C;
    const std::size_t at = number16(bytes, offset_of_header, false) | number16(bytes, offset_of_header + 2, false)
                                                                          << 16;
    if (at > bytes.size() || bytes.substr(at, 4) != std::string_view("PE\0\0", 4)) return {};
    switch (number16(bytes, at + 4, false)) {
    case 0x014C:
        return {32, "i386"};
    case 0x8664:
        return {64, "x86_64"};
    case 0xAA64:
        return {64, "aarch64"};
    default:
        return {};
    }
}

} // namespace

ProgramHeader parse_program_header(std::string_view bytes) {
    constexpr std::uint32_t xcoff32 = 0x01DF;
    constexpr std::uint32_t xcoff64 = 0x01F7;
    if (bytes.starts_with("\x7F"
                          "ELF"))
        return parse_elf(bytes);
    if (bytes.starts_with("MZ")) return parse_pe(bytes);
    if (number16(bytes, 0, true) == xcoff32) return {32, "powerpc"};
    if (number16(bytes, 0, true) == xcoff64) return {64, "powerpc"};
    return {};
}

} // namespace autodeploy
