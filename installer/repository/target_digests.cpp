#include "installer/repository/target_digests.h"

#include "platform/error.h"

#include <openssl/evp.h>

#include <array>

namespace autodeploy {
namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

void require(bool worked) {
    if (!worked) throw Error("crypto_failed", "cannot compute a hash: OpenSSL refuses; is its installation whole?");
}

const EVP_MD* algorithm(const std::string& name) {
    if (name == "sha256") return EVP_sha256();
    if (name == "sha512") return EVP_sha512();
    return nullptr;
}

std::string hex_so_far(const EVP_MD_CTX* running) {
    const DigestContext copy(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    require(copy && EVP_MD_CTX_copy_ex(copy.get(), running) == 1 &&
            EVP_DigestFinal_ex(copy.get(), bytes.data(), &size) == 1);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
}

} // namespace

struct TargetDigests::Contexts {
    std::map<std::string, DigestContext> running; ///< "sha256" is always among them
};

TargetDigests::TargetDigests(const std::map<std::string, std::string>& expected)
    : contexts_(std::make_unique<Contexts>()) {
    for (const auto& [name, value] : expected)
        if (algorithm(name) != nullptr) expected_.emplace(name, value);
    if (expected_.empty())
        throw Error("hash_unknown", "cannot verify a target: none of its hashes is of a known kind (sha256, sha512)");
    for (const std::string name : {"sha256", "sha512"})
        if (name == "sha256" || expected_.contains(name))
            contexts_->running.emplace(name, DigestContext(EVP_MD_CTX_new(), EVP_MD_CTX_free));
    reset();
}

TargetDigests::~TargetDigests() = default;

void TargetDigests::update(std::string_view bytes) {
    for (const auto& [name, context] : contexts_->running)
        require(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
}

std::string TargetDigests::sha256_so_far() const {
    return hex_so_far(contexts_->running.at("sha256").get());
}

bool TargetDigests::match() const {
    for (const auto& [name, value] : expected_)
        if (hex_so_far(contexts_->running.at(name).get()) != value) return false;
    return true;
}

void TargetDigests::reset() {
    for (const auto& [name, context] : contexts_->running)
        require(context && EVP_DigestInit_ex(context.get(), algorithm(name), nullptr) == 1);
}

} // namespace autodeploy
