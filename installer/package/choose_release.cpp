#include "installer/package/offers.h"

#include "installer/client/ascii.h"
#include "installer/patterns.h"
#include "platform/digest.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

namespace autodeploy {

namespace {

bool listed(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// An empty list means everybody.
bool applies(const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || listed(names, name);
}

/// The client's nodes as the server shows them, each once, in one order everywhere.
std::vector<std::string> sorted_nodes(const std::vector<std::string>& names) {
    std::set<std::string> sorted;
    for (const std::string& name : names)
        sorted.insert(upper_case(name));
    return {sorted.begin(), sorted.end()};
}

/// The first node that no pattern names, or null. One node's absence refuses the whole client.
const std::string* node_outside(const std::vector<std::string>& patterns, const std::vector<std::string>& nodes) {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&patterns](const std::string& node) {
        return std::none_of(patterns.begin(), patterns.end(),
                            [&node](const std::string& pattern) { return matches_node(pattern, node); });
    });
    return found == nodes.end() ? nullptr : &*found;
}

bool fits_nodes(const std::vector<std::string>& patterns, const std::vector<std::string>& nodes) {
    return patterns.empty() || (!nodes.empty() && node_outside(patterns, nodes) == nullptr);
}

struct Refusal {
    std::string cause;
    std::string reason;
};

/// Why this offer is not for this client; nothing if it is.
std::optional<Refusal> refused_by_offer(const Offer& offer, const std::string& channel,
                                        const std::vector<std::string>& nodes) {
    if (offer.channel != channel)
        return Refusal{"not_offered", "is offered in channel " + offer.channel + ", this client follows " + channel};
    if (!offer.nodes.empty()) {
        if (nodes.empty())
            return Refusal{"node_excluded", "is offered to some nodes, and this client has no node name"};
        if (const std::string* outside = node_outside(offer.nodes, nodes))
            return Refusal{"node_excluded", "is offered to some nodes, and " + *outside + " is none of them"};
    }
    if (offer.share == 100) return std::nullopt;
    if (nodes.empty())
        return Refusal{"not_in_share",
                       "is offered to " + std::to_string(offer.share) + " %, and this client has no node name"};
    const int number = share_number(nodes.front(), offer.release);
    if (number < offer.share * 100) return std::nullopt;
    return Refusal{"not_in_share", "is offered to " + std::to_string(offer.share) + " % so far; " + nodes.front() +
                                       " follows when the share is over " + std::to_string(number / 100) + " %"};
}

std::optional<Refusal> refused_by_level(const Manifest& manifest, const ClientVersion& installed) {
    if (manifest.from_at_least && installed < *manifest.from_at_least)
        return Refusal{"level_not_supported", "can be installed over " + text(*manifest.from_at_least) +
                                                  " or later, and " + text(installed) +
                                                  " is older; go to a release in between first"};
    if (manifest.from_at_most && *manifest.from_at_most < installed)
        return Refusal{"level_not_supported", "can be installed over " + text(*manifest.from_at_most) +
                                                  " at most, and " + text(installed) + " is installed"};
    return std::nullopt;
}

/// Every edge that covers the level must be approved; those that are crossed with approval are noted.
std::optional<Refusal> refused_by_edges(const Manifest& manifest, const ClientVersion& level,
                                        const std::vector<std::string>& by_settings,
                                        const std::vector<std::string>& by_publisher,
                                        std::vector<std::string>& crossed) {
    for (const OneWayEdge& edge : manifest.one_way_edges) {
        if (!edge.covers(level) || listed(crossed, edge.id)) continue;
        if (!listed(by_settings, edge.id) && !listed(by_publisher, edge.id))
            return Refusal{"one_way_not_approved", "crosses the one-way edge " + edge.id + " (" + edge.reason +
                                                       "), which neither settings nor offer approve"};
        crossed.push_back(edge.id);
    }
    return std::nullopt;
}

/// Walks from the best package to the worst and takes the first that nothing speaks against.
class Chooser {
  public:
    Chooser(const ChoiceInput& input, const Offers& offers, const Halt& halt,
            const std::vector<AvailablePackage>& available)
        : input_(input), offers_(offers), halt_(halt), nodes_(sorted_nodes(input.node_names)) {
        for (const AvailablePackage& package : available)
            if (package.manifest.product == input.product && package.manifest.platform == input.platform)
                packages_.push_back(&package);
        std::stable_sort(packages_.begin(), packages_.end(), [](const AvailablePackage* a, const AvailablePackage* b) {
            return std::tie(b->manifest.release, b->manifest.bits) < std::tie(a->manifest.release, a->manifest.bits);
        });
        choice_.channel = input.channel;
    }

