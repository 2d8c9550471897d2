#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace autodeploy {

/// Hashes bytes as they arrive, with every known algorithm that a target names, in one pass.
class TargetDigests {
  public:
    /// expected: by algorithm, lowercase hex. Throws Error hash_unknown if none of them is known.
    explicit TargetDigests(const std::map<std::string, std::string>& expected);
    TargetDigests(const TargetDigests&) = delete;
    TargetDigests& operator=(const TargetDigests&) = delete;
    ~TargetDigests();

    void update(std::string_view bytes);
    /// SHA-256 of what came so far, lowercase hex; more may follow.
    std::string sha256_so_far() const;
    /// Whether every known hash is the expected one; more may follow.
    bool match() const;
    /// As if nothing had come.
    void reset();

  private:
    struct Contexts;
    std::map<std::string, std::string> expected_;
    std::unique_ptr<Contexts> contexts_;
};

} // namespace autodeploy
