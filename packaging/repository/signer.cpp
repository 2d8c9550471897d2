#include "packaging/repository/signer.h"

#include "installer/repository/keys.h"
#include "platform/error.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>
#include <array>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_key_file = 64 << 10;
constexpr std::size_t shortest_passphrase = 8;

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

std::string openssl_reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason != nullptr ? reason : "OpenSSL gives no reason";
}

std::string hex(const unsigned char* bytes, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) {
        text += "0123456789abcdef"[bytes[i] >> 4];
        text += "0123456789abcdef"[bytes[i] & 15];
    }
    return text;
}

Json public_object(EVP_PKEY* key) {
    std::array<unsigned char, 32> raw{};
    std::size_t size = raw.size();
    if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size())
        throw Error("key_unreadable", "cannot use the key: it is not an ed25519 key");
    Json object;
    object["keytype"] = "ed25519";
    object["scheme"] = "ed25519";
    object["keyval"]["public"] = hex(raw.data(), raw.size());
    return object;
}

class FileSigner : public Signer {
  public:
    FileSigner(Key key, Json object) : key_(std::move(key)), object_(std::move(object)) {}

    const Json& public_key() const override { return object_; }

    std::string sign(std::string_view message) override {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        std::array<unsigned char, 64> signature{};
        std::size_t size = signature.size();
        if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
            EVP_DigestSign(context.get(), signature.data(), &size,
                           reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
            throw Error("signing_failed", "cannot sign: " + openssl_reason());
        return hex(signature.data(), size);
    }

  private:
    Key key_;
    Json object_;
};

/// OpenSSL's own shorthand would use 2048 iterations.
bool write_encrypted(BIO* bio, EVP_PKEY* key, const std::string& secret, int iterations) {
    const std::unique_ptr<PKCS8_PRIV_KEY_INFO, decltype(&PKCS8_PRIV_KEY_INFO_free)> plain(EVP_PKEY2PKCS8(key),
                                                                                          PKCS8_PRIV_KEY_INFO_free);
    if (!plain) return false;
    const std::unique_ptr<X509_SIG, decltype(&X509_SIG_free)> encrypted(
        PKCS8_encrypt(-1, EVP_aes_256_cbc(), secret.data(), int(secret.size()), nullptr, 0, iterations, plain.get()),
        X509_SIG_free);
    return encrypted && PEM_write_bio_PKCS8(bio, encrypted.get()) == 1;
}

Bio memory_of(const std::string& text) {
    return Bio(BIO_new_mem_buf(text.data(), int(text.size())));
}

/// The public key of a key file, as it stands beside it.
Json read_public_key(FileSystem& files, const std::string& path) {
    try {
        return parse_json(files.read(path, largest_key_file));
    } catch (const Error& error) {
        throw Error("key_unreadable", "cannot use the public key " + path + ": " + error.what() +
                                          "; put it back from a copy, or take it and its .pem out of the folder");
    }
}

} // namespace

std::string prompt_for_passphrase(bool is_new) {
    std::array<char, 1024> buffer{};
    const char* prompt = is_new ? "New passphrase for the keys: " : "Passphrase of the keys: ";
    if (EVP_read_pw_string_min(buffer.data(), is_new ? int(shortest_passphrase) : 1, int(buffer.size()) - 1, prompt,
                               is_new ? 1 : 0) != 0)
        throw Error("passphrase_missing",
                    "cannot ask for the passphrase: there is no terminal, or the two did not agree; use "
                    "--passphrase-file FILE (mode 600) or --passphrase-fd");
    std::string text = buffer.data();
    OPENSSL_cleanse(buffer.data(), buffer.size());
    return text;
}

Json make_key_file(FileSystem& files, const std::string& directory, const std::string& name,
                   const Passphrase& passphrase, const KeyProtection& protection) {
    const std::string secret = passphrase();
    if (secret.size() < shortest_passphrase)
        throw Error("passphrase_missing", "cannot protect the key: the passphrase has fewer than " +
                                              std::to_string(shortest_passphrase) + " characters");
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (!key) throw Error("signing_failed", "cannot make a key: " + openssl_reason());
    const Bio bio(BIO_new(BIO_s_mem()));
    if (!write_encrypted(bio.get(), key.get(), secret, protection.iterations))
        throw Error("signing_failed", "cannot encrypt the key: " + openssl_reason());
    const char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    Json object = public_object(key.get());
    const std::string path = directory + "/" + name + "-" + key_id(object).substr(0, 8);
    if (files.status(path + ".pem")) throw Error("key_exists", "cannot write the key: " + path + ".pem exists");
    files.make_private_directory(directory);
    files.write_durably(path + ".pem", std::string_view(bytes, std::size_t(size)), 0600);
    files.write_durably(path + ".pub.json", pretty_json(object), 0644);
    return object;
}

std::vector<std::string> key_ids_in(FileSystem& files, const std::string& directory) {
    std::vector<std::string> ids;
    if (!files.status(directory)) return ids;
    for (const std::string& name : files.list(directory))
        if (name.ends_with(".pub.json")) ids.push_back(key_id(read_public_key(files, directory + "/" + name)));
    return ids;
}

std::vector<std::unique_ptr<Signer>> find_signers(FileSystem& files, const std::string& directory,
                                                  const std::vector<std::string>& key_ids,
                                                  const Passphrase& passphrase) {
    std::vector<std::unique_ptr<Signer>> signers;
    if (!files.status(directory)) return signers;
    for (const std::string& name : files.list(directory)) {
        if (!name.ends_with(".pub.json")) continue;
        const Json object = read_public_key(files, directory + "/" + name);
        if (std::find(key_ids.begin(), key_ids.end(), key_id(object)) == key_ids.end()) continue;
        const std::string path = directory + "/" + name.substr(0, name.size() - 9) + ".pem";
        if (!files.status(path)) continue;
        const std::string pem = files.read(path, largest_key_file);
        if (pem.find("-----BEGIN ") == std::string::npos)
            throw Error("key_unreadable",
                        "cannot use " + path + ": there is no key in it; put it back from a copy, or replace the key");
        std::string secret = passphrase();
        Key key(PEM_read_bio_PrivateKey(memory_of(pem).get(), nullptr, nullptr, secret.data()));
        if (!key)
            throw Error("key_unreadable",
                        "cannot decrypt " + path + ": " + openssl_reason() + "; is the passphrase right?");
        if (public_object(key.get()) != object)
            throw Error("key_unreadable", "cannot use " + path + ": it is not the private key of the file beside it");
        signers.push_back(std::make_unique<FileSigner>(std::move(key), object));
    }
    return signers;
}

} // namespace autodeploy
