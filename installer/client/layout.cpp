#include "installer/client/layout.h"

#include "installer/client/ascii.h"

#include <array>
#include <cstddef>

namespace autodeploy {

namespace {

using enum ClientPlace;

constexpr std::array layout{
    LayoutRow{"linux", program, "/opt/tivoli/tsm/client/ba/bin", 0},
    LayoutRow{"linux", library, "/opt/tivoli/tsm/client/api/bin64", 64},
    LayoutRow{"linux", library, "/opt/tivoli/tsm/client/api/bin", 32},
    LayoutRow{"linux", shared, "/usr/local/ibm/gsk8_64", 64},
    LayoutRow{"linux", shared, "/usr/local/ibm/gsk8", 32},
    LayoutRow{"linux", runtime, "/opt/tivoli/tsm/tdpvmware/common/jre", 64},
    LayoutRow{"linux", password, "/etc/adsm", 0},

    LayoutRow{"aix", program, "/usr/tivoli/tsm/client/ba/bin64", 64},
    LayoutRow{"aix", program, "/usr/tivoli/tsm/client/ba/bin", 32},
    LayoutRow{"aix", library, "/usr/tivoli/tsm/client/api/bin64", 64},
    LayoutRow{"aix", library, "/usr/tivoli/tsm/client/api/bin", 32},
    LayoutRow{"aix", shared, "/usr/opt/ibm/gsk8_64", 64},
    LayoutRow{"aix", password, "/etc/security/adsm", 0},

    LayoutRow{"windows", program, "C:\\Program Files\\Tivoli\\TSM\\baclient", 64},
    LayoutRow{"windows", program, "C:\\Program Files (x86)\\Tivoli\\TSM\\baclient", 32},
    LayoutRow{"windows", library, "C:\\Program Files\\Common Files\\Tivoli\\TSM\\api64", 64},
    LayoutRow{"windows", library, "C:\\Program Files (x86)\\Common Files\\Tivoli\\TSM\\api", 32},
    LayoutRow{"windows", library, "C:\\Program Files\\Common Files\\Tivoli\\TSM\\api", 0},
    LayoutRow{"windows", shared, "C:\\Program Files\\IBM\\gsk8", 64},
    LayoutRow{"windows", password, "C:\\ProgramData\\Tivoli\\TSM\\baclient", 0},
};

constexpr bool secret = true;
constexpr bool live = true;

constexpr std::array kept{
    KeptFileRow{program, "*.opt", "options"},
    KeptFileRow{program, "dsm.sys", "options"},
    KeptFileRow{program, "*.sys", "options"},
    KeptFileRow{program, "*incl*excl*", "include list"},
    KeptFileRow{program, "*.excl", "include list"},
    KeptFileRow{program, "tsmjbbd.ini", "options"},
    KeptFileRow{program, "dsmcert.*", "certificate", secret, live},
    KeptFileRow{program, "spclicert.*", "certificate", secret, live},
    KeptFileRow{program, "dsmcad.lang", "service definition"},
    KeptFileRow{library, "*.opt", "options"},
    KeptFileRow{library, "*.sys", "options"},
    KeptFileRow{library, "dsmcert.*", "certificate", secret, live},
    KeptFileRow{library, "spclicert.*", "certificate", secret, live},
    KeptFileRow{password, "tsm.*", "password store", secret, live},
    KeptFileRow{password, "dsmcert.*", "certificate", secret, live},
    KeptFileRow{password, "spclicert.*", "certificate", secret, live},
    KeptFileRow{password, "ismlock*", "password store", secret, live},
};

// What dsmcutil gives to a service, and the passwords of levels before 8.1.2 and 7.1.8.
constexpr std::array settings{
    SettingsRow{"windows", "services", R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion\BackupClient\Scheduler Service)", 64},
    SettingsRow{"windows", "services", R"(HKLM32\SOFTWARE\IBM\ADSM\CurrentVersion\BackupClient\Scheduler Service)", 32},
    SettingsRow{"windows", "nodes", R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion\Nodes)", 64},
    SettingsRow{"windows", "nodes", R"(HKLM32\SOFTWARE\IBM\ADSM\CurrentVersion\Nodes)", 32},
};

// With what a removed client leaves of its own keys.
constexpr std::array abandoned{
    SettingsRow{"windows", "client", R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion\BackupClient)", 64},
    SettingsRow{"windows", "client", R"(HKLM32\SOFTWARE\IBM\ADSM\CurrentVersion\BackupClient)", 32},
    SettingsRow{"windows", "nodes", R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion\Nodes)", 64},
    SettingsRow{"windows", "nodes", R"(HKLM32\SOFTWARE\IBM\ADSM\CurrentVersion\Nodes)", 32},
};

constexpr std::array written{
    WrittenPlaceRow{"rpm", "/opt/tivoli"},
    WrittenPlaceRow{"rpm", "/usr/local/ibm"},
    WrittenPlaceRow{"rpm", "/usr/bin"},
    WrittenPlaceRow{"rpm", "/var/lib/rpm"},
    WrittenPlaceRow{"rpm", "/etc"},
    WrittenPlaceRow{"dpkg", "/opt/tivoli"},
    WrittenPlaceRow{"dpkg", "/usr/local/ibm"},
    WrittenPlaceRow{"dpkg", "/usr/bin"},
    WrittenPlaceRow{"dpkg", "/var/lib/dpkg"},
    WrittenPlaceRow{"dpkg", "/etc"},
    WrittenPlaceRow{"installp", "/usr"},
    WrittenPlaceRow{"installp", "/etc/objrepos"},
    WrittenPlaceRow{"installp", "/tmp"},
    WrittenPlaceRow{"msi", "C:\\Program Files"},
    WrittenPlaceRow{"msi", "C:\\Windows\\Installer"},
};

std::size_t last_separator(std::string_view path) {
    return path.find_last_of("/\\");
}

} // namespace

std::span<const LayoutRow> client_layout() {
    return layout;
}

std::vector<std::string> client_directories(std::string_view system, ClientPlace place) {
    std::vector<std::string> directories;
    for (const LayoutRow& row : layout)
        if (row.system == system && row.place == place) directories.emplace_back(row.directory);
    return directories;
}

std::span<const KeptFileRow> kept_files() {
    return kept;
}

std::span<const SettingsRow> kept_settings() {
    return settings;
}

std::vector<std::string> abandoned_settings(std::string_view system, int bits) {
    std::vector<std::string> keys;
    for (const SettingsRow& row : abandoned)
        if (row.system == system && row.bits == bits) keys.emplace_back(row.key);
    return keys;
}

bool abandons_old_files(std::string_view system) {
    return system == "windows";
}

bool is_of_family(std::string_view place) {
    return place.find("Tivoli") != std::string_view::npos ||
           lower_case(place).find(R"(\ibm\adsm)") != std::string::npos;
}

std::span<const WrittenPlaceRow> written_places() {
    return written;
}

std::string client_program(std::string_view system) {
    return system == "windows" ? "dsmc.exe" : "dsmc";
}

std::vector<std::string> api_libraries(std::string_view system) {
    const std::string_view separator = system == "windows" ? "\\" : "/";
    std::vector<std::string> prefixes;
    for (const LayoutRow& row : layout)
        if (row.system == system && (row.place == library || row.place == shared))
            prefixes.push_back(std::string(row.directory) + std::string(separator));
    return prefixes;
}

std::string file_name(std::string_view path) {
    const std::size_t separator = last_separator(path);
    return std::string(separator == std::string_view::npos ? path : path.substr(separator + 1));
}

std::string directory_of(std::string_view path) {
    const std::size_t separator = last_separator(path);
    if (separator == std::string_view::npos) return {};
    const bool root = separator == 0 || (separator == 2 && path[1] == ':');
    return std::string(path.substr(0, root ? separator + 1 : separator));
}

bool is_absolute(std::string_view path) {
    const bool drive = path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
    return path.starts_with('/') || path.starts_with("\\\\") || drive;
}

std::string in_directory(std::string directory, std::string_view name) {
    const bool windows = directory.find('\\') != std::string::npos;
    if (!directory.ends_with('/') && !directory.ends_with('\\')) directory += windows ? '\\' : '/';
    return directory.append(name);
}

bool lies_below(std::string_view path, std::string_view directory) {
    if (directory.empty() || path.size() < directory.size()) return false;
    const std::string_view beginning = path.substr(0, directory.size());
    // Windows tells a path as it was written, here so and there so.
    const bool windows = directory.find('\\') != std::string_view::npos;
    if (windows ? !same_ignoring_case(beginning, directory) : beginning != directory) return false;
    if (path.size() == directory.size()) return true;
    const char last = directory.back();
    const char next = path[directory.size()];
    return last == '/' || last == '\\' || next == '/' || next == '\\';
}

} // namespace autodeploy
