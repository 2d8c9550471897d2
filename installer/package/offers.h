#pragma once

#include "installer/client/versions.h"
#include "installer/json.h"
#include "installer/package/manifest.h"
#include "installer/repository/target_file.h"
#include "platform/time_units.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// observe: everything up to the plan, nothing is changed. armed: plans are applied. follow: as signed metadata says.
enum class Mode { observe, armed, follow };

std::string text(Mode mode);
std::optional<Mode> parse_mode(std::string_view text);

/// Who said yes, and when.
struct Approval {
    std::string by;
    UnixTime at = 0;
    bool operator==(const Approval&) const = default;
};

/// One release offered to some clients. Where several offers name the same release, one that fits is enough.
struct Offer {
    ClientVersion release;
    std::string channel = "stable";
    std::vector<std::string> platforms; ///< empty: all
    std::vector<std::string> nodes;     ///< patterns with * and ?, letter case ignored; empty: all
    int share = 100;                    ///< percent of the nodes that fit, 0 to 100
    std::string change;                 ///< change number of the site; may be empty
    std::vector<Approval> approvals;
    std::vector<std::string> approved_one_way; ///< ids of one-way edges that may be crossed
    std::string notes;
    bool operator==(const Offer&) const = default;
};

/// The only permission to go down. Clients at `from` go to `to`, and `from` is offered to nobody any more.
struct Recall {
    ClientVersion from;
    ClientVersion to;
    std::vector<std::string> platforms; ///< empty: all
    std::string reason;
    std::string change;
    std::vector<Approval> approvals;
    std::vector<std::string> approved_one_way;
    bool operator==(const Recall&) const = default;
};

/// Tells clients in mode `follow` whether they observe or act. A client that no rule fits observes; where several fit,
/// observe wins.
struct ArmRule {
    Mode mode = Mode::armed;            ///< armed or observe
    std::string channel;                ///< empty: all
    std::vector<std::string> platforms; ///< empty: all
    std::vector<std::string> nodes;     ///< empty: all
    bool operator==(const ArmRule&) const = default;
};

/// "all", or "the nodes WEB*, channel early".
std::string whom(const ArmRule& rule);

/// offers.json, under the role `releases`.
struct Offers {
    static constexpr int format = 1;
    std::vector<Offer> offers;
    std::vector<Recall> recalls;
    std::vector<ArmRule> arm;
    bool operator==(const Offers&) const = default;
};

struct HaltedRelease {
    ClientVersion release;
    std::vector<std::string> platforms; ///< empty: all
    std::string reason;
    Approval approval;
    bool operator==(const HaltedRelease&) const = default;
};

/// No client starts to change anything from `from` (inclusive) to `to` (exclusive).
struct Freeze {
    UnixTime from = 0;
    UnixTime to = 0;
    std::vector<std::string> channels; ///< empty: all
    std::string reason;
    Approval approval;
    bool operator==(const Freeze&) const = default;
};

/// halt.json, under the role `halt`.
struct Halt {
    static constexpr int format = 1;
    std::vector<HaltedRelease> releases;
    std::vector<Freeze> freezes;
    bool operator==(const Halt&) const = default;
};

Json offers_json(const Offers& offers);
Json halt_json(const Halt& halt);
/// Strict, as manifests are. Throw Error offers_malformed or halt_malformed with the path of the field, offers_too_new
/// or halt_too_new for another format.
Offers offers_from_json(const Json& json);
Halt halt_from_json(const Json& json);

/// A package that the repository has, as its signed target says.
struct AvailablePackage {
    TargetFile file;
    Manifest manifest;
    bool operator==(const AvailablePackage&) const = default;
};

/// What is known of this client when a release is chosen.
struct ChoiceInput {
    std::string product = "backup-archive-client";
    std::string platform;                   ///< Detection::platform
    std::optional<ClientVersion> installed; ///< nothing: no client was found, so nothing is chosen
    std::vector<std::string> node_names;    ///< of all its services; letter case and order do not matter
    std::string channel = "stable";
    std::optional<ClientVersion> pin;          ///< setting: go to this release and to no other
    std::optional<ClientVersion> wanted;       ///< a person asked for this release (`deploy --release`)
    std::vector<std::string> approved_one_way; ///< setting: ids of edges
    Mode mode = Mode::follow;
    UnixTime now = 0;
};

/// What this client shall do, and why, in lines that can be printed as they are.
struct Choice {
    std::optional<AvailablePackage> package; ///< nothing: stay
    bool recall = false;                     ///< the package is older than what is installed, and a recall says so
    Mode mode = Mode::observe;               ///< in force: observe or armed, never follow
    std::string mode_reason;                 ///< "the publisher's rule `observe` for the nodes WEB* says so"
    std::string channel;
    std::string change; ///< of the offer or recall that was taken
    std::vector<Approval> approvals;
    std::vector<std::string> crossed_one_way; ///< ids of edges that are crossed, approved
    /// With no package: "up_to_date" if nothing better is to be had at all; else what keeps the best one away:
    /// "no_client", "no_package_for_platform", "not_offered", "not_in_share", "node_excluded", "pinned",
    /// "level_not_supported", "one_way_not_approved", "release_halted", "release_recalled", "frozen",
    /// "downgrade_refused".
    std::string cause;
    std::vector<std::string> why;
    bool operator==(const Choice&) const = default;
};

/// Pure: the newest release that this client may take; a recall of the installed one comes first. `available` may hold
/// packages of any platform.
Choice choose_release(const ChoiceInput& input, const Offers& offers, const Halt& halt,
                      const std::vector<AvailablePackage>& available);

/// Why no change to a release may start.
struct Stopped {
    std::string cause;  ///< "release_halted" or "frozen"
    std::string reason; ///< to be read behind the release's name: "was halted by …"
    bool operator==(const Stopped&) const = default;
};
/// Read again right before the stop: nothing if a change to this release may start now.
std::optional<Stopped> stopped(const Halt& halt, const ClientVersion& release, const std::string& platform,
                               const std::string& channel, UnixTime now);

/// What is in force of the setting and the signed rules, and why.
Mode effective_mode(Mode setting, const Offers& offers, const std::string& channel, const std::string& platform,
                    const std::vector<std::string>& node_names, std::string& reason);

/// 0 to 9999, the same on every system and for ever: a client is in a share of P percent if its number is below P*100.
/// Node's letter case is ignored. Another order of clients for each release.
int share_number(const std::string& node_name, const ClientVersion& release);

/// * any characters, ? one; ASCII letter case ignored; the whole name.
bool matches_node(const std::string& pattern, const std::string& node_name);

} // namespace autodeploy
