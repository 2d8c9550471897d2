#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// What a directory of the client is for.
enum class ClientPlace {
    program,  ///< dsmc, dsmcad, options files, certificates
    library,  ///< the API's library, and options files of its own
    shared,   ///< GSKit: other products use it too
    runtime,  ///< the Java runtime that the client brings
    password, ///< stored passwords
};

struct LayoutRow {
    std::string_view system; ///< "linux", "aix", "windows"
    ClientPlace place = ClientPlace::program;
    std::string_view directory;
    int bits = 64; ///< of the programs that lie there; 0: either
};

/// In the order of searching: the first directory that has the program is the client's.
std::span<const LayoutRow> client_layout();
/// Of one system and place.
std::vector<std::string> client_directories(std::string_view system, ClientPlace place);

/// A file that belongs to the administrator, or that only a working client can make anew.
struct KeptFileRow {
    ClientPlace place = ClientPlace::program;
    std::string_view pattern; ///< of its name, lower case; letter case is ignored
    std::string_view kind;
    bool secret = false;
    bool live = false; ///< the running client may change it at any time
};
std::span<const KeptFileRow> kept_files();

/// Settings of the client's that are no files (Windows' registry) and that belong to the administrator or that only a
/// working client can make anew. The keys of one name are counterparts, one for each word size of the client.
struct SettingsRow {
    std::string_view system;
    std::string_view name;
    std::string_view key; ///< as SettingsStore has it; everything below belongs to it
    int bits = 64;
};
std::span<const SettingsRow> kept_settings();

/// Where nobody but the client of that word size ever looks: to be taken away once the other one works in its place.
std::vector<std::string> abandoned_settings(std::string_view system, int bits);
/// Whether the files of a client of the other word size are done with. On AIX certificates are documented in the old
/// place for the 64-bit client as well.
bool abandons_old_files(std::string_view system);

/// Whether a directory, or a key of the registry, is the client's family's alone, and so to be taken away once it is
/// empty.
bool is_of_family(std::string_view place);

/// Where a native installer writes when the client is updated, to measure room.
struct WrittenPlaceRow {
    std::string_view installer;
    std::string_view path;
};
std::span<const WrittenPlaceRow> written_places();

/// The program that says its version: "dsmc" or "dsmc.exe".
std::string client_program(std::string_view system);

/// The libraries of the API that other software loads, as prefixes of paths.
std::vector<std::string> api_libraries(std::string_view system);

/// The last component of a path of any system.
std::string file_name(std::string_view path);
/// The path without its last component; no slash at the end but for a root.
std::string directory_of(std::string_view path);
/// Of a Unix, or of Windows with its drive or server.
bool is_absolute(std::string_view path);
/// The directory's path with the name behind it, in the manner of the directory's system.
std::string in_directory(std::string directory, std::string_view name);
/// Whether path is the directory or lies below it; letter case does not count where the directory is one of Windows.
bool lies_below(std::string_view path, std::string_view directory);

} // namespace autodeploy
