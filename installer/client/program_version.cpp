#include "installer/client/program_version.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace autodeploy {

namespace {

// Offsets are of 64 bit, so that no sum of what a file says wraps around; what lies outside of the file reads as 0.

std::uint64_t byte_at(std::string_view bytes, std::uint64_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[std::size_t(at)]) : 0;
}
std::uint64_t number16(std::string_view bytes, std::uint64_t at) {
    return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
}
std::uint64_t number32(std::string_view bytes, std::uint64_t at) {
    return number16(bytes, at) | number16(bytes, at + 2) << 16;
}

/// The section with the resources: where it lies in the file, and where in memory.
struct Section {
    std::uint64_t in_file = 0;
    std::uint64_t in_memory = 0;
    std::uint64_t size = 0;
};

std::optional<Section> section_of_resources(std::string_view bytes) {
    constexpr std::uint64_t signature = 0x00004550; // "PE"
    constexpr std::uint64_t most_sections = 96;
    const std::uint64_t header = number32(bytes, 0x3C);
    if (!bytes.starts_with("MZ") || number32(bytes, header) != signature) return std::nullopt;
    const std::uint64_t optional_header = header + 24;
    const bool is_64_bit = number16(bytes, optional_header) == 0x20B;
    const std::uint64_t directories = optional_header + (is_64_bit ? 112 : 96);
    if (number32(bytes, directories - 4) < 3) return std::nullopt;
    const std::uint64_t resources = number32(bytes, directories + 16);
    const std::uint64_t sections = optional_header + number16(bytes, header + 20);
    const std::uint64_t count = std::min(number16(bytes, header + 6), most_sections);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t row = sections + i * 40;
        const Section section{number32(bytes, row + 20), number32(bytes, row + 12), number32(bytes, row + 16)};
        if (resources >= section.in_memory && resources - section.in_memory < section.size)
            return Section{section.in_file + (resources - section.in_memory), resources,
                           section.size - (resources - section.in_memory)};
    }
    return std::nullopt;
}

/// Where the entry of a directory of resources leads to: the one of this number, or the first one.
std::optional<std::uint64_t> entry_of(std::string_view bytes, std::uint64_t directory,
                                      std::optional<std::uint64_t> number) {
    constexpr std::uint64_t most_entries = 4096;
    const std::uint64_t named = number16(bytes, directory + 12);
    const std::uint64_t count = std::min(named + number16(bytes, directory + 14), most_entries);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t entry = directory + 16 + i * 8;
        if (!number || number32(bytes, entry) == *number) return number32(bytes, entry + 4);
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> windows_program_version(std::string_view bytes) {
    constexpr std::uint64_t version_resource = 16;
    constexpr std::uint64_t is_directory = 0x80000000;
    constexpr std::uint64_t signature = 0xFEEF04BD;
    constexpr std::uint64_t length_of_head = 40; // three numbers, "VS_VERSION_INFO" in UTF-16, padding
    const std::optional<Section> section = section_of_resources(bytes);
    if (!section) return std::nullopt;
    // By kind, by name, by language.
    std::uint64_t at = is_directory;
    for (const std::optional<std::uint64_t>& number :
         {std::optional(version_resource), std::optional<std::uint64_t>(), std::optional<std::uint64_t>()}) {
        if ((at & is_directory) == 0) return std::nullopt;
        const auto next = entry_of(bytes, section->in_file + (at & ~is_directory), number);
        if (!next) return std::nullopt;
        at = *next;
    }
    if ((at & is_directory) != 0) return std::nullopt;
    const std::uint64_t in_memory = number32(bytes, section->in_file + at);
    if (in_memory < section->in_memory || in_memory - section->in_memory >= section->size) return std::nullopt;
    const std::uint64_t fixed = section->in_file + (in_memory - section->in_memory) + length_of_head;
    if (number32(bytes, fixed) != signature) return std::nullopt;
    return std::to_string(number16(bytes, fixed + 10)) + "." + std::to_string(number16(bytes, fixed + 8)) + "." +
           std::to_string(number16(bytes, fixed + 14)) + "." + std::to_string(number16(bytes, fixed + 12));
}

} // namespace autodeploy
