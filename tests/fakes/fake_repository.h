#pragma once

#include "installer/json.h"
#include "installer/repository/transport.h"
#include "platform/time_units.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// A key pair of a test repository.
class SigningKey {
  public:
    /// Always the same key for the same name.
    static SigningKey ed25519(const std::string& name);
    /// A new one each time. group: "P-256", …
    static SigningKey ecdsa(const std::string& group = "P-256");
    static SigningKey rsa(int bits = 2048);
    /// Has the form of a public key of that many bits, and signs nothing.
    static SigningKey rsa_of_no_use(int bits);

    /// The key object of metadata; tests may change it, and id() follows.
    Json object;
    std::string id() const;
    /// In hex, by object's scheme.
    std::string sign(const std::string& message) const;
    std::string pem() const;

  private:
    struct Handle;
    std::shared_ptr<Handle> key_;
};

/// What a repository holds; tests change all of it.
struct RepositoryContent {
    /// The signed parts, by role; "root", "timestamp", "snapshot", "targets" and the delegated ones.
    std::map<std::string, Json> roles;
    /// Who signs a role when it is published.
    std::map<std::string, std::vector<SigningKey>> signers;
    /// What the server offers.
    std::map<std::string, std::string> metadata_files;
    std::map<std::string, std::string> target_files;
    /// Names asked for, in order; targets as "target/PATH".
    std::vector<std::string> requests;
    bool hashes_of_metadata = false;                          ///< in snapshot and timestamp
    std::function<void(const std::string& file)> before_each; ///< may throw
    std::string name_ = "the fake repository";
};

/// A repository of The Update Framework that tests can bend: it keeps the signed parts as JSON, signs what is
/// published, and is the transport to itself. Made valid: versions 1, all roles with one ed25519 key, threshold 1.
class FakeRepository : public Transport, public RepositoryContent {
  public:
    explicit FakeRepository(UnixTime now);
    FakeRepository(const FakeRepository& other) : Transport(), RepositoryContent(other) {}

    /// Bytes of a role as of now, signed by its signers, not published.
    std::string bytes(const std::string& role) const;
    std::string wrap(const Json& signed_part, const std::vector<SigningKey>& keys) const;

    void add_target(const std::string& role, const std::string& path, const std::string& content,
                    const Json& custom = nullptr);
    /// Delegates to a role that is made if it is new, with a key of its own ("KEY of ROLE").
    Json& delegate(const std::string& delegator, const std::string& role, const std::vector<std::string>& paths,
                   bool terminating = false);
    /// Lets these keys, instead of those before, sign a top-level role.
    void set_keys(const std::string& role, const std::vector<SigningKey>& keys, int threshold);

    /// Publishes one role as it stands, and enters it where it is listed.
    void put(const std::string& role);
    /// The next version of these roles, of the snapshot and of the timestamp.
    void publish(const std::vector<std::string>& changed = {"targets"});
    /// The next root, signed by signers["root"] (set those before and after a change of keys).
    void publish_root();

    const std::string& name() const override { return name_; }
    std::optional<std::string> metadata(const std::string& file_name, std::uint64_t cap) override;
    bool target(const TargetRequest& request, TargetSink& sink) override;

  private:
    std::string file_of(const std::string& role) const;
    void enter(const std::string& list, const std::string& role);
};

} // namespace autodeploy
