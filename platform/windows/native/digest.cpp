#include "platform/digest.h"

#include "platform/error.h"

#include <windows.h>

#include <bcrypt.h>

#include <array>

namespace autodeploy {

/// Windows' own, so that its platform needs no library.
struct Sha256::Context {
    BCRYPT_ALG_HANDLE algorithm = nullptr;
    BCRYPT_HASH_HANDLE digest = nullptr;
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() {
        if (digest) ::BCryptDestroyHash(digest);
        if (algorithm) ::BCryptCloseAlgorithmProvider(algorithm, 0);
    }
};

namespace {

void require(NTSTATUS status) {
    if (status < 0) throw Error("crypto_failed", "cannot compute SHA-256: Windows refuses; is its bcrypt.dll whole?");
}

} // namespace

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    require(::BCryptOpenAlgorithmProvider(&context_->algorithm, BCRYPT_SHA256_ALGORITHM, nullptr, 0));
    require(::BCryptCreateHash(context_->algorithm, &context_->digest, nullptr, 0, nullptr, 0, 0));
}

Sha256::~Sha256() = default;

void Sha256::update(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    constexpr std::size_t most_at_once = 1 << 30;
    while (size > 0) {
        const std::size_t part = size < most_at_once ? size : most_at_once;
        require(::BCryptHashData(context_->digest, const_cast<unsigned char*>(bytes), ULONG(part), 0));
        bytes += part;
        size -= part;
    }
}

std::string Sha256::hex() {
    std::array<unsigned char, 32> bytes{};
    require(::BCryptFinishHash(context_->digest, bytes.data(), ULONG(bytes.size()), 0));
    std::string text;
    for (const unsigned char byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

std::string sha256_hex(std::string_view text) {
    Sha256 digest;
    digest.update(text.data(), text.size());
    return digest.hex();
}

} // namespace autodeploy
