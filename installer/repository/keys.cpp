#include "installer/repository/keys.h"

#include "platform/digest.h"
#include "platform/error.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>

namespace autodeploy {

namespace {

constexpr int smallest_rsa = 2048;
constexpr int largest_rsa = 8192;

struct Deleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(static_cast<unsigned char>(high * 16 + low));
    }
    return bytes;
}

/// Only "PUBLIC KEY", and all of it. OpenSSL's own reader of public keys would take other things as well, and would ask
/// for a passphrase on the terminal where the text says that it is encrypted.
KeyPointer read_pem(const std::string& text) {
    const std::unique_ptr<BIO, Deleter> bio(
        BIO_new_mem_buf(text.data(), int(std::min<std::size_t>(text.size(), 65536))));
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    KeyPointer key;
    if (bio && PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1) {
        const unsigned char* at = data;
        if (std::string_view(name) == "PUBLIC KEY" && header[0] == '\0') key.reset(d2i_PUBKEY(nullptr, &at, size));
        if (at != data + size) key.reset();
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    ERR_clear_error();
    return key;
}

KeyPointer read_ed25519(const std::string& text) {
    const std::optional<std::string> raw = from_hex(text);
    if (!raw || raw->size() != 32) return {};
    return KeyPointer(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*raw), raw->size()));
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    std::size_t length = 0;
    return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
           std::string_view(group.data(), length) == "prime256v1";
}

} // namespace

struct PublicKey::Handle {
    KeyPointer key;
};

std::string key_id(const Json& key) {
    return sha256_hex(canonical_json(key));
}

PublicKey::PublicKey(const std::string& id, const Json& key) : id_(id), scheme_(key.at("scheme").string()) {
    const std::string& type = key.at("keytype").string();
    key.at("keyval").object();
    if (key_id(key) != id)
        throw Error("keyid_mismatch", "cannot use the key " + id + ": its own id would be " + key_id(key) +
                                          "; the file was damaged or made by a faulty tool");

    const auto text = [&] { return key.at("keyval").at("public").string(); };
    KeyPointer read;
    if (type == "ed25519" && scheme_ == "ed25519") {
        read = read_ed25519(text());
        if (!read) why_unusable_ = "is not 64 hex digits";
    } else if ((type == "ecdsa" || type == "ecdsa-sha2-nistp256") && scheme_ == "ecdsa-sha2-nistp256") {
        read = read_pem(text());
        if (!read || !is_p256(read.get())) why_unusable_ = "is not a PEM public key on the curve P-256";
    } else if (type == "rsa" && scheme_ == "rsassa-pss-sha256") {
        read = read_pem(text());
        const int bits = read && EVP_PKEY_is_a(read.get(), "RSA") == 1 ? EVP_PKEY_get_bits(read.get()) : 0;
        if (bits < smallest_rsa || bits > largest_rsa) why_unusable_ = "is not an RSA key of 2048 to 8192 bits in PEM";
    } else {
        why_unusable_ = "has the type " + type + " with the scheme " + scheme_ + ", which this program does not know";
    }
    if (why_unusable_.empty()) key_ = std::make_shared<Handle>(Handle{std::move(read)});
    ERR_clear_error();
}

bool PublicKey::verifies(std::string_view message, std::string_view signature_hex) const {
    const std::optional<std::string> signature = from_hex(signature_hex);
    if (!key_ || !signature || signature->empty()) return false;
    // OpenSSL takes a shorter one too, where it only lacks zeros in front: one signature would have several texts.
    if (scheme_ == "rsassa-pss-sha256" && signature->size() != std::size_t(EVP_PKEY_get_size(key_->key.get())))
        return false;
    const std::unique_ptr<EVP_MD_CTX, Deleter> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr; // belongs to the context
    const EVP_MD* digest = scheme_ == "ed25519" ? nullptr : EVP_sha256();
    bool good = context && EVP_DigestVerifyInit(context.get(), &parameters, digest, nullptr, key_->key.get()) == 1;
    if (good && scheme_ == "rsassa-pss-sha256")
        good = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_AUTO) == 1;
    good = good && EVP_DigestVerify(context.get(), bytes_of(*signature), signature->size(), bytes_of(message),
                                    message.size()) == 1;
    ERR_clear_error();
    return good;
}

bool PublicKey::same_key(const PublicKey& other) const {
    if (!key_ || !other.key_) return id_ == other.id_;
    return EVP_PKEY_eq(key_->key.get(), other.key_->key.get()) == 1;
}

std::int64_t count_good_signatures(std::string_view message, const std::vector<Signature>& signatures,
                                   const RoleKeys& role, const KeyMap& keys) {
    std::vector<const PublicKey*> counted;
    for (const Signature& signature : signatures) {
        if (std::int64_t(counted.size()) >= role.threshold) break;
        if (std::find(role.keyids.begin(), role.keyids.end(), signature.keyid) == role.keyids.end()) continue;
        const auto key = keys.find(signature.keyid);
        if (key == keys.end()) continue;
        const bool seen = std::any_of(counted.begin(), counted.end(),
                                      [&](const PublicKey* other) { return other->same_key(key->second); });
        if (!seen && key->second.verifies(message, signature.hex)) counted.push_back(&key->second);
    }
    return std::int64_t(counted.size());
}

} // namespace autodeploy