    Choice choose() {
        choice_.mode =
            effective_mode(input_.mode, offers_, input_.channel, input_.platform, nodes_, choice_.mode_reason);
        say((choice_.mode == Mode::observe ? "observes only: " : "") + choice_.mode_reason);
        if (!input_.installed) {
            stay("no_client", "no client was found, and this agent never installs one anew");
        } else if (const Recall* recall = recall_of(*input_.installed)) {
            go_down(*recall);
        } else {
            go_up();
        }
        return std::move(choice_);
    }

  private:
    void say(const std::string& line) { choice_.why.push_back(line); }

    void stay(const std::string& cause, const std::string& line) {
        say(line);
        choice_.cause = cause;
    }

    const Recall* recall_of(const ClientVersion& release) const {
        const auto found = std::find_if(offers_.recalls.begin(), offers_.recalls.end(), [&](const Recall& recall) {
            return recall.from == release && applies(recall.platforms, input_.platform);
        });
        return found == offers_.recalls.end() ? nullptr : &*found;
    }

    const AvailablePackage* package_of(const ClientVersion& release) const {
        const auto found =
            std::find_if(packages_.begin(), packages_.end(),
                         [&release](const AvailablePackage* package) { return package->manifest.release == release; });
        return found == packages_.end() ? nullptr : *found;
    }

    std::optional<Refusal> refused_by_people(const ClientVersion& release) const {
        if (input_.pin && *input_.pin != release)
            return Refusal{"pinned", "is not the release that the setting pin names (" + text(*input_.pin) + ")"};
        if (const auto stop = stopped(halt_, release, input_.platform, input_.channel, input_.now))
            return Refusal{stop->cause, stop->reason};
        return std::nullopt;
    }

    void take(const AvailablePackage& package, std::vector<std::string> crossed) {
        choice_.package = package;
        choice_.crossed_one_way = std::move(crossed);
        for (const std::string& edge : choice_.crossed_one_way)
            say("the one-way edge " + edge + " is crossed: approved");
    }

    void go_down(const Recall& recall) {
        const std::string name = text(recall.to);
        say(text(recall.from) + " is recalled to " + name + (recall.reason.empty() ? "" : ": " + recall.reason));
        if (input_.wanted && *input_.wanted != recall.to)
            return stay("release_recalled", text(*input_.wanted) + " was asked for, but the recall leads to " + name);
        if (const auto refusal = refused_by_people(recall.to))
            return stay(refusal->cause, name + " " + refusal->reason);
        const AvailablePackage* package = package_of(recall.to);
        if (package == nullptr)
            return stay("no_package_for_platform",
                        "the repository has no package of " + name + " for " + input_.platform);
        // An edge is crossed downwards as well: what one cannot undo from below cannot be left from above.
        std::vector<std::string> crossed;
        const AvailablePackage* current = package_of(*input_.installed);
        for (const auto& [manifest, level] :
             {std::pair{&package->manifest, *input_.installed},
              std::pair{current == nullptr ? nullptr : &current->manifest, recall.to}}) {
            if (manifest == nullptr) continue;
            if (const auto refusal =
                    refused_by_edges(*manifest, level, input_.approved_one_way, recall.approved_one_way, crossed))
                return stay(refusal->cause, name + " " + refusal->reason);
        }
        choice_.recall = true;
        choice_.change = recall.change;
        choice_.approvals = recall.approvals;
        say("goes down from " + text(recall.from) + " to " + name);
        take(*package, std::move(crossed));
    }

    /// The first offer of that release that lets this client in; else why the last one of them did not.
    const Offer* offer_for(const ClientVersion& release, std::optional<Refusal>& refusal) const {
        refusal = Refusal{"not_offered", "is offered to nobody"};
        for (const Offer& offer : offers_.offers) {
            if (offer.release != release || !applies(offer.platforms, input_.platform)) continue;
            const std::optional<Refusal> reason = refused_by_offer(offer, input_.channel, nodes_);
            if (!reason) {
                refusal.reset();
                return &offer;
            }
            // Of several reasons the one that is nearest to a yes is told.
            if (refusal->cause == "not_offered" || reason->cause == "not_in_share") refusal = reason;
        }
        return nullptr;
    }

    std::optional<Refusal> try_up(const AvailablePackage& package) {
        const Manifest& manifest = package.manifest;
        if (manifest.way_back_only) return Refusal{"not_offered", "is kept for the way back only"};
        if (const Recall* recall = recall_of(manifest.release))
            return Refusal{"release_recalled", "was recalled to " + text(recall->to)};
        std::optional<Refusal> refusal;
        const Offer* offer = offer_for(manifest.release, refusal);
        if (offer == nullptr) return refusal;
        if ((refusal = refused_by_people(manifest.release))) return refusal;
        if ((refusal = refused_by_level(manifest, *input_.installed))) return refusal;
        std::vector<std::string> crossed;
        if ((refusal = refused_by_edges(manifest, *input_.installed, input_.approved_one_way, offer->approved_one_way,
                                        crossed)))
            return refusal;
        say("goes from " + text(*input_.installed) + " to " + text(manifest.release) + ", offered in channel " +
            offer->channel + (offer->change.empty() ? "" : " by change " + offer->change));
        choice_.change = offer->change;
        choice_.approvals = offer->approvals;
        take(package, std::move(crossed));
        return std::nullopt;
    }

