#pragma once

#include "installer/json.h"
#include "installer/package/offers.h"
#include "packaging/repository/signer.h"
#include "platform/clock.h"
#include "platform/file_system.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// The repository as its publisher works on it, in one folder:
///   published/metadata, published/targets   what any web server offers; a reader at any moment sees a consistent state
///   staged/ROLE.json                        the next version of a role, with the signatures that it has so far
///   keys/                                   key files, unless they live elsewhere
///   repository.json                         how long each role is valid
///   audit.jsonl                             who did what, when, with which change
/// A role is staged by the first change since it was published: its version is one higher, its expiry counts from then
/// on. Any change drops the signatures. Errors: not_a_repository, role_unknown, and those of FileSystem.
class Draft {
  public:
    Draft(FileSystem& files, Clock& clock, std::string directory);

    const std::string& directory() const { return directory_; }
    std::string metadata_directory() const { return directory_ + "/published/metadata"; }
    std::string targets_directory() const { return directory_ + "/published/targets"; }
    bool exists() const;
    void require() const; ///< Error not_a_repository

    /// root, timestamp, snapshot, targets and all delegated roles, in the order of publishing.
    std::vector<std::string> roles() const;
    /// The signed part as it is staged, else as it was published.
    Json signed_part(const std::string& role) const;
    bool is_staged(const std::string& role) const;
    /// The whole file: signed and signatures.
    Json staged(const std::string& role) const;
    std::optional<Json> published(const std::string& role) const;

    /// Stages the role with this content, one version above the published one; version and expiry are set here.
    void stage(const std::string& role, Json signed_part);
    void write_signatures(const std::string& role, const Json& file);
    void unstage(const std::string& role);

    /// Key ids and threshold of a role, as root or targets list them now (staged), or as the published root did.
    Json role_keys(const std::string& role) const;
    std::vector<std::string> signing_key_ids(const std::string& role) const;

    /// Puts a small file under the role as a target; its content lies in published/targets under its hash at once,
    /// where nobody looks for it before the role is published.
    void put_target(const std::string& role, const std::string& path, const std::string& content);
    /// A file that is already in published/targets.
    void list_target(const std::string& role, const std::string& path, const std::string& sha256, std::uint64_t length,
                     Json custom);
    void drop_target(const std::string& role, const std::string& path);

    Offers offers() const;
    void set_offers(const Offers& offers);
    Halt halt() const;
    void set_halt(const Halt& halt);

    /// Packages that are listed, by their platform's role.
    std::vector<AvailablePackage> packages() const;

    std::int64_t days_valid(const std::string& role) const;
    void set_days_valid(const std::string& role, std::int64_t days);
    /// Whether the version was ever offered to anybody, as the audit tells.
    bool was_released(const ClientVersion& version) const;
    /// Each line of the audit until one says that it is enough (false); of one that a crash has torn its bytes instead.
    void read_audit(const std::function<bool(const Json&)>& line,
                    const std::function<void(const std::string&)>& torn) const;
    /// When the audit begins; nothing where there is none.
    std::optional<UnixTime> made_at() const;
    void audit(const std::string& who, const std::string& action, const Json& detail);
    std::string audit_path() const { return directory_ + "/audit.jsonl"; }

    Clock& clock() { return clock_; }
    FileSystem& files() { return files_; }

  private:
    std::string staged_path(const std::string& role) const;
    /// A file of the repository; what is wrong with it names it.
    Json read_file(const std::string& path) const;
    std::string target_content(const std::string& role, const std::string& path) const;

    FileSystem& files_;
    Clock& clock_;
    std::string directory_;
};

/// Makes the directory and its parents, readable for everybody: a web server gives it out.
void make_public_directory(FileSystem& files, const std::string& path);

/// The file's bytes and nothing else of it, beside its new place and then renamed: ours, and readable for everybody.
void copy_public_file(FileSystem& files, const std::string& from, const std::string& to);

/// "packages/linux-x86_64/8.1.27.0-….tar" with its hash before the last name, as consistent snapshots want it.
std::string hashed_name(const std::string& path, const std::string& sha256);

/// The roles in which packages are listed: the delegated ones but for releases and halt.
bool is_platform_role(const std::string& role);

} // namespace autodeploy
