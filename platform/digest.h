#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace autodeploy {

/// SHA-256 in pieces, by OpenSSL or by Windows. Throws Error crypto_failed only if that cannot work at all.
class Sha256 {
  public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();

    void update(const void* data, std::size_t size);
    /// Lowercase hex of everything so far; to be called once, at the end.
    std::string hex();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// Of a text, lowercase hex.
std::string sha256_hex(std::string_view text);

} // namespace autodeploy
