#include "packaging/repository/command.h"
#include "packaging/repository/vendor_package.h"

#include "platform/digest.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy::publisher {

namespace {

ClientVersion version_argument(const std::string& value) {
    const auto version = parse_client_version(value);
    if (!version) throw Error("usage", "'" + value + "' is no version: expected V.R.M.F, as 8.1.27.0");
    return *version;
}

VendorPackage from_manifest_file(Context& context, const std::string& path) {
    VendorPackage package;
    package.manifest =
        manifest_from_json(parse_json(context.platform.files.read(context.line.value("manifest"), 4 << 20)));
    package.platform = package.manifest.platform;
    package.sha256 = context.platform.files.sha256(path);
    package.length = context.platform.files.status(path)->size;
    return package;
}

/// Beside its place and renamed, so that no reader ever finds half a file under a name that a hash vouches for.
void bring_in(FileSystem& files, const std::string& from, const std::string& to) {
    if (const auto there = files.status(to); there && files.sha256(to) == files.sha256(from)) return;
    std::string parents = to.substr(0, to.find_last_of('/'));
    std::vector<std::string> missing;
    while (!files.status(parents)) {
        missing.push_back(parents);
        parents = parents.substr(0, parents.find_last_of('/'));
    }
    for (auto directory = missing.rbegin(); directory != missing.rend(); ++directory)
        files.make_directory(*directory);
    files.copy_durably(from, to);
    FileStatus status = *files.status(to);
    status.mode = 0644;
    files.set_status(to, status);
}

/// What the version is needed for: clients may run it, and return to it by these very bytes. Empty if for nothing.
std::string use_of(Draft& draft, const ClientVersion& version) {
    const Offers offers = draft.offers();
    for (const Offer& offer : offers.offers) {
        if (offer.release == version) return "it is offered in channel " + offer.channel;
        if (version < offer.release) return "clients that go on to " + text(offer.release) + " from it return to it";
    }
    for (const Recall& recall : offers.recalls)
        if (recall.to == version) return text(recall.from) + " is recalled to it";
    for (const AvailablePackage& package : draft.packages())
        if (package.manifest.release == version && package.manifest.way_back_only) return "it is kept as a way back";
    return "";
}

} // namespace

void add(Context& context) {
    Draft& draft = context.draft;
    for (const std::string& path : context.line.operands) {
        if (!context.platform.files.status(path))
            throw Error("file_not_found", "cannot add " + path + ": there is no such file");
        SignaturePolicyForAdding policy;
        policy.signers = context.line.values("signer");
        policy.waived_by = context.line.value("waive");
        policy.waiver_reason = context.line.value("reason");
        VendorPackage package =
            context.line.has("manifest")
                ? from_manifest_file(context, path)
                : read_vendor_package(context.platform, path, draft.directory() + "/reading", policy);
        Manifest& manifest = package.manifest;
        manifest.way_back_only = context.line.has("way-back-only");
        if (context.line.has("from-at-least"))
            manifest.from_at_least = version_argument(context.line.value("from-at-least"));
        if (context.line.has("from-at-most"))
            manifest.from_at_most = version_argument(context.line.value("from-at-most"));
        const std::string name = path.substr(path.find_last_of('/') + 1);
        const std::string target = "packages/" + package.platform + "/" + name;
        bring_in(context.platform.files, path, draft.targets_directory() + "/" + hashed_name(target, package.sha256));
        draft.list_target(package.platform, target, package.sha256, package.length, manifest_json(manifest));
        Json detail;
        detail["file"] = name;
        detail["sha256"] = package.sha256;
        detail["way_back_only"] = manifest.way_back_only;
        if (manifest.signature.result == SignatureResult::waived)
            detail["waived_by"] = manifest.signature.waived_by + ": " + manifest.signature.waiver_reason;
        draft.audit(context.who, "add", detail);
        const char* signature = manifest.signature.result == SignatureResult::verified ? "signature OK"
                                : manifest.signature.result == SignatureResult::waived
                                    ? "signature waived"
                                    : "this kind carries no vendor signature";
        context.say(name + ": " + signature + ", " + std::to_string(manifest.payloads.size()) + " packages, " +
                    text(manifest.release) + " for " + package.platform +
                    (manifest.way_back_only ? ", way back only" : ""));
    }
}

void remove(Context& context) {
    Draft& draft = context.draft;
    const ClientVersion version = version_argument(context.line.operands[0]);
    const std::string platform = context.line.value("platform");
    if (!context.line.has("force"))
        if (const std::string use = use_of(draft, version); !use.empty())
            throw Error("still_needed",
                        "cannot remove " + text(version) + ": " + use + "; --force removes it all the same");
    int removed = 0;
    for (const AvailablePackage& package : draft.packages()) {
        if (package.manifest.release != version || (!platform.empty() && package.manifest.platform != platform))
            continue;
        draft.drop_target(package.manifest.platform, package.file.path);
        ++removed;
    }
    if (removed == 0) throw Error("not_found", "cannot remove " + text(version) + ": no package of it is listed");
    Json detail;
    detail["version"] = text(version);
    detail["forced"] = context.line.has("force");
    draft.audit(context.who, "remove", detail);
    context.say("removed " + std::to_string(removed) + " packages of " + text(version) + "; publish to make it so");
}

} // namespace autodeploy::publisher
