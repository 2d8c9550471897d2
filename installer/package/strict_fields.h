#pragma once

#include "installer/client/versions.h"
#include "installer/json.h"
#include "platform/time_units.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Whose fields are read: how errors about them are called.
struct FieldOrigin {
    std::string cause;   ///< "manifest_malformed"
    std::string subject; ///< "the manifest"

    /// "cannot use the manifest: payloads[2].sha256: …"
    [[noreturn]] void fail(const std::string& path, const std::string& why) const;
};

/// Takes the members of one JSON object, one by one, and then insists that none is left over. Every fault throws Error
/// with the origin's cause and the path of the member. Optional members that are missing give the default named.
class StrictFields {
  public:
    /// origin must outlive this.
    StrictFields(const Json& json, const FieldOrigin& origin, std::string path);

    /// Not empty, at most 4096 bytes, no control characters.
    std::string text(const std::string& key);
    std::string optional_text(const std::string& key);
    std::uint64_t number(const std::string& key, std::uint64_t lowest, std::uint64_t highest);
    std::uint64_t optional_number(const std::string& key, std::uint64_t otherwise, std::uint64_t lowest,
                                  std::uint64_t highest);
    bool optional_flag(const std::string& key);
    ClientVersion version(const std::string& key);
    std::optional<ClientVersion> optional_version(const std::string& key);
    UnixTime time(const std::string& key);
    /// The position of the text in names.
    std::size_t one_of(const std::string& key, const std::vector<std::string_view>& names);
    /// Each as text() takes it, none twice; missing: none.
    std::vector<std::string> optional_texts(const std::string& key);
    /// 64 digits.
    std::string sha256(const std::string& key);
    /// Calls read with each object of an array; missing: none.
    void optional_each(const std::string& key, std::size_t most, const std::function<void(StrictFields&)>& read);
    /// Calls read with an object.
    void object(const std::string& key, const std::function<void(StrictFields&)>& read);

    bool has(const std::string& key) const { return json_.find(key) != nullptr; }
    /// Throws if a member was never asked for.
    void finish() const;
    [[noreturn]] void fail(const std::string& key, const std::string& why) const;

  private:
    const Json& take(const std::string& key);
    const Json* take_optional(const std::string& key);
    std::string path_of(const std::string& key) const;
    std::string text_of(const Json& json, const std::string& key) const;
    std::uint64_t number_of(const Json& json, const std::string& key, std::uint64_t lowest,
                            std::uint64_t highest) const;

    const Json& json_;
    const FieldOrigin& origin_;
    std::string path_;
    std::set<std::string> taken_;
};

} // namespace autodeploy
