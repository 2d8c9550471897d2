#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace autodeploy {

/// Takes "Transfer-Encoding: chunked" apart, from pieces cut anywhere.
class HttpChunks {
  public:
    /// The next bytes of the body, as a part of received, which is shortened by what was taken. Empty: received is used
    /// up, or ended(). Throws Error transport_failed where it is malformed.
    std::string_view take(std::string_view& received);
    /// The last chunk and what follows it have arrived.
    bool ended() const { return state_ == State::ended; }

  private:
    enum class State { size, data, data_end, trailer, ended };
    /// One line of at most 1024 bytes, gathered in line_; true when it is whole.
    bool take_line(std::string_view& received);

    State state_ = State::size;
    std::uint64_t left_ = 0;
    std::string line_;
    int trailer_lines_ = 0;
};

} // namespace autodeploy
