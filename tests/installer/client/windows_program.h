#pragma once

#include <cstddef>
#include <string>

namespace autodeploy {

inline void put16(std::string& bytes, std::size_t at, unsigned number) {
    bytes.at(at) = char(number & 255);
    bytes.at(at + 1) = char(number >> 8 & 255);
}
inline void put32(std::string& bytes, std::size_t at, unsigned number) {
    put16(bytes, at, number & 0xFFFF);
    put16(bytes, at + 2, number >> 16);
}

/// A program with one section of resources, and in it one icon and the version 14.38.33130.0.
inline std::string windows_program(bool is_64_bit = false) {
    std::string bytes(0x600, '\0');
    bytes[0] = 'M';
    bytes[1] = 'Z';
    constexpr std::size_t header = 0x80;
    put32(bytes, 0x3C, header);
    put32(bytes, header, 0x00004550);
    put16(bytes, header + 6, 1);
    put16(bytes, header + 20, is_64_bit ? 240 : 224);
    put16(bytes, header + 24, is_64_bit ? 0x20B : 0x10B);
    const std::size_t directories = header + 24 + (is_64_bit ? 112 : 96);
    put32(bytes, directories - 4, 16);
    put32(bytes, directories + 16, 0x3000);
    const std::size_t section = header + 24 + (is_64_bit ? 240 : 224);
    put32(bytes, section + 12, 0x3000);
    put32(bytes, section + 16, 0x200);
    put32(bytes, section + 20, 0x400);
    put16(bytes, 0x400 + 14, 2); // kinds: an icon, the version
    put32(bytes, 0x410, 3);
    put32(bytes, 0x414, 0x80000080);
    put32(bytes, 0x418, 16);
    put32(bytes, 0x41C, 0x80000020);
    put16(bytes, 0x420 + 14, 1); // one name
    put32(bytes, 0x430, 1);
    put32(bytes, 0x434, 0x80000040);
    put16(bytes, 0x440 + 14, 1); // one language
    put32(bytes, 0x450, 1033);
    put32(bytes, 0x454, 0x60);
    put32(bytes, 0x460, 0x3100); // where it is in memory
    put32(bytes, 0x500 + 40, 0xFEEF04BD);
    put16(bytes, 0x500 + 48, 38);
    put16(bytes, 0x500 + 50, 14);
    put16(bytes, 0x500 + 52, 0);
    put16(bytes, 0x500 + 54, 33130);
    return bytes;
}

} // namespace autodeploy
