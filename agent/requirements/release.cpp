#include "agent/requirements/requirement_table.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "installer/client/products.h"
#include "installer/client/upgrade_edges.h"
#include "installer/package/native_versions.h"
#include "installer/patterns.h"

#include <algorithm>
#include <array>
#include <set>

namespace autodeploy {

namespace {

void release_fits(const Detection& detection, const PreflightInput& input, Findings& findings) {
    const Manifest& release = *input.release;
    if (detection.platform.empty()) {
        findings.cannot_tell("the client's platform is not known", "see the requirement packages-known");
    } else if (release.platform != detection.platform || release.installer != detection.installer) {
        findings.not_met("the package is for " + release.platform + " (" + release.installer + "), this client is " +
                             detection.platform + " (" + detection.installer + ")",
                         "add the vendor's package for " + detection.platform + " to the repository");
    } else {
        findings.met(release.platform);
    }
}

void level_supported(const Detection& detection, const PreflightInput& input, Findings& findings) {
    if (!detection.database_version) {
        findings.cannot_tell("the installed level is not known", "see the requirement packages-known");
        return;
    }
    const ClientVersion& installed = *detection.database_version;
    // Deployment by the server never went below these levels.
    const ClientVersion lowest =
        detection.host.system == "windows" ? ClientVersion{5, 4, 0, 0} : ClientVersion{5, 5, 0, 0};
    const ClientVersion from = std::max(input.release->from_at_least.value_or(lowest), lowest);
    if (installed < from) {
        findings.not_met("installed is " + text(installed) + ", the release wants at least " + text(from),
                         "update to a level between by hand, or offer such a one first");
    } else if (input.release->from_at_most && *input.release->from_at_most < installed) {
        findings.not_met("installed is " + text(installed) + ", the release wants at most " +
                             text(*input.release->from_at_most),
                         "offer a release that may be installed over " + text(installed));
    } else {
        findings.met(text(installed));
    }
}

void no_downgrade(const Detection& detection, const PreflightInput& input, Findings& findings) {
    if (!detection.database_version) return;
    const std::string step = text(*detection.database_version) + " → " + text(input.release->release);
    if (input.release->release >= *detection.database_version) {
        findings.met(step);
    } else if (input.way_down_allowed) {
        findings.met(step + ", allowed by a recall or a rollback");
    } else {
        findings.not_met(step, "recall the installed release in the repository if clients shall go back");
    }
}

/// Edges in the direction of going, told by the manifest or known here; the same id counts once.
void one_way(const Detection& detection, const PreflightInput& input, Findings& findings) {
    if (!detection.database_version) return;
    const ClientVersion& from = *detection.database_version;
    const ClientVersion& to = input.release->release;
    std::set<std::string> seen;
    const auto judge = [&](const std::string& id, const std::string& reason, const std::string& cure) {
        if (!seen.insert(id).second) return;
        const bool approved =
            std::find(input.approved_one_way.begin(), input.approved_one_way.end(), id) != input.approved_one_way.end();
        const std::string step = text(from) + " → " + text(to) + " crosses " + id;
        if (approved) {
            findings.met(step + ", approved");
        } else {
            findings.not_met(step + ": " + reason, "approve " + id +
                                                       " in the settings (approved_one_way) or in the offer" +
                                                       (cure.empty() ? "" : "; " + cure));
        }
    };
    if (from < to)
        for (const OneWayEdge& edge : input.release->one_way_edges)
            if (edge.covers(from)) judge(edge.id, edge.reason, edge.cure);
    for (const UpgradeEdge& edge : upgrade_edges()) {
        // Going down over such an edge is what the edge warns of.
        const bool crossed = from < to ? crosses(edge, detection.host.system, from, to)
                                       : to < from && crosses(edge, detection.host.system, to, from);
        if (edge.kind == EdgeKind::one_way && crossed)
            judge(std::string(edge.id), std::string(edge.reason), std::string(edge.mend));
    }
}

/// What of the client makes the edge concern it; nothing if it does not.
std::optional<std::string> edge_evidence(const UpgradeEdge& edge, const Detection& detection) {
    const std::string_view subject = edge.subject;
    const std::size_t separator = subject.find_first_of("=:");
    const std::string name(subject.substr(0, separator));
    const std::string value(separator == std::string_view::npos ? "" : subject.substr(separator + 1));
    switch (edge.condition) {
    case EdgeCondition::always:
        return std::string();
    case EdgeCondition::bits32:
        return detection.bits == 32 ? std::optional(detection.program) : std::nullopt;
    case EdgeCondition::option:
        for (const ClientService& service : detection.services)
            if (const EffectiveOption* option = service.options.find(name);
                option != nullptr && option->keyword == value)
                return option->evidence + ": " + name + " " + option->value;
        return std::nullopt;
    case EdgeCondition::package:
        for (const InstalledPackage& package : detection.packages)
            if (fits_pattern(subject, package.id.name)) return package.id.name;
        for (const OtherProduct& product : detection.other_products)
            if (fits_pattern("package " + std::string(subject) + "*", product.evidence)) return product.evidence;
        return std::nullopt;
    case EdgeCondition::fact: {
        const auto fact = detection.facts.find(name);
        if (fact == detection.facts.end() || fact->second != value) return std::nullopt;
        return name + " is " + value;
    }
    case EdgeCondition::file:
        for (const ClientFile& file : detection.files)
            if (file.kind == name && fits_pattern(value, lower_case(file_name(file.path)))) return file.path;
        return std::nullopt;
    }
    return std::nullopt;
}

void judge_edges(EdgeKind kind, const Detection& detection, const PreflightInput& input, Findings& findings) {
    if (!detection.database_version) return;
    for (const UpgradeEdge& edge : upgrade_edges()) {
        if (edge.kind != kind ||
            !crosses(edge, detection.host.system, *detection.database_version, input.release->release))
            continue;
        const std::optional<std::string> evidence = edge_evidence(edge, detection);
        if (!evidence) continue;
        findings.not_met(std::string(edge.id) + ": " + std::string(edge.reason) +
                             (evidence->empty() ? "" : " (" + *evidence + ")"),
                         std::string(edge.mend));
    }
}

void edge_open(const Detection& detection, const PreflightInput& input, Findings& findings) {
    judge_edges(EdgeKind::closed, detection, input, findings);
}

void edge_prepared(const Detection& detection, const PreflightInput& input, Findings& findings) {
    judge_edges(EdgeKind::prepare, detection, input, findings);
}

void edge_trouble(const Detection& detection, const PreflightInput& input, Findings& findings) {
    judge_edges(EdgeKind::watch, detection, input, findings);
}

void server_level(const Detection& detection, const PreflightInput& input, Findings& findings) {
    // From memory of the vendor's compatibility tables: a client works with servers of its own version and the one
    // before.
    const ClientVersion wanted{input.release->release.version - 1, 1, 0, 0};
    if (!detection.server_version) {
        findings.cannot_tell("nothing on this machine tells the level of the backup server",
                             "see that the server is " + text(wanted) + " or newer", Severity::note);
    } else if (*detection.server_version < wanted) {
        findings.not_met("the server is " + text(*detection.server_version),
                         "update the server first: clients of this release want " + text(wanted) + " or newer");
    } else {
        findings.met("the server is " + text(*detection.server_version));
    }
}

/// "rhel 8.10" against "rhel 9": the names must be the same to be compared.
std::optional<bool> at_least_distribution(const std::string& found, const std::string& wanted) {
    const std::size_t blank = wanted.rfind(' ');
    const std::size_t found_blank = found.rfind(' ');
    if (blank == std::string::npos || found_blank == std::string::npos ||
        !same_ignoring_case(found.substr(0, found_blank), wanted.substr(0, blank)))
        return std::nullopt;
    return compare_native_versions(found.substr(found_blank + 1), wanted.substr(blank + 1)) >= 0;
}

void package_requirements(const Detection& detection, const PreflightInput& input, Findings& findings) {
    for (const PackageRequirement& wanted : input.release->requirements) {
        const std::string told = wanted.fact + " at least " + wanted.at_least + " (" + wanted.reason + ")";
        if (wanted.fact == "server_level") {
            const std::optional<ClientVersion> level = parse_client_version(wanted.at_least);
            if (!detection.server_version || !level) {
                findings.cannot_tell(told + ": nothing on this machine tells it", "see that the server is new enough",
                                     Severity::warning);
            } else if (*detection.server_version < *level) {
                findings.not_met(told + ": it is " + text(*detection.server_version), "update the server first");
            } else {
                findings.met(told);
            }
        } else if (wanted.fact == "distribution") {
            const std::optional<bool> enough = at_least_distribution(detection.host.distribution, wanted.at_least);
            if (!enough.value_or(true)) {
                findings.not_met(told + ": it is " + detection.host.distribution, "update the system first");
            } else {
                findings.met(told);
            }
        } else {
            findings.not_met("the package asks for " + told + ", which this agent does not know",
                             "update the agent before this release is offered to it");
        }
    }
}

void vendor_signature(const Detection&, const PreflightInput& input, Findings& findings) {
    const VendorSignature& signature = input.release->signature;
    switch (signature.result) {
    case SignatureResult::verified:
        findings.met("verified when it was published: " + signature.signer);
        return;
    case SignatureResult::absent:
        if (input.vendor_signature == SignaturePolicy::verified) {
            findings.not_met("packages of this kind carry no signature of the vendor",
                             "set vendor_signature to no_waiver or as_published if the publisher's word is enough");
        } else {
            findings.met("packages of this kind carry none; the publisher vouches for the bytes");
        }
        return;
    case SignatureResult::waived:
        if (input.vendor_signature == SignaturePolicy::as_published) {
            findings.met("waived by " + signature.waived_by + ": " + signature.waiver_reason);
        } else {
            findings.not_met(
                "waived by " + signature.waived_by + ": " + signature.waiver_reason,
                "publish the package with its signature verified, or set vendor_signature to as_published");
        }
        return;
    }
}

void shared_parts(const Detection& detection, const PreflightInput& input, Findings& findings) {
    if (!input.target) return;
    for (const PackageFile& file : input.target->present)
        for (const InstalledPackage& package : detection.packages) {
            const ClientPackageRow* row = find_client_package(detection.installer, package.id.name);
            if (package.id.name != file.id.name || row == nullptr || row->part != PackagePart::shared) continue;
            const std::string step = package.id.name + " " + package.id.version + " → " + file.id.version;
            if (compare_native_versions(file.id.version, package.id.version) >= 0) {
                findings.met(step);
            } else {
                findings.not_met(step, "leave the newer one in place: other products may need it");
            }
        }
}

/// One that is missing or older is no hindrance: it is installed first. It is one only where that alone will not do.
void prerequisites(const Detection&, const PreflightInput& input, Findings& findings) {
    if (!input.prerequisites) {
        const std::vector<Payload>& payloads = input.release->payloads;
        if (std::any_of(payloads.begin(), payloads.end(),
                        [](const Payload& payload) { return payload.use == PayloadUse::prerequisite; }))
            findings.cannot_tell("they were not looked for yet", "", Severity::note);
        return;
    }
    for (const FoundPrerequisite& found : *input.prerequisites) {
        const PackageId& wanted = found.payload.id;
        const std::string name = wanted.name + " (" + wanted.architecture + ")";
        const std::string there = found.installed.value_or("");
        if (!found.unreadable.empty()) {
            findings.cannot_tell(name + ": " + found.unreadable, "see that the registry can be read",
                                 Severity::blocker);
        } else if (found.need() == PrerequisiteNeed::met) {
            findings.met(name + " " + there);
        } else if (found.need() == PrerequisiteNeed::unknown) {
            findings.cannot_tell(
                name + " is there and does not tell its version (\"" + there + "\"); " + wanted.version + " is wanted",
                "it is left alone; install " + wanted.version + " by hand if the client does not run", Severity::note);
        } else {
            const std::string step = name + (found.installed ? " is " + there : " is missing") + "; " + wanted.version;
            if (found.waiting.empty()) {
                findings.not_met(step + " is installed before the client is stopped",
                                 "nothing: the agent installs it, and it stays whatever becomes of the update");
            } else {
                findings.not_met(step + " is wanted, and " + listed(found.waiting),
                                 "restart the machine: files of the runtime wait for it", Severity::blocker);
            }
        }
    }
}

void way_back_at_hand(const Detection&, const PreflightInput& input, Findings& findings) {
    const std::optional<Severity> weight =
        input.allow_without_way_back ? std::optional(Severity::warning) : std::nullopt;
    const std::string mend = "publish the packages of the installed release with add --way-back-only, or set "
                             "allow_without_way_back";
    if (!input.way_back) {
        findings.cannot_tell("the packages of the installed release were not looked for yet", "", Severity::note);
    } else if (!input.way_back->complete()) {
        findings.not_met(listed(input.way_back->differences), mend, weight);
    } else {
        findings.met(input.way_back->by_level_only
                         ? "the packages of the installed release are at hand, told by their level only"
                         : "the packages of the installed release are at hand, equal by digest");
    }
}

constexpr std::array table{
    RequirementRow{"release-fits-platform", "the release is made for this platform", Severity::blocker, true, false,
                   true, release_fits},
    RequirementRow{"level-supported", "the release may be installed over the installed level", Severity::blocker, true,
                   false, true, level_supported},
    RequirementRow{"no-downgrade", "the release is not older than what is installed", Severity::blocker, true, false,
                   true, no_downgrade},
    RequirementRow{"one-way-edges", "no step is taken unapproved from which old packages alone lead not back",
                   Severity::blocker, true, false, true, one_way},
    RequirementRow{"edge-open", "the step from the installed level is not a closed one", Severity::blocker, true, false,
                   true, edge_open},
    RequirementRow{"edge-prepared", "what this step needs beforehand is done", Severity::blocker, false, false, true,
                   edge_prepared},
    RequirementRow{"edge-known-trouble", "this step has no known trouble", Severity::warning, false, false, true,
                   edge_trouble},
    RequirementRow{"server-level", "the backup server is new enough for the release", Severity::warning, false, false,
                   true, server_level},
    RequirementRow{"package-requirements", "what the package's manifest asks for is there", Severity::blocker, true,
                   false, true, package_requirements},
    RequirementRow{"vendor-signature", "the vendor's signature is as the settings want it", Severity::blocker, true,
                   false, true, vendor_signature},
    RequirementRow{"shared-parts", "no shared part is lowered", Severity::blocker, true, false, true, shared_parts},
    RequirementRow{"prerequisites", "the runtimes that the release needs are there", Severity::note, false, false, true,
                   prerequisites},
    RequirementRow{"way-back", "there is a way back to exactly what is installed", Severity::blocker, true, false, true,
                   way_back_at_hand},
};

} // namespace

std::span<const RequirementRow> release_requirements() {
    return table;
}

} // namespace autodeploy
