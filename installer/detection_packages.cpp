#include "installer/detection_parts.h"

#include "installer/client/layout.h"
#include "installer/client/products.h"
#include "installer/client/registered_client.h"
#include "installer/patterns.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace autodeploy {

namespace {

struct Family {
    std::vector<InstalledPackage> client;
    std::vector<OtherProduct> others;
};

Family list_family(NativeInstaller& installer) {
    Family family;
    for (InstalledPackage& package : installer.installed(family_prefixes(installer.name()))) {
        if (find_client_package(installer.name(), package.id.name) != nullptr) {
            family.client.push_back(std::move(package));
            continue;
        }
        if (is_companion(installer.name(), package.id.name)) continue;
        family.others.push_back({product_of_package(installer.name(), package.id.name),
                                 "package " + package.id.name + " " + package.id.version});
    }
    std::stable_sort(
        family.client.begin(), family.client.end(), [&installer](const InstalledPackage& a, const InstalledPackage& b) {
            return find_client_package(installer.name(), a.id.name) < find_client_package(installer.name(), b.id.name);
        });
    return family;
}

bool has_main_package(const std::string& installer, const std::vector<InstalledPackage>& packages) {
    return std::any_of(packages.begin(), packages.end(), [&installer](const InstalledPackage& package) {
        const ClientPackageRow* row = find_client_package(installer, package.id.name);
        return row != nullptr && (is_main(*row) || row->part == PackagePart::old_name);
    });
}

std::optional<ClientVersion> version_of_main_package(const Detection& detection) {
    for (const PackagePart part : {PackagePart::main, PackagePart::old_main})
        for (const InstalledPackage& package : detection.packages) {
            const ClientPackageRow* row = find_client_package(detection.installer, package.id.name);
            if (row != nullptr && row->part == part) return parse_package_version(package.id.version);
        }
    return std::nullopt;
}

std::string platform_name(const Detection& detection) {
    if (detection.host.system == "aix") return "aix";
    if (detection.host.system == "windows") return detection.host.is_64_bit ? "windows-x64" : "windows-x86";
    if (detection.installer.empty()) return {};
    const std::string name = detection.host.system + "-" + detection.host.architecture;
    return detection.installer == "dpkg" ? name + "-deb" : name;
}

/// Files or directories that fit a pattern with '*' in its last component.
std::vector<std::string> paths_that_fit(FileSystem& files, const std::string& pattern) {
    if (pattern.find('*') == std::string::npos)
        return files.status(pattern) ? std::vector<std::string>{pattern} : std::vector<std::string>{};
    const std::string directory = directory_of(pattern);
    if (!files.status(directory)) return {};
    std::vector<std::string> found;
    for (const std::string& name : files.list(directory))
        if (fits_pattern(file_name(pattern), name)) found.push_back(directory + "/" + name);
    return found;
}

void find_products_by_place(Platform& platform, Detection& detection) {
    for (const OtherProductRow& row : other_products()) {
        if (row.system != detection.host.system) continue;
        if (!row.path.empty())
            for (const std::string& path : paths_that_fit(platform.files, std::string(row.path)))
                detection.other_products.push_back({std::string(row.product), path});
        if (row.registry_path.empty()) continue;
        // Products leave their keys behind when they are removed.
        for (const std::string& path : registered_paths(platform.settings, std::string(row.registry_path)))
            if (platform.files.status(path)) detection.other_products.push_back({std::string(row.product), path});
    }
}

void detect_installer(Platform& platform, Detection& detection) {
    for (NativeInstaller* installer : platform.installers) {
        const std::string name = installer->name();
        look(detection, "packages of " + name, [&] {
            const std::optional<std::string> owner =
                detection.program.empty() ? std::nullopt : installer->owner(detection.program);
            Family family = list_family(*installer);
            detection.other_products.insert(detection.other_products.end(), family.others.begin(), family.others.end());
            // The database that owns the program decides; without a program, the one that knows the client.
            const bool chosen = owner.has_value() || (detection.installer.empty() && detection.program.empty() &&
                                                      has_main_package(name, family.client));
            if (!chosen) return;
            detection.installer = name;
            detection.owner_package = owner.value_or("");
            detection.packages = std::move(family.client);
        });
    }
}

struct DatabaseRow {
    std::string_view installer;
    std::string_view path;
};
constexpr std::array databases{
    DatabaseRow{"dpkg", "/var/lib/dpkg/status"},
    DatabaseRow{"rpm", "/var/lib/rpm/rpmdb.sqlite"},
    DatabaseRow{"rpm", "/var/lib/rpm/Packages"},
    DatabaseRow{"rpm", "/usr/lib/sysimage/rpm/rpmdb.sqlite"},
};

/// A client that nobody owns may belong to a database that nobody here can read.
void look_for_lost_tools(Platform& platform, Detection& detection) {
    if (!detection.installer.empty() || detection.program.empty() || detection.host.system != "linux") return;
    for (const DatabaseRow& row : databases) {
        const bool has_tool =
            std::any_of(platform.installers.begin(), platform.installers.end(),
                        [&row](NativeInstaller* installer) { return installer->name() == row.installer; });
        const std::string tool(row.installer);
        if (has_tool) continue;
        look(detection, "packages of " + tool, [&] {
            if (platform.files.status(std::string(row.path)))
                detection.unreadable["packages of " + tool] = "cannot ask " + tool + ": its database " +
                                                              std::string(row.path) + " is there, but no /usr/bin/" +
                                                              tool + "; install that program again";
        });
    }
}

} // namespace

void detect_packages(Platform& platform, Detection& detection) {
    detect_installer(platform, detection);
    look_for_lost_tools(platform, detection);
    look(detection, "other products", [&] { find_products_by_place(platform, detection); });
    detection.platform = platform_name(detection);
    if (detection.installer.empty()) return;
    detection.database_version = version_of_main_package(detection);

    NativeInstaller& installer = platform.installer(detection.installer);
    std::vector<std::string> names;
    for (const InstalledPackage& package : detection.packages)
        names.push_back(package.id.name);
    look(detection, "pinned packages", [&] { detection.pinned = installer.pinned(names); });
    look(detection, "native installer", [&] { detection.installer_busy = installer.busy(); });
}

} // namespace autodeploy
