#include "installer/package/seven_zip.h"

namespace autodeploy {

namespace {

constexpr std::string_view signature("7z\xBC\xAF\x27\x1C", 6);
constexpr std::size_t header_size = 32; ///< signature, version, check sum, then 20 bytes that it covers
constexpr std::size_t covered_from = 12;

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFu;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    }
    return ~crc;
}

bool is_header(std::string_view header) {
    std::uint32_t stored = 0;
    for (std::size_t i = 0; i < 4; ++i)
        stored |= std::uint32_t(static_cast<unsigned char>(header[8 + i])) << (8 * i);
    return crc32(header.substr(covered_from, header_size - covered_from)) == stored;
}

} // namespace

void SevenZipFinder::look(std::string_view bytes) {
    const auto search = [this](std::string_view text, std::uint64_t start) {
        for (std::size_t at = text.find(signature); at != std::string_view::npos && !found_;
             at = text.find(signature, at + 1))
            if (text.size() - at >= header_size && is_header(text.substr(at, header_size))) found_ = start + at;
    };
    if (found_) return;
    // First what straddles the two pieces, then the new one.
    const std::uint64_t start = tail_start_ + tail_.size();
    std::string seam = tail_;
    seam.append(bytes.substr(0, header_size - 1));
    search(seam, tail_start_);
    search(bytes, start);
    if (bytes.size() >= header_size - 1) {
        tail_ = bytes.substr(bytes.size() - (header_size - 1));
        tail_start_ = start + bytes.size() - tail_.size();
    } else {
        tail_.append(bytes);
        if (tail_.size() >= header_size) {
            const std::size_t surplus = tail_.size() - (header_size - 1);
            tail_.erase(0, surplus);
            tail_start_ += surplus;
        }
    }
}

} // namespace autodeploy
