#include "platform/digest.h"

#include "platform/error.h"

#include <openssl/evp.h>

#include <array>

namespace autodeploy {

struct Sha256::Context {
    EVP_MD_CTX* digest = EVP_MD_CTX_new();
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(digest); }
};

namespace {

void require(bool worked) {
    if (!worked) throw Error("crypto_failed", "cannot compute SHA-256: OpenSSL refuses; is its installation whole?");
}

} // namespace

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    require(context_->digest != nullptr && EVP_DigestInit_ex(context_->digest, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(const void* data, std::size_t size) {
    require(EVP_DigestUpdate(context_->digest, data, size) == 1);
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context_->digest, bytes.data(), &size) == 1);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
}

std::string sha256_hex(std::string_view text) {
    Sha256 digest;
    digest.update(text.data(), text.size());
    return digest.hex();
}

} // namespace autodeploy
