#pragma once

#include "installer/json.h"
#include "platform/file_system.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Whatever can sign: a key file here; a token would be another one.
class Signer {
  public:
    Signer() = default;
    Signer(const Signer&) = delete;
    Signer& operator=(const Signer&) = delete;
    virtual ~Signer() = default;

    /// The key object as metadata lists it.
    virtual const Json& public_key() const = 0;
    /// The signature in hex. Throws Error signing_failed.
    virtual std::string sign(std::string_view message) = 0;
};

/// Asked for once for all key files, and only if a key is needed. Throws Error passphrase_missing.
using Passphrase = std::function<std::string()>;

/// A passphrase of a prompt on the terminal; twice for a new one. Throws Error passphrase_missing where there is no
/// terminal.
std::string prompt_for_passphrase(bool is_new);

/// How dear each guess of a passphrase is to somebody who has stolen a key file.
struct KeyProtection {
    int iterations = 600000; ///< of PBKDF2 with HMAC-SHA256; the file says it, so it can grow
};

/// Makes an ed25519 key in DIRECTORY/NAME-KEYID8.pem (encrypted PKCS#8, mode 0600) and its public part beside it
/// (.pub.json). Never overwrites. Returns the public key object.
Json make_key_file(FileSystem& files, const std::string& directory, const std::string& name,
                   const Passphrase& passphrase, const KeyProtection& protection);

/// The ids of all keys whose files lie in the directory.
std::vector<std::string> key_ids_in(FileSystem& files, const std::string& directory);

/// The signers of those keys whose files lie in the directory. What is not there is not returned; a file that cannot be
/// decrypted throws Error key_unreadable.
std::vector<std::unique_ptr<Signer>> find_signers(FileSystem& files, const std::string& directory,
                                                  const std::vector<std::string>& key_ids,
                                                  const Passphrase& passphrase);

} // namespace autodeploy
