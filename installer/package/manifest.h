#pragma once

#include "installer/client/versions.h"
#include "installer/json.h"
#include "platform/package.h"
#include "platform/prerequisite.h"
#include "platform/time_units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

enum class PayloadUse {
    required,     ///< part of every update
    if_installed, ///< updated where it is installed, else left alone
    support,      ///< no package of its own: a file that an installer wants beside the others (a transform, a cabinet)
    prerequisite, ///< the installer of a runtime, run before the client is stopped where that is missing or older
};

/// A file in the update package that may be written to disk; whatever else the archive holds is passed over.
/// An installation image that holds several packages (AIX filesets) stands here once for each of them: same path,
/// sha256 and size, other name.
struct Payload {
    std::string path;       ///< inside the archive, names joined by '/': "TSMClient/1033.mst"
    std::string sha256;     ///< of the file, lowercase hex
    std::uint64_t size = 0; ///< bytes of the file
    PackageId id;           ///< as the native tool will show it; a prerequisite's own; empty for PayloadUse::support
    std::string digest;     ///< InstalledPackage::digest once it is installed; empty where none can be told
    std::uint64_t installed_bytes = 0; ///< on the client's file systems
    PayloadUse use = PayloadUse::required;
    bool shared = false;                    ///< belongs to other products as well (GSKit, runtimes): never lowered
    std::vector<std::string> prerequisites; ///< packages that its own header asks for, as the header writes them
    std::optional<Prerequisite> how;        ///< PayloadUse::prerequisite only: to be installed, and told

    bool operator==(const Payload&) const = default;
};

/// Whether it is for the native installer to install: neither a prerequisite, which has an installer of its own, nor
/// what only lies beside others.
bool is_package(const Payload& payload);

/// Coming from one of these levels there is no way back by old packages alone.
struct OneWayEdge {
    std::string id; ///< what approvals name: "session-security"
    ClientVersion from_at_least;
    ClientVersion from_at_most; ///< inclusive
    std::string reason;         ///< what cannot be undone
    std::string cure;           ///< what a person does if it has to be undone; may be empty

    bool covers(const ClientVersion& from) const { return from_at_least <= from && from <= from_at_most; }
    bool operator==(const OneWayEdge&) const = default;
};

enum class SignatureResult {
    verified, ///< every payload that is installed carries a signature of a pinned signer
    absent,   ///< this kind of package carries none (deb, AIX): only the publisher vouches for the bytes
    waived,   ///< missing, or not of a pinned signer, and somebody answered for it
};

/// What became of the vendor's own signature when the publisher added the package.
struct VendorSignature {
    SignatureResult result = SignatureResult::absent;
    std::string signer; ///< fingerprint or subject; verified only
    std::string waived_by;
    std::string waiver_reason;

    bool operator==(const VendorSignature&) const = default;
};

/// A condition on the machine or the server that the native packages do not check themselves.
struct PackageRequirement {
    std::string fact;     ///< "server_level", "distribution", …: a name that preflight knows; unknown ones block
    std::string at_least; ///< in the fact's own form
    std::string reason;

    bool operator==(const PackageRequirement&) const = default;
};

/// What the signed metadata says about one update package: the `custom` object of its target. Everything that the agent
/// must know before it opens the file.
struct Manifest {
    /// 2 has prerequisites; a manifest without any is written as 1, which older agents read.
    static constexpr int format = 2;

    std::string product; ///< "backup-archive-client"
    ClientVersion release;
    std::string platform;  ///< the delegated role that may list it: "linux-x86_64", "linux-x86_64-deb", "aix", …
    std::string installer; ///< NativeInstaller::name(): "rpm", "dpkg", "installp", "msi"
    int bits = 64;         ///< of the client's programs after the update
    std::optional<ClientVersion>
        from_at_least; ///< levels it may be updated from; both inclusive; no matter to a recall
    std::optional<ClientVersion> from_at_most;
    std::vector<Payload> payloads;
    /// Packages that must be gone afterwards: names of an older layout that this release replaces.
    std::vector<std::string> absent;
    std::vector<PackageRequirement> requirements;
    std::vector<OneWayEdge> one_way_edges;
    VendorSignature signature;
    bool way_back_only = false;       ///< kept to return to; never offered
    std::uint64_t entries = 0;        ///< members of the archive, all of them
    std::uint64_t unpacked_bytes = 0; ///< of all members together, written or not: reading stops there
    std::string notes;                ///< for people

    /// Bytes that staging will take.
    std::uint64_t staged_bytes() const;
    /// The edge that covers this level, or null.
    const OneWayEdge* one_way_from(const ClientVersion& level) const;
    bool operator==(const Manifest&) const = default;
};

/// A name for people: "backup-archive-client 8.1.27.0 for linux-x86_64".
std::string text(const Manifest& manifest);

/// What a publisher says by hand of prerequisites in a package: {"prerequisites": […]}, payloads as a manifest has
/// them, without "use", "sha256" and "size". Throws Error manifest_malformed.
std::vector<Payload> prerequisites_from_json(const Json& json);

/// Writes what manifest_from_json reads.
Json manifest_json(const Manifest& manifest);

/// Strict: an unknown key could be a restriction that this agent does not understand, so it refuses. Throws Error
/// manifest_malformed with the path of the field ("payloads[2].sha256"), manifest_too_new for another format.
Manifest manifest_from_json(const Json& custom);

/// Whether a path may stand in an archive or a manifest at all, on any system. Nothing if so, else why not: absolute,
/// "..", drive, backslash, colon, reserved name of Windows, blank or dot at the end of a name, control character, not
/// UTF-8, longer than 1024 bytes, deeper than 32.
std::optional<std::string> unsafe_member_name(const std::string& path);

} // namespace autodeploy
