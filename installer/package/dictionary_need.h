#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// How much memory the first block of an xz stream wants for its dictionary. Nothing where the header cannot be read
/// (the decoder will say why). start: the first 1036 bytes of the stream, or all of it.
std::optional<std::uint64_t> xz_dictionary(std::string_view start);

/// Follows a zstd stream, frame by frame, without decoding it, and tells the largest window that any frame asked for so
/// far. Where it no longer understands the stream it stops looking (the decoder will say why).
class ZstdFrames {
  public:
    /// The next bytes of the stream.
    void look(std::string_view bytes);
    std::uint64_t largest_window() const { return largest_window_; }

  private:
    enum class State { magic, frame_header, block_header, checksum, skippable_size, lost };
    void take_piece();
    void want(State state, std::size_t bytes);
    std::uint64_t little_endian(std::size_t from, std::size_t bytes) const;

    State state_ = State::magic;
    std::size_t wanted_ = 4; ///< bytes of the piece that state_ needs
    std::string piece_;
    std::uint64_t skip_ = 0; ///< bytes of content to pass over before the piece
    bool has_checksum_ = false;
    std::uint64_t largest_window_ = 0;
};

} // namespace autodeploy
