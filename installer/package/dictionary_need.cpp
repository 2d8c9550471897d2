#include "installer/package/dictionary_need.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

/// xz's numbers: seven bits a byte, the lowest first.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < text.size() && i < 9; ++i) {
        value |= std::uint64_t(byte_at(text, i) & 0x7F) << (7 * i);
        if ((byte_at(text, i) & 0x80) == 0) {
            text.remove_prefix(i + 1);
            return value;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<std::uint64_t> xz_dictionary(std::string_view start) {
    constexpr std::size_t stream_header = 12;
    constexpr std::uint64_t lzma2 = 0x21;
    if (start.size() < stream_header + 2) return std::nullopt;
    start.remove_prefix(stream_header);
    const std::size_t size = (std::size_t(byte_at(start, 0)) + 1) * 4;
    const std::uint8_t flags = byte_at(start, 1);
    std::string_view rest = start.substr(2, std::min(size, start.size()) - 2);
    if ((flags & 0x40) != 0 && !take_number(rest)) return std::nullopt;
    if ((flags & 0x80) != 0 && !take_number(rest)) return std::nullopt;
    for (int filter = 0; filter <= (flags & 3); ++filter) {
        const auto id = take_number(rest);
        const auto property_bytes = take_number(rest);
        if (!id || !property_bytes || *property_bytes > rest.size()) return std::nullopt;
        if (*id == lzma2 && *property_bytes == 1) {
            const unsigned bits = byte_at(rest, 0) & 0x3Fu;
            if (bits > 40) return std::nullopt;
            return bits == 40 ? 0xFFFFFFFFu : std::uint64_t(2 | (bits & 1)) << (bits / 2 + 11);
        }
        rest.remove_prefix(std::size_t(*property_bytes));
    }
    return std::nullopt;
}

void ZstdFrames::want(State state, std::size_t bytes) {
    state_ = state;
    wanted_ = bytes;
}

std::uint64_t ZstdFrames::little_endian(std::size_t from, std::size_t bytes) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value |= std::uint64_t(byte_at(piece_, from + i)) << (8 * i);
    return value;
}

void ZstdFrames::look(std::string_view bytes) {
    while (state_ != State::lost) {
        const std::size_t passed = std::size_t(std::min<std::uint64_t>(skip_, bytes.size()));
        skip_ -= passed;
        bytes.remove_prefix(passed);
        const std::size_t taken = std::min(wanted_ - piece_.size(), bytes.size());
        piece_.append(bytes.substr(0, taken));
        bytes.remove_prefix(taken);
        if (skip_ > 0 || piece_.size() < wanted_) return;
        take_piece();
    }
}

void ZstdFrames::take_piece() {
    constexpr std::uint64_t frame_magic = 0xFD2FB528;
    constexpr std::uint64_t skippable_magic = 0x184D2A5;
    switch (state_) {
    case State::magic: {
        const std::uint64_t magic = little_endian(0, 4);
        if (magic == frame_magic)
            want(State::frame_header, 1);
        else if (magic >> 4 == skippable_magic)
            want(State::skippable_size, 4);
        else
            state_ = State::lost;
        break;
    }
    case State::skippable_size:
        skip_ = little_endian(0, 4);
        want(State::magic, 4);
        break;
    case State::frame_header: {
        const unsigned descriptor = byte_at(piece_, 0);
        const bool one_segment = (descriptor & 0x20) != 0;
        static constexpr std::array<std::size_t, 4> id_sizes{0, 1, 2, 4};
        static constexpr std::array<std::size_t, 4> content_sizes{0, 2, 4, 8};
        const std::size_t id = id_sizes.at(descriptor & 3);
        std::size_t content = content_sizes.at(descriptor >> 6);
        if (content == 0 && one_segment) content = 1;
        const std::size_t size = 1 + (one_segment ? 0u : 1u) + id + content;
        if (piece_.size() < size) {
            wanted_ = size;
            return;
        }
        std::uint64_t window = 0;
        if (one_segment) {
            window = little_endian(size - content, content) + (content == 2 ? 256 : 0);
        } else {
            const unsigned coded = byte_at(piece_, 1);
            const std::uint64_t base = std::uint64_t(1) << (10 + (coded >> 3));
            window = base + base / 8 * (coded & 7);
        }
        largest_window_ = std::max(largest_window_, window);
        has_checksum_ = (descriptor & 4) != 0;
        want(State::block_header, 3);
        break;
    }
    case State::block_header: {
        const std::uint64_t header = little_endian(0, 3);
        const std::uint64_t type = header >> 1 & 3;
        skip_ = type == 1 ? 1 : header >> 3;
        if (type == 3)
            state_ = State::lost;
        else if ((header & 1) == 0)
            want(State::block_header, 3);
        else if (has_checksum_)
            want(State::checksum, 4);
        else
            want(State::magic, 4);
        break;
    }
    case State::checksum:
        want(State::magic, 4);
        break;
    case State::lost:
        break;
    }
    piece_.clear();
}

} // namespace autodeploy
