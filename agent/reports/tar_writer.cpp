#include "agent/reports/tar_writer.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::size_t block = 512;

template<std::size_t Size> void octal(std::array<char, block>& header, std::size_t at, unsigned long long value) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%0*llo", int(Size - 1), value);
    std::memcpy(header.data() + at, digits.data(), Size - 1);
}

} // namespace

void TarWriter::add(const std::string& name, std::string_view content) {
    std::array<char, block> header{};
    const std::string kept = name.size() > 99 ? name.substr(name.size() - 99) : name;
    std::memcpy(header.data(), kept.data(), kept.size());
    octal<8>(header, 100, 0600);
    octal<8>(header, 108, 0);
    octal<8>(header, 116, 0);
    octal<12>(header, 124, content.size());
    octal<12>(header, 136, static_cast<unsigned long long>(time_));
    std::memset(header.data() + 148, ' ', 8);
    header[156] = '0';
    std::memcpy(header.data() + 257, "ustar\00000", 8);
    const unsigned sum = std::accumulate(header.begin(), header.end(), 0U, [](unsigned total, char byte) {
        return total + static_cast<unsigned char>(byte);
    });
    octal<7>(header, 148, sum);
    tar_.append(header.data(), header.size()).append(content);
    if (const std::size_t rest = content.size() % block) tar_.append(block - rest, '\0');
}

std::string TarWriter::finish() {
    tar_.append(2 * block, '\0');
    return std::move(tar_);
}

} // namespace autodeploy
