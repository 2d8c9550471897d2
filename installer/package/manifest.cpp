#include "installer/package/manifest.h"

#include "installer/package/member_name.h"
#include "installer/package/strict_fields.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <map>

namespace autodeploy {

namespace {

constexpr std::size_t most_payloads = 512;
constexpr std::size_t most_rules = 256;
constexpr std::uint64_t most_bytes = std::uint64_t(1) << 40;
constexpr std::uint64_t most_entries = 1000000;

constexpr int format_without_prerequisites = 1;

const std::vector<std::string_view> payload_uses{"required", "if_installed", "support", "prerequisite"};
const std::vector<std::string_view> prerequisite_kinds{"vc_redist", "vc_redist_2010", "spinstall", "msi"};
const std::vector<std::string_view> signature_results{"verified", "absent", "waived"};
const std::vector<std::string_view> installers{"rpm", "dpkg", "installp", "msi"};

const FieldOrigin origin{"manifest_malformed", "the manifest"};

bool is_prerequisite(const Payload& payload) {
    return payload.use == PayloadUse::prerequisite;
}

Json how_json(const Prerequisite& how) {
    Json json;
    json["kind"] = prerequisite_kinds.at(std::size_t(how.kind));
    json["keys"] = how.keys;
    if (!how.display_name.empty()) json["display_name"] = how.display_name;
    if (!how.installed_value.empty()) json["installed_value"] = how.installed_value;
    json["version_value"] = how.version_value;
    if (!how.files.empty()) json["files"] = how.files;
    return json;
}

Prerequisite read_how(StrictFields& fields) {
    Prerequisite how;
    how.kind = PrerequisiteKind(fields.one_of("kind", prerequisite_kinds));
    how.keys = fields.optional_texts("keys");
    if (how.keys.empty()) fields.fail("keys", "there is none, so nothing could tell that it is installed");
    for (std::size_t i = 0; i < how.keys.size(); ++i)
        if (!(how.keys[i].starts_with("HKLM64\\SOFTWARE\\") || how.keys[i].starts_with("HKLM32\\SOFTWARE\\")))
            fields.fail("keys[" + std::to_string(i) + "]", "expected HKLM64\\SOFTWARE\\… or HKLM32\\SOFTWARE\\…");
    how.display_name = fields.optional_text("display_name");
    if (how.display_name.starts_with("*")) fields.fail("display_name", "it would fit anything");
    how.installed_value = fields.optional_text("installed_value");
    how.version_value = fields.text("version_value");
    how.files = fields.optional_texts("files");
    return how;
}

/// What stands of a prerequisite beside its place, size and hash.
void read_prerequisite(StrictFields& fields, Payload& payload) {
    payload.use = PayloadUse::prerequisite;
    payload.id.name = fields.text("name");
    payload.id.version = fields.text("version");
    if (!is_dotted_version(payload.id.version))
        fields.fail("version",
                    "expected one to four numbers with dots between them, found \"" + payload.id.version + "\"");
    payload.id.architecture = fields.text("architecture");
    if (payload.id.architecture != "x64" && payload.id.architecture != "x86")
        fields.fail("architecture", "expected x64 or x86, found \"" + payload.id.architecture + "\"");
    payload.installed_bytes = fields.number("installed_bytes", 0, most_bytes);
    fields.object("how", [&payload](StrictFields& how) { payload.how = read_how(how); });
}

Json payload_json(const Payload& payload) {
    Json json;
    json["path"] = payload.path;
    json["sha256"] = payload.sha256;
    json["size"] = payload.size;
    json["use"] = payload_uses.at(std::size_t(payload.use));
    if (payload.use != PayloadUse::support) {
        json["name"] = payload.id.name;
        json["version"] = payload.id.version;
        if (!payload.id.architecture.empty()) json["architecture"] = payload.id.architecture;
        if (!payload.digest.empty()) json["digest"] = payload.digest;
        json["installed_bytes"] = payload.installed_bytes;
        if (payload.shared) json["shared"] = true;
        if (!payload.prerequisites.empty()) json["prerequisites"] = payload.prerequisites;
        if (payload.how) json["how"] = how_json(*payload.how);
    }
    return json;
}

void read_path(StrictFields& fields, Payload& payload) {
    payload.path = fields.text("path");
    if (const auto fault = unsafe_member_name(payload.path)) fields.fail("path", *fault);
}

Payload read_payload(StrictFields& fields) {
    Payload payload;
    read_path(fields, payload);
    payload.sha256 = fields.sha256("sha256");
    payload.size = fields.number("size", 0, most_bytes);
    payload.use = PayloadUse(fields.one_of("use", payload_uses));
    if (payload.use == PayloadUse::support) return payload;
    if (is_prerequisite(payload)) {
        read_prerequisite(fields, payload);
        return payload;
    }
    payload.id.name = fields.text("name");
    payload.id.version = fields.text("version");
    payload.id.architecture = fields.optional_text("architecture");
    payload.digest = fields.optional_text("digest");
    payload.installed_bytes = fields.number("installed_bytes", 0, most_bytes);
    payload.shared = fields.optional_flag("shared");
    payload.prerequisites = fields.optional_texts("prerequisites");
    return payload;
}

/// What one payload alone cannot show: names and paths that collide.
void check_payloads(const std::vector<Payload>& payloads) {
    std::map<std::string, const Payload*> by_path;
    std::map<std::string, std::size_t> by_name;
    MemberNames names;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        const Payload& payload = payloads[i];
        const std::string place = "payloads[" + std::to_string(i) + "]";
        const auto [same_path, first] = by_path.emplace(payload.path, &payload);
        if (first) {
            if (const auto fault = names.add_file(payload.path)) origin.fail(place + ".path", *fault);
        } else if (same_path->second->sha256 != payload.sha256 || same_path->second->size != payload.size) {
            origin.fail(place + ".path", "\"" + payload.path + "\" stands twice, with different content");
        } else if (!is_package(payload) || !is_package(*same_path->second)) {
            origin.fail(place + ".path", "\"" + payload.path + "\" stands twice");
        }
        if (payload.use == PayloadUse::support) continue;
        // The same name for another architecture is another package (multilib).
        const auto [same_name, new_name] = by_name.emplace(payload.id.name + "\n" + payload.id.architecture, i);
        if (!new_name)
            origin.fail(place + ".name", "the package " + payload.id.name + " stands in payloads[" +
                                             std::to_string(same_name->second) + "] already");
    }
    if (std::none_of(payloads.begin(), payloads.end(), [](const Payload& p) { return p.use == PayloadUse::required; }))
        origin.fail("payloads", "none of them is required, so there is nothing to install");
}

Json edge_json(const OneWayEdge& edge) {
    Json json;
    json["id"] = edge.id;
    json["from_at_least"] = text(edge.from_at_least);
    json["from_at_most"] = text(edge.from_at_most);
    json["reason"] = edge.reason;
    if (!edge.cure.empty()) json["cure"] = edge.cure;
    return json;
}

OneWayEdge read_edge(StrictFields& fields) {
    OneWayEdge edge;
    edge.id = fields.text("id");
    edge.from_at_least = fields.version("from_at_least");
    edge.from_at_most = fields.version("from_at_most");
    if (edge.from_at_most < edge.from_at_least) fields.fail("from_at_most", "it is lower than from_at_least");
    edge.reason = fields.text("reason");
    edge.cure = fields.optional_text("cure");
    return edge;
}

VendorSignature read_signature(StrictFields& fields) {
    VendorSignature signature;
    signature.result = SignatureResult(fields.one_of("result", signature_results));
    if (signature.result == SignatureResult::verified) signature.signer = fields.text("signer");
    if (signature.result == SignatureResult::waived) {
        signature.waived_by = fields.text("waived_by");
        signature.waiver_reason = fields.text("waiver_reason");
    }
    return signature;
}

Json signature_json(const VendorSignature& signature) {
    Json json;
    json["result"] = signature_results.at(std::size_t(signature.result));
    if (signature.result == SignatureResult::verified) json["signer"] = signature.signer;
    if (signature.result == SignatureResult::waived) {
        json["waived_by"] = signature.waived_by;
        json["waiver_reason"] = signature.waiver_reason;
    }
    return json;
}

/// The same text could be used for a file's name and in messages: no surprises in it.
void check_word(const StrictFields& fields, const std::string& key, const std::string& word) {
    const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
    if (!plain || word.front() == '.') fields.fail(key, "expected lowercase letters, digits, '-', '_' and '.'");
}

} // namespace

