#include "installer/repository/http_chunks.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
    throw Error("transport_failed", "cannot read the body of the server's answer: " + reason, Retry::later);
}

std::uint64_t parse_size(std::string_view line) {
    line = line.substr(0, line.find(';'));
    while (line.ends_with(' ') || line.ends_with('\t'))
        line.remove_suffix(1);
    if (line.empty() || line.size() > 15) refuse("the size of a chunk is malformed");
    std::uint64_t size = 0;
    for (const char c : line) {
        const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
        if (digit == std::string_view::npos) refuse("the size of a chunk is malformed");
        size = size * 16 + (digit < 16 ? digit : digit - 6);
    }
    return size;
}

} // namespace

bool HttpChunks::take_line(std::string_view& received) {
    const std::size_t end = received.find('\n');
    line_ += received.substr(0, end);
    if (line_.size() > 1024) refuse("a line between its chunks is longer than 1024 bytes");
    received.remove_prefix(end == std::string_view::npos ? received.size() : end + 1);
    if (end == std::string_view::npos) return false;
    if (line_.ends_with('\r')) line_.pop_back();
    return true;
}

std::string_view HttpChunks::take(std::string_view& received) {
    while (!received.empty() && state_ != State::ended) {
        if (state_ == State::data) {
            const std::string_view piece =
                received.substr(0, std::size_t(std::min<std::uint64_t>(left_, received.size())));
            received.remove_prefix(piece.size());
            left_ -= piece.size();
            if (left_ == 0) state_ = State::data_end;
            return piece;
        }
        if (!take_line(received)) break;
        switch (state_) {
        case State::size:
            left_ = parse_size(line_);
            state_ = left_ == 0 ? State::trailer : State::data;
            break;
        case State::data_end:
            if (!line_.empty()) refuse("a chunk is longer than it says");
            state_ = State::size;
            break;
        default:
            if (line_.empty()) state_ = State::ended;
            if (++trailer_lines_ > 100) refuse("there is no end behind its last chunk");
        }
        line_.clear();
    }
    return {};
}

} // namespace autodeploy
