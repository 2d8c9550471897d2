#include "packaging/repository/arm_rules.h"
#include "packaging/repository/command.h"

#include "installer/repository/metadata.h"
#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy::publisher {

namespace {

/// platform: empty for any.
bool is_added(const Context& context, const ClientVersion& version, const std::string& platform = {}) {
    const std::vector<AvailablePackage> packages = context.draft.packages();
    return std::any_of(packages.begin(), packages.end(), [&](const AvailablePackage& package) {
        return package.manifest.release == version && (platform.empty() || package.manifest.platform == platform);
    });
}

/// Of a version that was added, for each platform that the command names.
ClientVersion known_version(Context& context, const std::string& value) {
    const ClientVersion version = version_of(value);
    std::vector<std::string> platforms = context.line.values("platform");
    if (platforms.empty()) platforms.emplace_back();
    for (const std::string& platform : platforms)
        if (!is_added(context, version, platform))
            throw Error("not_found", "cannot use " + value + ": no package of that version" +
                                         (platform.empty() ? "" : " for " + platform) + " was added");
    return version;
}

/// A version that clients got elsewhere can be halted and recalled, too, but it may be a slip.
std::string unless_added(Context& context, const ClientVersion& version) {
    return is_added(context, version) || context.draft.was_released(version)
               ? ""
               : " (no package of " + text(version) + " was ever added here; a slip?)";
}

std::string why(Context& context) {
    return context.line.value("reason", "no reason was given");
}

Approval approval(Context& context) {
    return {context.who, context.draft.clock().now()};
}

/// more: what else the person has to know, behind what was done.
void record(Context& context, const std::string& action, const ClientVersion* release, const std::string& what,
            Json detail = {}, const std::string& more = {}) {
    detail["what"] = what;
    if (release != nullptr) detail["release"] = text(*release);
    if (context.line.has("change")) detail["change"] = context.line.value("change");
    const bool cancelled = context.line.has("cancel");
    if (cancelled) detail["cancelled"] = true;
    context.done(action, detail,
                 action + (cancelled ? " taken back: " : ": ") + what + "; publish to make it so" + more);
}

[[noreturn]] void nothing_to_cancel(const std::string& what) {
    throw Error("not_found", "cannot take back " + what + ": there is no such thing in force; see 'status'");
}

/// " of the nodes WEB*, DB1"; empty where it is not only for some.
std::string among(const std::string& what, const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? " of the " + what + " " : ", ") + name;
    return text;
}

/// With or without seconds.
UnixTime utc_moment(const std::string& text) {
    const bool to_the_minute = text.size() == std::string("2026-11-28T20:00Z").size() && text.ends_with('Z');
    return read_date(to_the_minute ? text.substr(0, text.size() - 1) + ":00Z" : text);
}

/// Whatever share, nodes and platforms it was offered with, unless these are named.
void withdraw(Context& context) {
    const ClientVersion version = version_of(context.line.operands[0]);
    Offers offers = context.draft.offers();
    const auto given = [&](const std::string& option, const std::vector<std::string>& values) {
        return !context.line.has(option) || context.line.values(option) == values;
    };
    const auto withdrawn = std::erase_if(offers.offers, [&](const Offer& offer) {
        return offer.release == version && given("channel", {offer.channel}) && given("nodes", offer.nodes) &&
               given("platform", offer.platforms);
    });
    if (withdrawn == 0) nothing_to_cancel("the offer of " + text(version));
    context.draft.set_offers(offers);
    record(context, "release", &version, text(version));
}

} // namespace

std::vector<std::string> known_platforms(const Draft& draft, const Invocation& line) {
    const std::vector<std::string> platforms = line.values("platform");
    const std::vector<std::string> roles = draft.roles();
    for (const std::string& platform : platforms)
        if (!is_platform_role(platform) || std::find(roles.begin(), roles.end(), platform) == roles.end())
            throw Error("not_found", "cannot use the platform '" + platform +
                                         "': the repository has none of that name; see 'status'");
    return platforms;
}

void release(Context& context) {
    Offer offer;
    if (context.line.has("cancel")) return withdraw(context);
    offer.release = known_version(context, context.line.operands[0]);
    // A 32-bit client of the same release may be there beside it, for the way back.
    std::vector<AvailablePackage> of_release = context.draft.packages();
    std::erase_if(of_release, [&](const AvailablePackage& each) { return each.manifest.release != offer.release; });
    if (std::all_of(of_release.begin(), of_release.end(),
                    [](const AvailablePackage& each) { return each.manifest.way_back_only; }))
        throw Error("way_back", "cannot offer " + text(offer.release) + ": " + of_release.front().file.path +
                                    " was added as a way back only");
    offer.channel = context.line.value("channel", "stable");
    offer.platforms = known_platforms(context.draft, context.line);
    offer.nodes = context.line.values("nodes");
    offer.share = int(number(context.line.value("share", "100"), 0, 100, "--share"));
    offer.notes = context.line.value("notes");
    offer.change = context.line.value("change");
    offer.approved_one_way = context.line.values("one-way");
    Offers offers = context.draft.offers();
    // The same offer again is another share, or one more person who says yes.
    const auto same = std::find_if(offers.offers.begin(), offers.offers.end(), [&](const Offer& other) {
        return other.release == offer.release && other.channel == offer.channel && other.nodes == offer.nodes &&
               other.platforms == offer.platforms;
    });
    if (same != offers.offers.end()) offer.approvals = same->approvals;
    std::erase_if(offer.approvals, [&](const Approval& earlier) { return earlier.by == context.who; });
    offer.approvals.push_back(approval(context));
    if (same != offers.offers.end())
        *same = offer;
    else
        offers.offers.push_back(offer);
    context.draft.set_offers(offers);
    record(context, "release", &offer.release,
           text(offer.release) + " in channel " + offer.channel + " to " + std::to_string(offer.share) + " %" +
               among("nodes", offer.nodes) + among("platforms", offer.platforms));
}

