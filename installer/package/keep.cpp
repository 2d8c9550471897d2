#include "installer/package/keep.h"

#include "installer/contains.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

const PackageFile* named(const std::vector<PackageFile>& files, const PackageId& id) {
    const auto found = std::find_if(files.begin(), files.end(), [&id](const PackageFile& file) {
        return file.id.name == id.name &&
               (file.id.architecture == id.architecture || file.id.architecture.empty() || id.architecture.empty());
    });
    return found == files.end() ? nullptr : &*found;
}

/// Multilib: the same name may be installed for several architectures.
const Payload* kept_payload(const StagedRelease& kept, const PackageId& id) {
    for (const Payload& payload : kept.manifest.payloads) {
        if (!is_package(payload) || payload.id.name != id.name || payload.id.version != id.version) continue;
        if (!payload.id.architecture.empty() && !id.architecture.empty() && payload.id.architecture != id.architecture)
            continue;
        if (contains(kept.paths, payload.path)) return &payload;
    }
    return nullptr;
}

std::string shown(const PackageId& id) {
    return id.name + " " + id.version + (id.architecture.empty() ? "" : " " + id.architecture);
}

/// Whether the update leaves this package as it is.
bool untouched(const InstalledPackage& package, const PackageSet& update) {
    const PackageFile* file = named(update.present, package.id);
    const bool same_name = std::any_of(update.present.begin(), update.present.end(),
                                       [&](const PackageFile& other) { return other.id.name == package.id.name; });
    if (contains(update.absent, package.id.name)) return false;
    if (file == nullptr) return !same_name;
    return package.healthy && file->id.version == package.id.version && file->digest == package.digest &&
           !package.digest.empty();
}

bool is_kept(FileSystem& files, const std::string& directory, const ClientVersion& release) {
    const std::optional<StagedRelease> staged = find_staged(files, directory);
    return staged && staged->manifest.release == release;
}

} // namespace

std::string kept_directory(const std::string& keep, const ClientVersion& release) {
    return keep + "/" + text(release);
}

std::vector<StagedRelease> kept_releases(FileSystem& files, const std::string& keep) {
    std::vector<StagedRelease> kept;
    if (!files.status(keep)) return kept;
    for (const std::string& name : files.list(keep))
        if (const auto release = parse_client_version(name))
            if (const auto found = find_kept(files, keep, *release)) kept.push_back(*found);
    std::sort(kept.begin(), kept.end(),
              [](const StagedRelease& a, const StagedRelease& b) { return b.manifest.release < a.manifest.release; });
    return kept;
}

std::optional<StagedRelease> find_kept(FileSystem& files, const std::string& keep, const ClientVersion& release) {
    std::optional<StagedRelease> found = find_staged(files, kept_directory(keep, release));
    if (found && found->manifest.release != release) found.reset();
    return found;
}

WayBack way_back(const StagedRelease& kept, const std::vector<InstalledPackage>& installed, const PackageSet& update) {
    WayBack way;
    for (const InstalledPackage& package : installed) {
        const Payload* payload = kept_payload(kept, package.id);
        if (payload == nullptr) {
            if (!untouched(package, update))
                way.differences.push_back(shown(package.id) + " is installed, and no such package is kept");
            continue;
        }
        if (payload->digest.empty() || package.digest.empty()) {
            way.by_level_only = true;
        } else if (payload->digest != package.digest) {
            if (!untouched(package, update))
                way.differences.push_back(shown(package.id) +
                                          " is installed, but not from the very package that is kept (digest " +
                                          package.digest + ", kept " + payload->digest + ")");
            continue;
        }
        way.set.present.push_back({package.id, payload_path(kept, payload->path), payload->sha256, payload->digest,
                                   payload->installed_bytes});
    }
    for (const PackageFile& added : update.present)
        if (std::none_of(installed.begin(), installed.end(),
                         [&](const InstalledPackage& package) { return package.id.name == added.id.name; }))
            way.set.absent.push_back(added.id.name);
    // What knows no update in place knows no way back in place.
    for (const PackageFile& back : way.set.present)
        if (contains(update.absent, back.id.name) && named(update.present, back.id) != nullptr)
            way.set.absent.push_back(back.id.name);
    return way;
}

bool rotate_keep(FileSystem& files, const std::string& keep, const std::string& staging, const ClientVersion& installed,
                 const std::optional<ClientVersion>& previous) {
    const std::string aim = kept_directory(keep, installed);
    if (is_kept(files, staging, installed)) {
        files.make_private_directory(keep);
        discard_staged(files, aim);
        files.rename_durably(staging, aim);
    } else if (!is_kept(files, aim, installed)) {
        return false;
    }
    for (const std::string& name : files.list(keep))
        if (name != text(installed) && (!previous || name != text(*previous))) discard_staged(files, keep + "/" + name);
    return true;
}

} // namespace autodeploy
