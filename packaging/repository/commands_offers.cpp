#include "packaging/repository/command.h"

#include "installer/repository/metadata.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy::publisher {

namespace {

ClientVersion known_version(Context& context, const std::string& value) {
    const auto version = parse_client_version(value);
    if (!version) throw Error("usage", "'" + value + "' is no version: expected V.R.M.F, as 8.1.27.0");
    for (const AvailablePackage& package : context.draft.packages())
        if (package.manifest.release == *version) return *version;
    throw Error("not_found", "cannot use " + value + ": no package of that version was added");
}

std::string why(Context& context) {
    return context.line.value("reason", "no reason was given");
}

Approval approval(Context& context) {
    return {context.who, context.draft.clock().now()};
}

void record(Context& context, const std::string& action, const std::string& what) {
    Json detail;
    detail["what"] = what;
    if (context.line.has("change")) detail["change"] = context.line.value("change");
    context.draft.audit(context.who, action, detail);
    context.say(action + ": " + what + "; publish to make it so");
}

} // namespace

void release(Context& context) {
    Offer offer;
    offer.release = known_version(context, context.line.operands[0]);
    for (const AvailablePackage& package : context.draft.packages())
        if (package.manifest.release == offer.release && package.manifest.way_back_only)
            throw Error("way_back", "cannot offer " + text(offer.release) + ": " + package.file.path +
                                        " was added as a way back only");
    offer.channel = context.line.value("channel", "stable");
    offer.platforms = context.line.values("platform");
    offer.nodes = context.line.values("nodes");
    offer.share = std::stoi(context.line.value("share", "100"));
    if (offer.share < 0 || offer.share > 100) throw Error("usage", "--share is a percentage from 0 to 100");
    offer.change = context.line.value("change");
    offer.approved_one_way = context.line.values("one-way");
    Offers offers = context.draft.offers();
    // The same offer again is another share, or one more person who says yes.
    const auto same = std::find_if(offers.offers.begin(), offers.offers.end(), [&](const Offer& other) {
        return other.release == offer.release && other.channel == offer.channel && other.nodes == offer.nodes &&
               other.platforms == offer.platforms;
    });
    if (same != offers.offers.end()) {
        offer.approvals = same->approvals;
        *same = offer;
        same->approvals.push_back(approval(context));
    } else {
        offer.approvals.push_back(approval(context));
        offers.offers.push_back(offer);
    }
    context.draft.set_offers(offers);
    record(context, "release",
           text(offer.release) + " in channel " + offer.channel + " to " + std::to_string(offer.share) + " %");
}

void arm(Context& context) {
    ArmRule rule;
    const auto mode = parse_mode(context.line.operands[0]);
    if (!mode || *mode == Mode::follow) throw Error("usage", "expected 'arm armed' or 'arm observe'");
    rule.mode = *mode;
    rule.channel = context.line.value("channel");
    rule.platforms = context.line.values("platform");
    rule.nodes = context.line.values("nodes");
    Offers offers = context.draft.offers();
    std::erase_if(offers.arm, [&](const ArmRule& other) {
        return other.channel == rule.channel && other.platforms == rule.platforms && other.nodes == rule.nodes;
    });
    offers.arm.push_back(rule);
    context.draft.set_offers(offers);
    record(context, "arm", text(rule.mode) + (rule.nodes.empty() ? " for all nodes" : " for " + rule.nodes.front()));
}

void halt(Context& context) {
    HaltedRelease halted;
    halted.release = known_version(context, context.line.operands[0]);
    halted.platforms = context.line.values("platform");
    halted.reason = why(context);
    halted.approval = approval(context);
    Halt all = context.draft.halt();
    all.releases.push_back(halted);
    context.draft.set_halt(all);
    record(context, "halt", text(halted.release) + ": " + halted.reason);
}

void resume(Context& context) {
    const ClientVersion version = known_version(context, context.line.operands[0]);
    Halt all = context.draft.halt();
    if (std::erase_if(all.releases, [&](const HaltedRelease& halted) { return halted.release == version; }) == 0)
        throw Error("not_found", "cannot resume " + text(version) + ": it is not halted");
    context.draft.set_halt(all);
    record(context, "resume", text(version));
}

void recall(Context& context) {
    if (!context.line.has("to")) throw Error("usage", "recall needs --to VERSION, the release to go back to");
    Recall recall;
    recall.from = known_version(context, context.line.operands[0]);
    recall.to = known_version(context, context.line.value("to"));
    if (!(recall.to < recall.from))
        throw Error("usage", "a recall goes down: --to must be older than what is recalled");
    recall.platforms = context.line.values("platform");
    recall.reason = why(context);
    recall.change = context.line.value("change");
    recall.approvals.push_back(approval(context));
    Offers offers = context.draft.offers();
    std::erase_if(offers.recalls, [&](const Recall& other) {
        return other.from == recall.from && other.platforms == recall.platforms;
    });
    offers.recalls.push_back(recall);
    context.draft.set_offers(offers);
    record(context, "recall", text(recall.from) + " back to " + text(recall.to) + ": " + recall.reason);
}

void freeze(Context& context) {
    Freeze freeze;
    freeze.from = read_date(context.line.operands[0]);
    freeze.to = read_date(context.line.operands[1]);
    if (freeze.to <= freeze.from) throw Error("usage", "a freeze ends after it begins");
    freeze.channels = context.line.values("channel");
    freeze.reason = why(context);
    freeze.approval = approval(context);
    Halt all = context.draft.halt();
    all.freezes.push_back(freeze);
    context.draft.set_halt(all);
    record(context, "freeze", utc_text(freeze.from) + " to " + utc_text(freeze.to) + ": " + freeze.reason);
}

} // namespace autodeploy::publisher
