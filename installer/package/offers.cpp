#include "installer/package/offers.h"

#include "installer/package/strict_fields.h"
#include "platform/error.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

constexpr std::size_t most_rules = 4096;
constexpr std::size_t most_approvals = 64;

const FieldOrigin offers_origin{"offers_malformed", "the offers"};
const FieldOrigin halt_origin{"halt_malformed", "the halt list"};
const std::vector<std::string_view> rule_modes{"observe", "armed"};

void put_text(Json& json, const char* key, const std::string& text) {
    if (!text.empty()) json[key] = text;
}

void put_texts(Json& json, const char* key, const std::vector<std::string>& texts) {
    if (!texts.empty()) json[key] = texts;
}

Json approval_json(const Approval& approval) {
    Json json;
    json["by"] = approval.by;
    json["at"] = utc_text(approval.at);
    return json;
}

Approval read_approval(StrictFields& fields) {
    Approval approval;
    approval.by = fields.text("by");
    approval.at = fields.time("at");
    return approval;
}

void put_approvals(Json& json, const std::vector<Approval>& approvals) {
    if (approvals.empty()) return;
    Json::Array entries;
    for (const Approval& approval : approvals)
        entries.push_back(approval_json(approval));
    json["approvals"] = entries;
}

std::vector<Approval> read_approvals(StrictFields& fields) {
    std::vector<Approval> approvals;
    fields.optional_each("approvals", most_approvals,
                         [&](StrictFields& entry) { approvals.push_back(read_approval(entry)); });
    return approvals;
}

Json offer_json(const Offer& offer) {
    Json json;
    json["release"] = text(offer.release);
    json["channel"] = offer.channel;
    put_texts(json, "platforms", offer.platforms);
    put_texts(json, "nodes", offer.nodes);
    json["share"] = offer.share;
    put_text(json, "change", offer.change);
    put_approvals(json, offer.approvals);
    put_texts(json, "approved_one_way", offer.approved_one_way);
    put_text(json, "notes", offer.notes);
    return json;
}

Offer read_offer(StrictFields& fields) {
    Offer offer;
    offer.release = fields.version("release");
    offer.channel = fields.text("channel");
    offer.platforms = fields.optional_texts("platforms");
    offer.nodes = fields.optional_texts("nodes");
    offer.share = int(fields.number("share", 0, 100));
    offer.change = fields.optional_text("change");
    offer.approvals = read_approvals(fields);
    offer.approved_one_way = fields.optional_texts("approved_one_way");
    offer.notes = fields.optional_text("notes");
    return offer;
}

Json recall_json(const Recall& recall) {
    Json json;
    json["from"] = text(recall.from);
    json["to"] = text(recall.to);
    put_texts(json, "platforms", recall.platforms);
    put_text(json, "reason", recall.reason);
    put_text(json, "change", recall.change);
    put_approvals(json, recall.approvals);
    put_texts(json, "approved_one_way", recall.approved_one_way);
    return json;
}

Recall read_recall(StrictFields& fields) {
    Recall recall;
    recall.from = fields.version("from");
    recall.to = fields.version("to");
    if (recall.to >= recall.from) fields.fail("to", "a recall leads to an older release");
    recall.platforms = fields.optional_texts("platforms");
    recall.reason = fields.optional_text("reason");
    recall.change = fields.optional_text("change");
    recall.approvals = read_approvals(fields);
    recall.approved_one_way = fields.optional_texts("approved_one_way");
    return recall;
}

Json arm_json(const ArmRule& rule) {
    Json json;
    json["mode"] = rule_modes.at(rule.mode == Mode::armed ? 1 : 0);
    put_text(json, "channel", rule.channel);
    put_texts(json, "platforms", rule.platforms);
    put_texts(json, "nodes", rule.nodes);
    return json;
}

ArmRule read_arm(StrictFields& fields) {
    ArmRule rule;
    rule.mode = fields.one_of("mode", rule_modes) == 1 ? Mode::armed : Mode::observe;
    rule.channel = fields.optional_text("channel");
    rule.platforms = fields.optional_texts("platforms");
    rule.nodes = fields.optional_texts("nodes");
    return rule;
}

template<class T, class Write> Json list_json(const std::vector<T>& values, Write write) {
    Json::Array array;
    for (const T& value : values)
        array.push_back(write(value));
    return array;
}

void check_format(StrictFields& fields, int known, const char* cause, const char* subject) {
    const std::uint64_t format = fields.number("format", 1, 1000000);
    if (format != std::uint64_t(known))
        throw Error(cause, std::string("cannot use ") + subject + ": the format is " + std::to_string(format) +
                               ", this agent knows format " + std::to_string(known) + "; update the agent first");
}

