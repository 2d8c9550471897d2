#include "installer/package/choose_packages.h"

#include "installer/client/products.h"
#include "installer/client/upgrade_edges.h"
#include "installer/contains.h"
#include "installer/package/native_versions.h"
#include "platform/error.h"

#include <algorithm>
#include <optional>
#include <span>

namespace autodeploy {

namespace {

const InstalledPackage* installed_of(const std::vector<InstalledPackage>& installed, const std::string& name) {
    const auto found = std::find_if(installed.begin(), installed.end(),
                                    [&name](const InstalledPackage& package) { return package.id.name == name; });
    return found == installed.end() ? nullptr : &*found;
}

/// What only a client of another word size needs: where one of that is replaced, it goes with it. Beside a client that
/// stays what it is, other software may need it.
void leave_out_other_word_size(const std::string& installer, const std::vector<InstalledPackage>& installed,
                               PackageSet& set) {
    const auto takes_place_of = [&](const InstalledPackage& package) {
        return std::any_of(set.present.begin(), set.present.end(), [&](const PackageFile& file) {
            return are_counterparts(installer, file.id.name, package.id.name);
        });
    };
    const bool changes = std::any_of(installed.begin(), installed.end(), [&](const InstalledPackage& package) {
        const ClientPackageRow* row = find_client_package(installer, package.id.name);
        return (row != nullptr && is_main(*row) && takes_place_of(package)) ||
               std::any_of(set.present.begin(), set.present.end(),
                           [&](const PackageFile& file) { return is_for_another_machine(file.id, package.id); });
    });
    if (!changes) return;
    for (const InstalledPackage& package : installed) {
        const std::string& name = package.id.name;
        const bool stays = std::any_of(set.present.begin(), set.present.end(),
                                       [&name](const PackageFile& file) { return file.id.name == name; });
        const ClientPackageRow* row = find_client_package(installer, name);
        if (row == nullptr || stays || contains(set.absent, name)) continue;
        if (row->part == PackagePart::old_main || row->part == PackagePart::old_name ||
            row->part == PackagePart::language || takes_place_of(package))
            set.absent.push_back(name);
    }
}

/// What comes from or goes to a level that knows no update in place. What other products share is updated all the same.
void remove_what_is_not_updated(const Manifest& manifest, const std::vector<InstalledPackage>& installed,
                                PackageSet& set) {
    std::optional<ClientVersion> from;
    for (const InstalledPackage& package : installed)
        if (const ClientPackageRow* row = find_client_package(manifest.installer, package.id.name);
            row != nullptr && row->part == PackagePart::main)
            from = parse_package_version(package.id.version);
    if (!from || *from == manifest.release) return;
    const std::string system = manifest.platform.substr(0, manifest.platform.find('-'));
    const auto [older, newer] = std::minmax(*from, manifest.release);
    const std::span<const UpgradeEdge> edges = upgrade_edges();
    if (std::none_of(edges.begin(), edges.end(), [&, &low = older, &high = newer](const UpgradeEdge& edge) {
            return edge.kind == EdgeKind::removed_first && crosses(edge, system, low, high);
        }))
        return;
    for (const PackageFile& file : set.present) {
        const ClientPackageRow* row = find_client_package(manifest.installer, file.id.name);
        if (row != nullptr && row->part != PackagePart::shared && installed_of(installed, file.id.name) != nullptr)
            set.absent.push_back(file.id.name);
    }
}

} // namespace

bool has_place(const Manifest& manifest, const Payload& payload, const std::vector<std::string>& installed) {
    const auto is_brought = [&](const std::string& name) {
        return std::any_of(manifest.payloads.begin(), manifest.payloads.end(),
                           [&name](const Payload& other) { return other.id.name == name; });
    };
    return std::any_of(installed.begin(), installed.end(), [&](const std::string& name) {
        return name == payload.id.name ||
               (are_counterparts(manifest.installer, name, payload.id.name) && !is_brought(name));
    });
}

ChosenPackages choose_packages(const StagedRelease& staged, const std::vector<InstalledPackage>& installed) {
    ChosenPackages chosen;
    std::vector<std::string> names;
    for (const InstalledPackage& package : installed)
        names.push_back(package.id.name);
    for (const Payload& payload : staged.manifest.payloads) {
        if (!is_package(payload)) continue;
        const InstalledPackage* present = installed_of(installed, payload.id.name);
        if (payload.use == PayloadUse::if_installed && !has_place(staged.manifest, payload, names)) {
            chosen.notes.push_back(payload.id.name + " is not installed and stays away");
            continue;
        }
        if (payload.shared && present != nullptr && present->healthy &&
            compare_native_versions(present->id.version, payload.id.version) > 0) {
            chosen.notes.push_back(payload.id.name + " is installed as " + present->id.version +
                                   " and stays: the package has " + payload.id.version +
                                   ", and other products share it");
            continue;
        }
        if (!contains(staged.paths, payload.path))
            throw Error("payload_missing",
                        "cannot use the packages in " + staged.directory + ": " + payload.id.name +
                            " was installed after they were staged; stage the release again",
                        Retry::later);
        chosen.set.present.push_back(
            {payload.id, payload_path(staged, payload.path), payload.sha256, payload.digest, payload.installed_bytes});
    }
    chosen.set.absent = staged.manifest.absent;
    leave_out_other_word_size(staged.manifest.installer, installed, chosen.set);
    remove_what_is_not_updated(staged.manifest, installed, chosen.set);
    return chosen;
}

} // namespace autodeploy