    void go_up() {
        const ClientVersion installed = *input_.installed;
        if (input_.wanted && *input_.wanted < installed)
            return stay("downgrade_refused", text(*input_.wanted) + " is older than what is installed (" +
                                                 text(installed) + "): only a signed recall or rollback go down");
        if (input_.wanted && *input_.wanted == installed)
            return stay("up_to_date", text(installed) + " was asked for and is installed");
        if (packages_.empty())
            return stay("no_package_for_platform", "the repository has no package for " + input_.platform);
        std::string first_cause;
        for (const AvailablePackage* package : packages_) {
            const ClientVersion& release = package->manifest.release;
            if (release <= installed) break;
            if (input_.wanted && *input_.wanted != release) continue;
            const std::optional<Refusal> refusal = try_up(*package);
            if (!refusal) return;
            say(text(release) + " " + refusal->reason);
            // What was never meant for this client does not make it out of date.
            if (first_cause.empty() && !package->manifest.way_back_only) first_cause = refusal->cause;
        }
        if (input_.wanted && package_of(*input_.wanted) == nullptr)
            return stay("no_package_for_platform",
                        "the repository has no package of " + text(*input_.wanted) + " for " + input_.platform);
        if (first_cause.empty()) return stay("up_to_date", text(installed) + " is installed, nothing newer is there");
        choice_.cause = first_cause;
        say("stays at " + text(installed));
    }

    const ChoiceInput& input_;
    const Offers& offers_;
    const Halt& halt_;
    std::vector<std::string> nodes_;
    std::vector<const AvailablePackage*> packages_; ///< of this product and platform, newest first, 64 bit first
    Choice choice_;
};

} // namespace

Choice choose_release(const ChoiceInput& input, const Offers& offers, const Halt& halt,
                      const std::vector<AvailablePackage>& available) {
    return Chooser(input, offers, halt, available).choose();
}

std::optional<Stopped> stopped(const Halt& halt, const ClientVersion& release, const std::string& platform,
                               const std::string& channel, UnixTime now) {
    for (const HaltedRelease& halted : halt.releases)
        if (halted.release == release && applies(halted.platforms, platform))
            return Stopped{"release_halted", "was halted by " + halted.approval.by + " at " +
                                                 utc_text(halted.approval.at) +
                                                 (halted.reason.empty() ? "" : ": " + halted.reason)};
    for (const Freeze& freeze : halt.freezes)
        if (freeze.from <= now && now < freeze.to && applies(freeze.channels, channel))
            return Stopped{"frozen", "cannot start during the freeze from " + utc_text(freeze.from) + " to " +
                                         utc_text(freeze.to) + (freeze.reason.empty() ? "" : ": " + freeze.reason)};
    return std::nullopt;
}

Mode effective_mode(Mode setting, const Offers& offers, const std::string& channel, const std::string& platform,
                    const std::vector<std::string>& node_names, std::string& reason) {
    if (setting == Mode::observe) {
        reason = "the setting mode says so";
        return Mode::observe;
    }
    const std::vector<std::string> nodes = sorted_nodes(node_names);
    bool armed = setting == Mode::armed;
    for (const ArmRule& rule : offers.arm) {
        if (!rule.channel.empty() && rule.channel != channel) continue;
        if (!applies(rule.platforms, platform)) continue;
        // A rule that holds back is heeded if any node of this client is named; one that arms must name them all.
        const bool any =
            rule.nodes.empty() || std::any_of(nodes.begin(), nodes.end(), [&rule](const std::string& node) {
                return node_outside(rule.nodes, {node}) == nullptr;
            });
        if (rule.mode == Mode::observe && any) {
            reason = "the publisher's rule `observe` for " + whom(rule) + " says so";
            return Mode::observe;
        }
        if (rule.mode == Mode::armed && fits_nodes(rule.nodes, nodes)) armed = true;
    }
    if (!armed)
        reason = "the setting mode is follow, and the publisher has not armed this client";
    else
        reason = setting == Mode::armed ? "the setting mode is armed" : "the publisher has armed this client";
    return armed ? Mode::armed : Mode::observe;
}

int share_number(const std::string& node_name, const ClientVersion& release) {
    const std::string hash = sha256_hex("share\n" + upper_case(node_name) + "\n" + text(release));
    std::uint64_t number = 0;
    std::from_chars(hash.data(), hash.data() + 12, number, 16);
    return int(number % 10000);
}

bool matches_node(const std::string& pattern, const std::string& node_name) {
    return fits_pattern(upper_case(pattern), upper_case(node_name));
}

} // namespace autodeploy