/// Two recalls of one release to different ones would let the order of lines decide.
void check_recalls(const std::vector<Recall>& recalls) {
    const auto overlap = [](const Recall& a, const Recall& b) {
        return a.platforms.empty() || b.platforms.empty() ||
               std::any_of(a.platforms.begin(), a.platforms.end(), [&b](const std::string& platform) {
                   return std::find(b.platforms.begin(), b.platforms.end(), platform) != b.platforms.end();
               });
    };
    for (std::size_t i = 0; i < recalls.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (recalls[i].from == recalls[k].from && overlap(recalls[i], recalls[k]))
                offers_origin.fail("recalls[" + std::to_string(i) + "].from", text(recalls[i].from) +
                                                                                  " is recalled by recalls[" +
                                                                                  std::to_string(k) + "] already");
}

} // namespace

std::string text(Mode mode) {
    return mode == Mode::observe ? "observe" : mode == Mode::armed ? "armed" : "follow";
}

std::optional<Mode> parse_mode(std::string_view text) {
    if (text == "observe") return Mode::observe;
    if (text == "armed") return Mode::armed;
    if (text == "follow") return Mode::follow;
    return std::nullopt;
}

std::string whom(const ArmRule& rule) {
    const auto list = [](const std::string& what, const std::vector<std::string>& texts) {
        std::string all;
        for (const std::string& text : texts)
            all += (all.empty() ? what : ", ") + text;
        return all;
    };
    std::string text;
    for (const std::string& part : {list("the nodes ", rule.nodes), list("the platforms ", rule.platforms),
                                    rule.channel.empty() ? "" : "channel " + rule.channel})
        if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
    return text.empty() ? "all" : text;
}

Json offers_json(const Offers& offers) {
    Json json;
    json["format"] = Offers::format;
    json["offers"] = list_json(offers.offers, offer_json);
    json["recalls"] = list_json(offers.recalls, recall_json);
    json["arm"] = list_json(offers.arm, arm_json);
    return json;
}

Offers offers_from_json(const Json& json) {
    StrictFields fields(json, offers_origin, "");
    check_format(fields, Offers::format, "offers_too_new", "the offers");
    Offers offers;
    fields.optional_each("offers", most_rules,
                         [&](StrictFields& entry) { offers.offers.push_back(read_offer(entry)); });
    fields.optional_each("recalls", most_rules,
                         [&](StrictFields& entry) { offers.recalls.push_back(read_recall(entry)); });
    fields.optional_each("arm", most_rules, [&](StrictFields& entry) { offers.arm.push_back(read_arm(entry)); });
    fields.finish();
    check_recalls(offers.recalls);
    return offers;
}

Json halt_json(const Halt& halt) {
    Json json;
    json["format"] = Halt::format;
    json["releases"] = list_json(halt.releases, [](const HaltedRelease& halted) {
        Json entry;
        entry["release"] = text(halted.release);
        put_texts(entry, "platforms", halted.platforms);
        put_text(entry, "reason", halted.reason);
        entry["approval"] = approval_json(halted.approval);
        return entry;
    });
    json["freezes"] = list_json(halt.freezes, [](const Freeze& freeze) {
        Json entry;
        entry["from"] = utc_text(freeze.from);
        entry["to"] = utc_text(freeze.to);
        put_texts(entry, "channels", freeze.channels);
        put_text(entry, "reason", freeze.reason);
        entry["approval"] = approval_json(freeze.approval);
        return entry;
    });
    return json;
}

Halt halt_from_json(const Json& json) {
    StrictFields fields(json, halt_origin, "");
    check_format(fields, Halt::format, "halt_too_new", "the halt list");
    Halt halt;
    fields.optional_each("releases", most_rules, [&](StrictFields& entry) {
        HaltedRelease& halted = halt.releases.emplace_back();
        halted.release = entry.version("release");
        halted.platforms = entry.optional_texts("platforms");
        halted.reason = entry.optional_text("reason");
        entry.object("approval", [&](StrictFields& approval) { halted.approval = read_approval(approval); });
    });
    fields.optional_each("freezes", most_rules, [&](StrictFields& entry) {
        Freeze& freeze = halt.freezes.emplace_back();
        freeze.from = entry.time("from");
        freeze.to = entry.time("to");
        if (freeze.to <= freeze.from) entry.fail("to", "it is not later than from");
        freeze.channels = entry.optional_texts("channels");
        freeze.reason = entry.optional_text("reason");
        entry.object("approval", [&](StrictFields& approval) { freeze.approval = read_approval(approval); });
    });
    fields.finish();
    return halt;
}

} // namespace autodeploy
