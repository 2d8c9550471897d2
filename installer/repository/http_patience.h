#pragma once

#include "platform/clock.h"

#include <cstdint>
#include <string>

namespace autodeploy {

struct HttpTimeouts {
    Milliseconds connect{15000};          ///< name, connection, proxy and TLS together
    Milliseconds idle{60000};             ///< without a single byte
    Milliseconds total{6 * 3600 * 1000};  ///< of waiting in one request; what we hold back ourselves is not counted
    Milliseconds metadata{5 * 60 * 1000}; ///< the same for a metadata file
    std::uint64_t least_bytes_per_second = 1024; ///< on average over each time of `idle`; less is a server that drips
};

/// How long one request still waits for a server. Only time spent waiting counts, so that our own limit of rate never
/// looks like a slow server.
class HttpPatience {
  public:
    HttpPatience(Clock& clock, Milliseconds idle, Milliseconds total, std::uint64_t least_bytes_per_second);

    /// Measures one wait: wait(time) blocks for at most that long and says whether something came. Throws Error
    /// transport_timed_out when it was too long or brings too little.
    template<class Wait> void wait(Wait&& wait) {
        const Milliseconds begun = clock_.elapsed();
        const bool came = wait(left());
        waited(clock_.elapsed() - begun, came);
    }
    void received(std::size_t bytes) { window_bytes_ += bytes; }
    /// The longest that the next wait may be, more than 0.
    Milliseconds left() const;

  private:
    void waited(Milliseconds time, bool came);

    Clock& clock_;
    Milliseconds idle_;
    Milliseconds total_;
    std::uint64_t least_;
    Milliseconds waited_{0};
    Milliseconds silent_{0};
    Milliseconds window_{0};
    std::uint64_t window_bytes_ = 0;
};

} // namespace autodeploy
