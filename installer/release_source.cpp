#include "installer/release_source.h"

#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_offers = 4 << 20;

DownloadLimits small_file() {
    DownloadLimits limits;
    limits.attempts = 3;
    return limits;
}

} // namespace

ReleaseSource::ReleaseSource(FileSystem& files, Updater& updater, std::string downloads)
    : files_(files), updater_(updater), downloads_(std::move(downloads)) {}

std::string ReleaseSource::read_signed(const std::string& target, const std::string& role, const std::string& cause) {
    const std::optional<FoundTarget> found = updater_.find_target(target);
    if (!found)
        throw Error(cause, "cannot take anything from the repository: it has no " + target + " signed by the role " +
                               role + "; publish one with autodeploy-repository");
    if (found->role != role)
        throw Error(cause,
                    "cannot use " + target + ": it is signed by the role " + found->role + ", only " + role + " may");
    if (found->file.length > largest_offers)
        throw Error("file_too_large",
                    "cannot use " + target + ": it has " + std::to_string(found->file.length) + " bytes");
    files_.make_private_directory(downloads_);
    const std::string path = downloads_ + "/" + target;
    updater_.download(*found, path, small_file());
    return files_.read(path, largest_offers);
}

Halt ReleaseSource::refresh_halt() {
    updater_.refresh();
    return halt_from_json(parse_json(read_signed("halt.json", "halt", "halt_missing")));
}

Offering ReleaseSource::refresh(const std::string& platform) {
    updater_.refresh();
    Offering offering;
    offering.offers = offers_from_json(parse_json(read_signed("offers.json", "releases", "offers_missing")));
    offering.halt = halt_from_json(parse_json(read_signed("halt.json", "halt", "halt_missing")));
    for (const FoundTarget& found : updater_.targets_of(platform)) {
        try {
            Manifest manifest = manifest_from_json(found.file.custom);
            if (manifest.platform != platform)
                throw Error("manifest_malformed", "cannot use the manifest: it is for " + manifest.platform);
            offering.packages.push_back({found.file, std::move(manifest)});
        } catch (const Error& error) {
            offering.notes.push_back(found.file.path + " is passed over: " + error.what());
        }
    }
    return offering;
}

std::string ReleaseSource::local_path(const AvailablePackage& package) const {
    // Named by content: a package that was replaced under its name is another file.
    const auto hash = package.file.hashes.find("sha256");
    if (hash == package.file.hashes.end())
        throw Error("hash_unknown", "cannot fetch " + package.file.path + ": its metadata has no sha256");
    return downloads_ + "/" + hash->second + ".package";
}

std::string ReleaseSource::fetch(const AvailablePackage& package, const DownloadLimits& limits,
                                 const DownloadProgress& progress) {
    const std::optional<FoundTarget> found = updater_.find_target(package.file.path);
    if (!found || found->role != package.manifest.platform || found->file != package.file)
        throw Error("target_missing",
                    "cannot fetch " + package.file.path +
                        ": the repository does not have it any more, or has "
                        "another one of that name",
                    Retry::later);
    files_.make_private_directory(downloads_);
    const std::string path = local_path(package);
    updater_.download(*found, path, limits, progress);
    return path;
}

void ReleaseSource::forget_all_but(const std::vector<AvailablePackage>& wanted) {
    if (!files_.status(downloads_)) return;
    for (const std::string& name : files_.list(downloads_)) {
        if (name.find(".package") == std::string::npos) continue;
        const bool keep = std::any_of(wanted.begin(), wanted.end(), [&](const AvailablePackage& package) {
            const std::string path = local_path(package);
            return name.find(path.substr(path.find_last_of('/') + 1)) != std::string::npos;
        });
        if (!keep) files_.remove_durably(downloads_ + "/" + name);
    }
}

} // namespace autodeploy
