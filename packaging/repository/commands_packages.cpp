#include "packaging/repository/command.h"
#include "packaging/repository/vendor_package.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy::publisher {

namespace {

constexpr std::uint64_t largest_manifest = 4 << 20;

/// Those in the repository's folder `signers`, and those of this command.
std::vector<std::string> pinned_signers(const Context& context) {
    std::vector<std::string> signers = context.line.values("signer");
    const std::string directory = context.draft.directory() + "/signers";
    FileSystem& files = context.platform.files;
    if (files.status(directory))
        for (const std::string& name : files.list(directory))
            signers.push_back(directory + "/" + name);
    return signers;
}

AddRequest request_for(const Context& context, const std::string& path) {
    FileSystem& files = context.platform.files;
    AddRequest request;
    request.path = path;
    request.work = context.draft.directory() + "/reading";
    request.signers = pinned_signers(context);
    request.waived_by = context.line.value("waive");
    request.waiver_reason = context.line.value("reason");
    if (request.waived_by.empty() != request.waiver_reason.empty())
        throw Error("usage", "a waiver needs both --waive NAME and --reason TEXT");
    if (context.line.has("manifest"))
        request.manifest = manifest_from_json(parse_json(files.read(context.line.value("manifest"), largest_manifest)));
    if (context.line.has("prerequisites"))
        request.prerequisites =
            prerequisites_from_json(parse_json(files.read(context.line.value("prerequisites"), largest_manifest)));
    if (context.line.has("toc")) request.toc = files.read(context.line.value("toc"), largest_manifest);
    return request;
}

/// Beside its place and renamed, so that no reader ever finds half a file under a name that a hash vouches for.
void bring_in(FileSystem& files, const std::string& from, const std::string& to, const std::string& sha256) {
    if (files.status(to) && files.sha256(to) == sha256) return;
    make_public_directory(files, to.substr(0, to.find_last_of('/')));
    copy_public_file(files, from, to);
    // What was read and what was copied must be the same bytes, whoever writes to the file meanwhile.
    if (files.sha256(to) != sha256) {
        files.remove_durably(to);
        throw Error("file_changed", "cannot add " + from + ": it was changed while it was read; add it again");
    }
}

/// A file name stands for the same bytes for ever, unless somebody says otherwise.
void refuse_other_content(const Context& context, const std::string& target, const std::string& sha256) {
    for (const AvailablePackage& package : context.draft.packages())
        if (package.file.path == target && package.file.hashes.at("sha256") != sha256 && !context.line.has("replace"))
            throw Error("package_exists", "cannot add " + target +
                                              ": another file of that name is listed already; --replace takes its "
                                              "place, and clients that run it lose their way back");
}

const char* in_words(SignatureResult result) {
    switch (result) {
    case SignatureResult::verified:
        return "signature OK";
    case SignatureResult::waived:
        return "signature waived";
    case SignatureResult::absent:
        break;
    }
    return "this kind of package carries no vendor signature";
}

void add_one(Context& context, const std::string& path) {
    Draft& draft = context.draft;
    if (!context.platform.files.status(path))
        throw Error("file_not_found", "cannot add " + path + ": there is no such file");
    const AddRequest request = request_for(context, path);
    VendorPackage package;
    try {
        package = read_vendor_package(context.platform, request);
    } catch (const Error&) {
        context.platform.files.remove_tree(request.work); // what was unpacked may be large
        throw;
    }
    Manifest& manifest = package.manifest;
    draft.role_keys(manifest.platform); // it must be delegated to
    if (context.line.has("way-back-only")) manifest.way_back_only = true;
    if (context.line.has("from-at-least")) manifest.from_at_least = version_of(context.line.value("from-at-least"));
    if (context.line.has("from-at-most")) manifest.from_at_most = version_of(context.line.value("from-at-most"));
    const std::string name = path.substr(path.find_last_of('/') + 1);
    const std::string target = "packages/" + manifest.platform + "/" + name;
    if (const auto why = unsafe_member_name(target))
        throw Error("package_unreadable", "cannot add " + path + ": its name cannot stand in a repository: " + *why);
    refuse_other_content(context, target, package.sha256);
    bring_in(context.platform.files, path, draft.targets_directory() + "/" + hashed_name(target, package.sha256),
             package.sha256);
    draft.list_target(manifest.platform, target, package.sha256, package.length, manifest_json(manifest));

    Json detail;
    detail["file"] = name;
    detail["release"] = text(manifest.release);
    detail["platform"] = manifest.platform;
    detail["sha256"] = package.sha256;
    detail["way_back_only"] = manifest.way_back_only;
    detail["signature"] = in_words(manifest.signature.result);
    if (!manifest.signature.signer.empty()) detail["signer"] = manifest.signature.signer;
    if (manifest.signature.result == SignatureResult::waived)
        detail["waived_by"] = manifest.signature.waived_by + ": " + manifest.signature.waiver_reason;
    for (const std::string& note : package.notes)
        context.say("  " + note);
    const auto packages = std::count_if(manifest.payloads.begin(), manifest.payloads.end(), is_package);
    context.done("add", detail,
                 name + ": " + in_words(manifest.signature.result) +
                     (manifest.signature.signer.empty() ? "" : " (" + manifest.signature.signer + ")") + ", " +
                     counted(std::size_t(packages), "package") + ", " + text(manifest.release) + " for " +
                     manifest.platform + (manifest.way_back_only ? ", way back only" : ""));
}

/// Why clients may need it to return to; nothing if none can.
std::optional<std::string> way_back_reason(const Context& context, const AvailablePackage& package) {
    const Offers offers = context.draft.offers();
    const ClientVersion& release = package.manifest.release;
    for (const Offer& offer : offers.offers)
        if (offer.release == release) return "it is offered in channel " + offer.channel;
    for (const Recall& recall : offers.recalls)
        if (recall.to == release) return "clients are recalled to it from " + text(recall.from);
    if (package.manifest.way_back_only) return "it is kept as a way back";
    if (context.draft.was_released(release)) return "it was offered once, and clients may run it";
    return std::nullopt;
}

} // namespace

void add(Context& context) {
    for (const std::string& path : context.line.operands)
        add_one(context, path);
}

void remove(Context& context) {
    Draft& draft = context.draft;
    const ClientVersion version = version_of(context.line.operands[0]);
    const std::vector<std::string> platforms = known_platforms(draft, context.line);
    std::vector<AvailablePackage> going;
    for (const AvailablePackage& package : draft.packages())
        if (package.manifest.release == version &&
            (platforms.empty() ||
             std::find(platforms.begin(), platforms.end(), package.manifest.platform) != platforms.end()))
            going.push_back(package);
    if (going.empty()) throw Error("not_found", "cannot remove " + text(version) + ": no package of it is listed");
    for (const AvailablePackage& package : going)
        if (const auto reason = way_back_reason(context, package); reason && !context.line.has("force"))
            throw Error("way_back", "cannot remove " + package.file.path + ": " + *reason +
                                        ", so it is somebody's way back; --force removes it all the same");
    for (const AvailablePackage& package : going)
        draft.drop_target(package.manifest.platform, package.file.path);
    Json detail;
    detail["release"] = text(version);
    detail["forced"] = context.line.has("force");
    if (!platforms.empty()) detail["platforms"] = Json(platforms);
    context.done("remove", detail,
                 "removed " + counted(going.size(), "package") + " of " + text(version) + "; publish to make it so");
}

} // namespace autodeploy::publisher
