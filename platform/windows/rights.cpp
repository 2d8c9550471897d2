#include "platform/windows/rights.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace autodeploy {

namespace {

// Names of winnt.h, for files and directories.
constexpr std::uint32_t write_data = 0x2, append_data = 0x4, write_extended = 0x10, delete_child = 0x40,
                        write_attributes = 0x100, delete_it = 0x10000, write_list = 0x40000, write_owner = 0x80000,
                        generic_all = 0x10000000, generic_write = 0x40000000;

std::uint32_t harmful(Guarded guarded) {
    constexpr std::uint32_t replaces = delete_child | delete_it | write_list | write_owner | generic_all;
    switch (guarded) {
    case Guarded::place:
        return replaces;
    case Guarded::content:
        return replaces | write_data | append_data | write_extended | write_attributes | generic_write;
    case Guarded::secret:
        break;
    }
    return ~std::uint32_t(0);
}

bool is_trusted(std::string_view who, const std::string& own) {
    // SYSTEM, the administrators, TrustedInstaller; and "owner rights" and "creator owner", who are judged as owners.
    constexpr std::array<std::string_view, 5> system = {
        "S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", "S-1-3-4",
        "S-1-3-0"};
    return who == own || std::find(system.begin(), system.end(), who) != system.end();
}

std::string name_of(const std::string& who) {
    if (who == "S-1-1-0") return "everybody";
    if (who == "S-1-5-11") return "every user who logs on";
    if (who == "S-1-5-32-545") return "every user";
    return who.empty() ? "an unknown account" : who;
}

} // namespace

std::optional<std::string> others_may(const std::string& path, const AccessRights& rights, Guarded guarded,
                                      const std::string& own) {
    if (!is_trusted(rights.owner, own)) return path + " belongs to " + name_of(rights.owner);
    const std::string what = guarded == Guarded::secret ? " has rights to " : " may write to ";
    if (rights.everybody) return "everybody" + what + path + " (it has no access list)";
    for (const AccessEntry& entry : rights.entries)
        if (entry.allows && !entry.inherit_only && (entry.mask & harmful(guarded)) != 0 && !is_trusted(entry.who, own))
            return name_of(entry.who) + what + path;
    return std::nullopt;
}

} // namespace autodeploy
