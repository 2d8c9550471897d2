#include "platform/linux/package_digest.h"

#include "platform/error.h"

#include <openssl/evp.h>

#include <array>

namespace autodeploy {

struct PackageDigest::Context {
    EVP_MD_CTX* digest = EVP_MD_CTX_new();
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(digest); }
};

PackageDigest::PackageDigest(const char* algorithm) : context_(std::make_unique<Context>()) {
    const EVP_MD* const kind = EVP_get_digestbyname(algorithm);
    // Also where the system's policy has FIPS on.
    if (context_->digest != nullptr) EVP_MD_CTX_set_flags(context_->digest, EVP_MD_CTX_FLAG_NON_FIPS_ALLOW);
    if (kind == nullptr || context_->digest == nullptr || EVP_DigestInit_ex(context_->digest, kind, nullptr) != 1)
        throw Error("crypto_failed", std::string("cannot compute ") + algorithm + ": OpenSSL refuses");
}

PackageDigest::~PackageDigest() = default;

void PackageDigest::update(const void* data, std::size_t size) {
    EVP_DigestUpdate(context_->digest, data, size);
}

std::string PackageDigest::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_->digest, bytes.data(), &size);
    std::string text;
    for (unsigned at = 0; at < size; ++at) {
        text += "0123456789abcdef"[bytes[at] >> 4];
        text += "0123456789abcdef"[bytes[at] & 15];
    }
    return text;
}

std::string package_digest(const char* algorithm, std::string_view content) {
    PackageDigest digest(algorithm);
    digest.update(content.data(), content.size());
    return digest.hex();
}

} // namespace autodeploy
