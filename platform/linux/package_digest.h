#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace autodeploy {

/// The digests that package databases keep of files, MD5 among them. Not for security.
class PackageDigest {
  public:
    /// algorithm: "md5", "sha256", … Throws Error crypto_failed for one that OpenSSL does not have.
    explicit PackageDigest(const char* algorithm);
    PackageDigest(const PackageDigest&) = delete;
    PackageDigest& operator=(const PackageDigest&) = delete;
    ~PackageDigest();

    void update(const void* data, std::size_t size);
    /// Lowercase; to be called once.
    std::string hex();

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

std::string package_digest(const char* algorithm, std::string_view content);

} // namespace autodeploy