void arm(Context& context) {
    ArmRule rule;
    const auto mode = parse_mode(context.line.operands[0]);
    if (!mode || *mode == Mode::follow) throw Error("usage", "expected 'arm armed' or 'arm observe'");
    rule.mode = *mode;
    rule.channel = context.line.value("channel");
    rule.platforms = known_platforms(context.draft, context.line);
    rule.nodes = context.line.values("nodes");
    const bool cancel = context.line.has("cancel");
    Offers offers = context.draft.offers();
    const auto before = std::erase_if(offers.arm, [&](const ArmRule& other) {
        return same_clients(other, rule) && (!cancel || other.mode == rule.mode);
    });
    if (cancel && before == 0) nothing_to_cancel("the rule '" + in_words(rule) + "'");
    if (!cancel) offers.arm.push_back(rule);
    context.draft.set_offers(offers);

    // Another rule may go on saying what whoever typed this one believes to have changed.
    const bool armed = rule.mode == Mode::armed;
    const Mode contrary = armed == cancel ? Mode::armed : Mode::observe;
    const std::string meaning = cancel  ? "another rule still says so: "
                                : armed ? "but observe wins for clients of both: "
                                        : "without effect for clients of both: ";
    const std::string repository = context.line.has("repository") ? context.draft.directory() : "";
    Json detail;
    std::string more;
    Json::Array others;
    for (const ArmRule& other : meeting(rule, offers.arm, contrary)) {
        // That somebody is held back from what is for everybody is what was asked for.
        if (!armed && !cancel && same_clients(other, ArmRule{})) continue;
        const std::string command = command_that_cancels(other, repository);
        others.emplace_back(Json::Object{{"rule", in_words(other)}, {"cancelled_by", command}});
        more += "\n  " + meaning + in_words(other) + "; it is taken back by\n    " + command;
    }
    if (!others.empty()) detail["others"] = std::move(others);
    record(context, "arm", nullptr, in_words(rule), std::move(detail), more);
}

void halt(Context& context) {
    HaltedRelease halted;
    // Also one that was removed since: clients may have it already.
    halted.release = version_of(context.line.operands[0]);
    halted.platforms = known_platforms(context.draft, context.line);
    halted.reason = why(context);
    halted.approval = approval(context);
    Halt all = context.draft.halt();
    std::erase_if(all.releases, [&](const HaltedRelease& other) {
        return other.release == halted.release && other.platforms == halted.platforms;
    });
    all.releases.push_back(halted);
    context.draft.set_halt(all);
    record(context, "halt", &halted.release,
           text(halted.release) + ": " + halted.reason + unless_added(context, halted.release));
}

void resume(Context& context) {
    const ClientVersion version = version_of(context.line.operands[0]);
    Halt all = context.draft.halt();
    if (std::erase_if(all.releases, [&](const HaltedRelease& halted) { return halted.release == version; }) == 0)
        throw Error("not_found", "cannot resume " + text(version) + ": it is not halted");
    context.draft.set_halt(all);
    record(context, "resume", &version, text(version));
}

void recall(Context& context) {
    Recall recall;
    recall.from = version_of(context.line.operands[0]);
    recall.platforms = known_platforms(context.draft, context.line);
    Offers offers = context.draft.offers();
    const auto before = std::erase_if(offers.recalls, [&](const Recall& other) {
        return other.from == recall.from && other.platforms == recall.platforms;
    });
    if (context.line.has("cancel")) {
        if (before == 0) nothing_to_cancel("the recall of " + text(recall.from));
        context.draft.set_offers(offers);
        return record(context, "recall", &recall.from, text(recall.from));
    }
    if (!context.line.has("to")) throw Error("usage", "recall needs --to VERSION, the release to go back to");
    recall.to = known_version(context, context.line.value("to"));
    if (!(recall.to < recall.from))
        throw Error("usage", "a recall goes down: --to must be older than what is recalled");
    recall.reason = why(context);
    recall.change = context.line.value("change");
    recall.approvals.push_back(approval(context));
    recall.approved_one_way = context.line.values("one-way");
    offers.recalls.push_back(recall);
    context.draft.set_offers(offers);
    record(context, "recall", &recall.from,
           text(recall.from) + " back to " + text(recall.to) + ": " + recall.reason +
               unless_added(context, recall.from));
}

void freeze(Context& context) {
    Freeze freeze;
    try {
        freeze.from = utc_moment(context.line.operands[0]);
        freeze.to = utc_moment(context.line.operands[1]);
    } catch (const Error& error) {
        throw Error("usage", std::string("FROM and TO of a freeze are times in UTC, as 2026-12-20T00:00:00Z or "
                                         "2026-12-20T00:00Z: ") +
                                 error.what());
    }
    if (freeze.to <= freeze.from) throw Error("usage", "a freeze ends after it begins");
    freeze.channels = context.line.values("channel");
    Halt all = context.draft.halt();
    const auto before = std::erase_if(all.freezes, [&](const Freeze& other) {
        return other.from == freeze.from && other.to == freeze.to && other.channels == freeze.channels;
    });
    if (context.line.has("cancel")) {
        if (before == 0) nothing_to_cancel("the freeze from " + utc_text(freeze.from));
    } else {
        freeze.reason = why(context);
        freeze.approval = approval(context);
        all.freezes.push_back(freeze);
    }
    context.draft.set_halt(all);
    record(context, "freeze", nullptr,
           utc_text(freeze.from) + " to " + utc_text(freeze.to) + (freeze.reason.empty() ? "" : ": " + freeze.reason));
}

} // namespace autodeploy::publisher
