#include "installer/repository/http_patience.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

std::string seconds_text(Milliseconds time) {
    const auto count = time.count();
    return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

} // namespace

HttpPatience::HttpPatience(Clock& clock, Milliseconds idle, Milliseconds total, std::uint64_t least_bytes_per_second)
    : clock_(clock), idle_(idle), total_(total), least_(least_bytes_per_second) {}

Milliseconds HttpPatience::left() const {
    return std::max(Milliseconds(1), std::min(idle_ - silent_, total_ - waited_));
}

void HttpPatience::waited(Milliseconds time, bool came) {
    const auto give_up = [](const std::string& reason) {
        throw Error("transport_timed_out", "cannot wait any longer: " + reason, Retry::later);
    };
    waited_ += time;
    window_ += time;
    silent_ = came ? Milliseconds(0) : silent_ + time;
    if (silent_ >= idle_) give_up("nothing came for " + seconds_text(idle_));
    if (waited_ >= total_) give_up("it is not done after " + seconds_text(total_));
    if (window_ < idle_) return;
    const std::uint64_t needed = least_ * std::uint64_t(window_.count()) / 1000;
    if (window_bytes_ < needed)
        give_up("only " + std::to_string(window_bytes_) + " bytes came in " + seconds_text(window_) + ", " +
                std::to_string(needed) + " is the least");
    window_ = Milliseconds(0);
    window_bytes_ = 0;
}

} // namespace autodeploy
