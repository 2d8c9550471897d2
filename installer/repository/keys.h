#pragma once

#include "installer/json.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// The id of a key: SHA-256, in hex, of the canonical form of the whole key object, unknown fields included.
std::string key_id(const Json& key);

/// A public key as metadata lists it. Scheme, type and curve belong together: ed25519 with ed25519, ecdsa on P-256 with
/// ecdsa-sha2-nistp256, rsa of 2048 to 8192 bits with rsassa-pss-sha256. Any other key is kept but verifies nothing.
class PublicKey {
  public:
    /// Errors: metadata_malformed (no key object), keyid_mismatch (id is not the id of this key).
    PublicKey(const std::string& id, const Json& key);

    const std::string& id() const { return id_; }
    /// Whether it can verify at all; if not, why.
    bool usable() const { return key_ != nullptr; }
    const std::string& why_unusable() const { return why_unusable_; }
    /// False for whatever is not a good signature: not hex, empty, of another key, damaged. Throws nothing for these.
    bool verifies(std::string_view message, std::string_view signature_hex) const;
    /// The same public key, whatever its id and its encoding.
    bool same_key(const PublicKey& other) const;

  private:
    struct Handle;
    std::string id_;
    std::string scheme_;
    std::string why_unusable_;
    std::shared_ptr<const Handle> key_;
};

using KeyMap = std::map<std::string, PublicKey>; ///< by id

/// Who may sign a role, and how many of them must.
struct RoleKeys {
    std::vector<std::string> keyids;
    std::int64_t threshold = 1;

    bool operator==(const RoleKeys&) const = default;
};

struct Signature {
    std::string keyid;
    std::string hex;
};

/// How many different keys of the role made a good signature. Unknown keys and bad signatures are not counted, nor is
/// one public key twice, whatever ids it goes by. Stops counting at the threshold.
std::int64_t count_good_signatures(std::string_view message, const std::vector<Signature>& signatures,
                                   const RoleKeys& role, const KeyMap& keys);

} // namespace autodeploy
