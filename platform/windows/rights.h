#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// One entry of an access list, as far as it lets somebody do something.
struct AccessEntry {
    bool allows = true;
    bool inherit_only = false; ///< counts for what is made below only
    std::uint32_t mask = 0;
    std::string who; ///< "S-1-5-32-545"

    bool operator==(const AccessEntry&) const = default;
};

/// Owner and access list of a file or directory.
struct AccessRights {
    std::string owner;
    bool everybody = false; ///< there is no access list: everybody may do everything
    std::vector<AccessEntry> entries;
};

enum class Guarded {
    content, ///< nobody else may change it
    place,   ///< nobody else may put something else where it, or what is in it, stands; adding to it is no harm
    secret,  ///< nobody else may even read it
};

/// Who besides Windows itself, the administrators and ourselves could do what is guarded against, for people ("S-1-5-11
/// may write to C:\x"); nothing if nobody can. A refusal is not counted on. own: the user that we run as.
std::optional<std::string> others_may(const std::string& path, const AccessRights& rights, Guarded guarded,
                                      const std::string& own);

/// For SYSTEM and the administrators only, what is made below it too; nothing comes from above.
inline constexpr const char* private_directory_rights = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
inline constexpr const char* private_file_rights = "D:P(A;;FA;;;SY)(A;;FA;;;BA)";

} // namespace autodeploy