bool is_package(const Payload& payload) {
    return payload.use == PayloadUse::required || payload.use == PayloadUse::if_installed;
}

std::uint64_t Manifest::staged_bytes() const {
    std::map<std::string, std::uint64_t> sizes;
    for (const Payload& payload : payloads)
        sizes[payload.path] = payload.size;
    std::uint64_t sum = 0;
    for (const auto& [path, size] : sizes)
        sum += size;
    return sum;
}

const OneWayEdge* Manifest::one_way_from(const ClientVersion& level) const {
    const auto found = std::find_if(one_way_edges.begin(), one_way_edges.end(),
                                    [&level](const OneWayEdge& edge) { return edge.covers(level); });
    return found == one_way_edges.end() ? nullptr : &*found;
}

std::string text(const Manifest& manifest) {
    return manifest.product + " " + text(manifest.release) + " for " + manifest.platform;
}

Json manifest_json(const Manifest& manifest) {
    Json json;
    const bool plain = std::none_of(manifest.payloads.begin(), manifest.payloads.end(), is_prerequisite);
    json["format"] = plain ? format_without_prerequisites : Manifest::format;
    json["product"] = manifest.product;
    json["release"] = text(manifest.release);
    json["platform"] = manifest.platform;
    json["installer"] = manifest.installer;
    json["bits"] = manifest.bits;
    if (manifest.from_at_least) json["from_at_least"] = text(*manifest.from_at_least);
    if (manifest.from_at_most) json["from_at_most"] = text(*manifest.from_at_most);
    Json::Array payloads;
    for (const Payload& payload : manifest.payloads)
        payloads.push_back(payload_json(payload));
    json["payloads"] = payloads;
    if (!manifest.absent.empty()) json["absent"] = manifest.absent;
    Json::Array requirements;
    for (const PackageRequirement& requirement : manifest.requirements) {
        Json entry;
        entry["fact"] = requirement.fact;
        entry["at_least"] = requirement.at_least;
        entry["reason"] = requirement.reason;
        requirements.push_back(entry);
    }
    if (!requirements.empty()) json["requirements"] = requirements;
    Json::Array edges;
    for (const OneWayEdge& edge : manifest.one_way_edges)
        edges.push_back(edge_json(edge));
    if (!edges.empty()) json["one_way_edges"] = edges;
    json["signature"] = signature_json(manifest.signature);
    if (manifest.way_back_only) json["way_back_only"] = true;
    json["entries"] = manifest.entries;
    json["unpacked_bytes"] = manifest.unpacked_bytes;
    if (!manifest.notes.empty()) json["notes"] = manifest.notes;
    return json;
}

