#include "platform/windows/native/windows_msi_database.h"

#include "platform/error.h"
#include "platform/windows/full_path.h"
#include "platform/windows/native/handle.h"
#include "platform/windows/native/msi_tables.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <msi.h>

#include <algorithm>
#include <charconv>

namespace autodeploy {

namespace {

constexpr std::size_t length_of_code = 39; // with the NUL
constexpr std::uint32_t left_behind = 0x10;
constexpr std::uint32_t never_overwritten = 0x80;
constexpr std::uint64_t deletes_at_install = 0x8;
constexpr std::uint64_t deletes_at_uninstall = 0x80;

Error unreadable_database(const std::string& what, UINT code) {
    return Error("package_database_damaged",
                 "cannot read " + what + " from Windows Installer: " + system_message(int(code)));
}

std::uint64_t number_of(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Empty where the product has no such property.
std::string info_of(const std::wstring& product, const wchar_t* property) {
    std::wstring text(512, L'\0');
    for (;;) {
        DWORD size = DWORD(text.size());
        const UINT code = ::MsiGetProductInfoW(product.c_str(), property, text.data(), &size);
        text.resize(code == ERROR_MORE_DATA ? size + 1 : code == ERROR_SUCCESS ? size : 0);
        if (code != ERROR_MORE_DATA) return narrow(text);
    }
}

const char* words_of(INSTALLSTATE state) {
    switch (state) {
    case INSTALLSTATE_DEFAULT:
        return "installed";
    case INSTALLSTATE_ADVERTISED:
        return "only advertised";
    case INSTALLSTATE_ABSENT:
        return "installed for another user";
    case INSTALLSTATE_BADCONFIG:
        return "its configuration is damaged";
    default:
        return "in an unknown state";
    }
}

/// The key file of a component of an installed product; empty where it is not installed or its key is no file.
std::string key_path(const std::string& product, const std::string& component) {
    std::wstring path(512, L'\0');
    for (;;) {
        DWORD size = DWORD(path.size());
        const INSTALLSTATE state =
            ::MsiGetComponentPathW(wide(product).c_str(), wide(component).c_str(), path.data(), &size);
        if (state == INSTALLSTATE_MOREDATA) {
            path.resize(size + 1);
            continue;
        }
        // One whose file is gone is called absent, and told with its path all the same.
        const bool is_known =
            state == INSTALLSTATE_LOCAL || state == INSTALLSTATE_BROKEN || state == INSTALLSTATE_ABSENT;
        path.resize(is_known ? std::min(path.find(L'\0'), path.size()) : 0);
        // "02:\SOFTWARE\…" is a key of the registry.
        const std::string text = narrow(path);
        return parts_of_path(text).root.empty() ? std::string() : text;
    }
}

std::string version_of(const std::string& path) {
    std::wstring version(64, L'\0');
    DWORD size = DWORD(version.size());
    const UINT code = ::MsiGetFileVersionW(wide(path).c_str(), version.data(), &size, nullptr, nullptr);
    version.resize(code == ERROR_SUCCESS ? size : 0);
    return narrow(version);
}

std::vector<std::string> hash_of(const std::string& path) {
    MSIFILEHASHINFO hash{};
    hash.dwFileHashInfoSize = sizeof hash;
    if (::MsiGetFileHashW(wide(path).c_str(), 0, &hash) != ERROR_SUCCESS) return {};
    std::vector<std::string> parts;
    for (const ULONG part : hash.dwData)
        parts.push_back(std::to_string(std::int32_t(part)));
    return parts;
}

/// "SHORT~1.EXE|A long name.exe" or one of them.
std::string long_name(const std::string& name) {
    return name.substr(name.find('|') + 1);
}

bool is_file(const std::string& path) {
    const DWORD attributes = ::GetFileAttributesW(long_path(path).c_str());
    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

struct Component {
    std::string code;
    std::string directory; ///< of the table Directory
    std::uint32_t attributes = 0;
};

std::map<std::string, Component> components_of(const MsiTables& tables) {
    std::map<std::string, Component> found;
    for (const auto& row :
         tables.rows("SELECT `Component`, `ComponentId`, `Directory_`, `Attributes` FROM `Component`", 4))
        found[row[0]] = {row[1], row[2], std::uint32_t(number_of(row[3]))};
    return found;
}

/// So many levels lie between a directory and INSTALLDIR above it; nothing if it is not above.
std::optional<int> levels_below_installdir(const MsiTables& tables, std::string directory) {
    std::map<std::string, std::pair<std::string, std::string>> directories; // → parent, name
    for (const auto& row : tables.rows("SELECT `Directory`, `Directory_Parent`, `DefaultDir` FROM `Directory`", 3))
        directories[row[0]] = {row[1], row[2]};
    int levels = 0;
    for (std::size_t steps = 0; steps <= directories.size(); ++steps) {
        if (directory == "INSTALLDIR") return levels;
        const auto at = directories.find(directory);
        if (at == directories.end()) return std::nullopt;
        const std::string name = long_name(at->second.second.substr(0, at->second.second.find(':')));
        if (name != ".") ++levels;
        directory = at->second.first;
    }
    return std::nullopt;
}

} // namespace

std::vector<MsiProduct> WindowsMsiDatabase::products() {
    std::vector<MsiProduct> found;
    for (DWORD index = 0;; ++index) {
        std::wstring code(length_of_code, L'\0');
        const UINT result = ::MsiEnumProductsExW(nullptr, nullptr, MSIINSTALLCONTEXT_MACHINE, index, code.data(),
                                                 nullptr, nullptr, nullptr);
        if (result == ERROR_NO_MORE_ITEMS) return found;
        if (result != ERROR_SUCCESS) throw unreadable_database("the products", result);
        code.resize(length_of_code - 1);
        MsiProduct product;
        product.code = narrow(code);
        product.name = info_of(code, L"InstalledProductName");
        product.version = info_of(code, L"VersionString");
        product.package_code = info_of(code, L"PackageCode");
        product.cached = info_of(code, L"LocalPackage");
        product.state = words_of(::MsiQueryProductStateW(code.c_str()));
        found.push_back(std::move(product));
    }
}

MsiPackage WindowsMsiDatabase::package(const std::string& path) {
    if (path.empty()) throw Error("package_unreadable", "cannot read a package: Windows has no copy of it");
    const MsiTables tables(path);
    const auto properties = tables.properties();
    const auto property = [&](const char* name) {
        const auto found = properties.find(name);
        return found == properties.end() ? std::string() : found->second;
    };
    MsiPackage package;
    package.product_code = property("ProductCode");
    package.upgrade_code = property("UpgradeCode");
    package.name = property("ProductName");
    package.version = property("ProductVersion");
    const auto [platform, code] = tables.summary();
    package.package_code = code;
    package.architecture = platform.substr(0, platform.find(';'));
    if (package.architecture.empty()) package.architecture = "Intel";
    if (package.product_code.empty() || package.name.empty() || package.version.empty() || code.empty())
        throw Error("package_unreadable",
                    "cannot read the package " + path + ": it does not say its product, version and package code");
    for (const auto& row :
         tables.rows("SELECT `UpgradeCode`, `VersionMin`, `VersionMax`, `Attributes` FROM `Upgrade`", 4))
        package.upgrades.push_back({row[0], row[1], row[2], std::uint32_t(number_of(row[3]))});
    for (const auto& row : tables.rows("SELECT `Feature` FROM `Feature`", 1))
        package.features.push_back(row[0]);
    package.has_installdir =
        !tables.rows("SELECT `Directory` FROM `Directory` WHERE `Directory` = 'INSTALLDIR'", 1).empty();
    for (const auto& row : tables.rows("SELECT `Name` FROM `ServiceInstall`", 1))
        package.installed_services.push_back(row[0]);
    for (const auto& row : tables.rows("SELECT `Name`, `Event` FROM `ServiceControl`", 2))
        if (number_of(row[1]) & (deletes_at_install | deletes_at_uninstall)) package.deleted_services.push_back(row[0]);
    for (const auto& row : tables.rows("SELECT `FileSize` FROM `File`", 1))
        package.installed_bytes += number_of(row[0]);
    return package;
}

std::vector<std::string> WindowsMsiDatabase::related(const std::string& upgrade_code) {
    std::vector<std::string> found;
    for (DWORD index = 0;; ++index) {
        std::wstring code(length_of_code, L'\0');
        const UINT result = ::MsiEnumRelatedProductsW(wide(upgrade_code).c_str(), 0, index, code.data());
        if (result == ERROR_NO_MORE_ITEMS) return found;
        if (result != ERROR_SUCCESS) throw unreadable_database("the products related to " + upgrade_code, result);
        code.resize(length_of_code - 1);
        found.push_back(narrow(code));
    }
}

MsiChoice WindowsMsiDatabase::choice(const MsiProduct& product) {
    MsiChoice choice;
    const MsiTables tables(product.cached);
    for (const auto& row : tables.rows("SELECT `Feature` FROM `Feature`", 1))
        if (::MsiQueryFeatureStateW(wide(product.code).c_str(), wide(row[0]).c_str()) == INSTALLSTATE_LOCAL)
            choice.features.push_back(row[0]);
    for (const auto& [name, component] : components_of(tables)) {
        const std::string key = component.code.empty() ? std::string() : key_path(product.code, component.code);
        const std::optional<int> levels =
            key.empty() ? std::nullopt : levels_below_installdir(tables, component.directory);
        if (!levels) continue;
        // A component whose key is its folder comes with a "\" at its end.
        std::string directory = key.ends_with('\\') ? plain_path(parts_of_path(key)) : parent_path(key);
        for (int level = 0; level < *levels; ++level)
            directory = parent_path(directory);
        choice.directory = directory;
        break;
    }
    return choice;
}

std::vector<MsiFile> WindowsMsiDatabase::files(const MsiProduct& product) {
    const MsiTables tables(product.cached);
    const std::map<std::string, Component> components = components_of(tables);
    std::map<std::string, std::vector<std::string>> hashes;
    for (const auto& row :
         tables.rows("SELECT `File_`, `HashPart1`, `HashPart2`, `HashPart3`, `HashPart4` FROM `MsiFileHash`", 5))
        hashes[row[0]] = {row[1], row[2], row[3], row[4]};
    std::map<std::string, std::string> folders; // component → where it is installed
    std::vector<MsiFile> found;
    for (const auto& row : tables.rows("SELECT `File`, `Component_`, `FileName`, `Version` FROM `File`", 4)) {
        const auto component = components.find(row[1]);
        if (component == components.end() || component->second.code.empty() ||
            (component->second.attributes & (left_behind | never_overwritten)))
            continue;
        auto folder = folders.find(row[1]);
        if (folder == folders.end()) {
            const std::string key = key_path(product.code, component->second.code);
            folder = folders.emplace(row[1], key.empty() ? std::string() : parent_path(key)).first;
        }
        if (folder->second.empty()) continue;
        MsiFile file;
        file.path = folder->second + "\\" + long_name(row[2]);
        file.is_there = is_file(file.path);
        // A companion stands there in place of a version; its versions are looked at by itself.
        if (!row[3].empty() && row[3].find_first_not_of("0123456789.") == std::string::npos) {
            file.wanted_version = row[3];
            file.version = file.is_there ? version_of(file.path) : std::string();
        } else if (const auto hash = hashes.find(row[0]); hash != hashes.end() && file.is_there) {
            file.same_content = hash_of(file.path) == hash->second;
        }
        found.push_back(std::move(file));
    }
    return found;
}

std::optional<std::string> WindowsMsiDatabase::owner(const std::string& path) {
    const PathParts wanted = parts_of_path(path);
    if (wanted.names.empty()) return std::nullopt;
    for (const MsiProduct& product : products()) {
        try {
            const MsiTables tables(product.cached);
            std::map<std::string, Component> components;
            for (const auto& row : tables.rows("SELECT `Component_`, `FileName` FROM `File`", 2)) {
                if (!is_same_name(long_name(row[1]), wanted.names.back())) continue;
                if (components.empty()) components = components_of(tables);
                const std::string key = key_path(product.code, components[row[0]].code);
                if (!key.empty() && is_same_name(parent_path(key), parent_path(plain_path(wanted))))
                    return product.name;
            }
        } catch (const Error& error) {
            if (error.cause() != "package_unreadable") throw; // Windows has lost its copy of that one
        }
    }
    return std::nullopt;
}

bool WindowsMsiDatabase::is_at_work() {
    const Handle mutex(::OpenMutexW(SYNCHRONIZE | MUTEX_MODIFY_STATE, FALSE, L"Global\\_MSIExecute"));
    if (!mutex) return ::GetLastError() == ERROR_ACCESS_DENIED;
    const DWORD answer = ::WaitForSingleObject(mutex.get(), 0);
    if (answer == WAIT_TIMEOUT) return true;
    ::ReleaseMutex(mutex.get());
    return false;
}

} // namespace autodeploy
