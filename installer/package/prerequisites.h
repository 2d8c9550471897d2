#pragma once

#include "installer/package/staging.h"
#include "platform/prerequisite.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

struct Platform;

/// A prerequisite of a package, and what the machine has of it.
struct FoundPrerequisite {
    Payload payload;
    std::optional<std::string> installed; ///< as PrerequisiteInstaller has it
    std::vector<std::string> waiting;     ///< of its files, those that wait for a restart of the machine
    std::string unreadable;               ///< why the machine could not be asked; else empty

    PrerequisiteNeed need() const { return need_of(payload.id.version, installed); }
    /// Missing or older: to be installed before the client is stopped.
    bool is_needed() const;
    bool operator==(const FoundPrerequisite&) const = default;
};

/// Those of the manifest, in its order. Reads only; throws nothing but for a system that knows no prerequisites (Error
/// tool_missing).
std::vector<FoundPrerequisite> find_prerequisites(Platform& platform, const Manifest& manifest);

/// Bytes that those which are needed will take on the system's volume: installed, and Windows' copy of the installer.
std::uint64_t prerequisite_bytes(const std::vector<FoundPrerequisite>& found);

/// Those that are needed, where they were staged. Throws Error payload_missing, and the reason where one could not be
/// asked for.
std::vector<PrerequisiteFile> needed_prerequisites(const std::vector<FoundPrerequisite>& found,
                                                   const StagedRelease& staged);

} // namespace autodeploy