Manifest manifest_from_json(const Json& custom) {
    StrictFields fields(custom, origin, "");
    const std::uint64_t format = fields.number("format", 1, 1000000);
    if (format > std::uint64_t(Manifest::format))
        throw Error("manifest_too_new", "cannot use the manifest: its format is " + std::to_string(format) +
                                            ", this agent knows format " + std::to_string(Manifest::format) +
                                            "; update the agent first");
    Manifest manifest;
    manifest.product = fields.text("product");
    check_word(fields, "product", manifest.product);
    manifest.release = fields.version("release");
    manifest.platform = fields.text("platform");
    check_word(fields, "platform", manifest.platform);
    manifest.installer = installers.at(fields.one_of("installer", installers));
    manifest.bits = int(fields.number("bits", 32, 64));
    if (manifest.bits != 32 && manifest.bits != 64) fields.fail("bits", "expected 32 or 64");
    manifest.from_at_least = fields.optional_version("from_at_least");
    manifest.from_at_most = fields.optional_version("from_at_most");
    if (manifest.from_at_least && manifest.from_at_most && *manifest.from_at_most < *manifest.from_at_least)
        fields.fail("from_at_most", "it is lower than from_at_least");
    fields.optional_each("payloads", most_payloads,
                         [&](StrictFields& payload) { manifest.payloads.push_back(read_payload(payload)); });
    check_payloads(manifest.payloads);
    for (std::size_t i = 0; i < manifest.payloads.size(); ++i) {
        const std::string place = "payloads[" + std::to_string(i) + "].use";
        if (!is_prerequisite(manifest.payloads[i])) continue;
        if (format == format_without_prerequisites) fields.fail(place, "there are prerequisites from format 2 on");
        if (manifest.installer != "msi") fields.fail(place, "only packages for Windows have prerequisites");
    }
    manifest.absent = fields.optional_texts("absent");
    for (std::size_t i = 0; i < manifest.absent.size(); ++i)
        for (const Payload& payload : manifest.payloads)
            if (payload.id.name == manifest.absent[i])
                fields.fail("absent[" + std::to_string(i) + "]", "the package is one of the payloads");
    fields.optional_each("requirements", most_rules, [&](StrictFields& entry) {
        PackageRequirement& requirement = manifest.requirements.emplace_back();
        requirement.fact = entry.text("fact");
        requirement.at_least = entry.text("at_least");
        requirement.reason = entry.text("reason");
    });
    fields.optional_each("one_way_edges", most_rules,
                         [&](StrictFields& edge) { manifest.one_way_edges.push_back(read_edge(edge)); });
    fields.object("signature", [&](StrictFields& signature) { manifest.signature = read_signature(signature); });
    manifest.way_back_only = fields.optional_flag("way_back_only");
    manifest.entries = fields.number("entries", 1, most_entries);
    manifest.unpacked_bytes = fields.number("unpacked_bytes", 0, most_bytes);
    if (manifest.staged_bytes() > manifest.unpacked_bytes)
        fields.fail("unpacked_bytes", "it is less than the payloads have together");
    manifest.notes = fields.optional_text("notes");
    fields.finish();
    return manifest;
}

std::vector<Payload> prerequisites_from_json(const Json& json) {
    static const FieldOrigin by_hand{"manifest_malformed", "the description of prerequisites"};
    StrictFields fields(json, by_hand, "");
    std::vector<Payload> payloads;
    fields.optional_each("prerequisites", most_payloads, [&](StrictFields& entry) {
        Payload& payload = payloads.emplace_back();
        read_path(entry, payload);
        read_prerequisite(entry, payload);
    });
    fields.finish();
    return payloads;
}

} // namespace autodeploy
