#include "platform/windows/rights.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

constexpr std::uint32_t full_access = 0x1F01FF, read_access = 0x1200A9, modify_access = 0x1301BF, add_file = 0x2,
                        delete_child = 0x40;
const std::string system_user = "S-1-5-18", administrators = "S-1-5-32-544", users = "S-1-5-32-545",
                  alice = "S-1-5-21-1-2-3-1001";

AccessRights ours(std::vector<AccessEntry> more = {}) {
    AccessRights rights{
        administrators, false, {{true, false, full_access, system_user}, {true, false, full_access, administrators}}};
    rights.entries.insert(rights.entries.end(), more.begin(), more.end());
    return rights;
}

bool refused(const AccessRights& rights, Guarded guarded) {
    return others_may("C:\\x", rights, guarded, system_user).has_value();
}

} // namespace

TEST_CASE("what only Windows, the administrators and we ourselves have rights to is nobody else's") {
    CHECK_FALSE(refused(ours(), Guarded::secret));
    CHECK_FALSE(others_may("C:\\x", ours({{true, false, full_access, alice}}), Guarded::secret, alice).has_value());
}

TEST_CASE("a foreign owner could give himself every right") {
    AccessRights rights = ours();
    rights.owner = alice;
    for (const Guarded guarded : {Guarded::place, Guarded::content, Guarded::secret})
        CHECK(refused(rights, guarded));
    CHECK(others_may("C:\\x", rights, Guarded::place, system_user) == "C:\\x belongs to " + alice);
}

TEST_CASE("reading harms what is secret only") {
    const AccessRights rights = ours({{true, false, read_access, users}});
    CHECK(refused(rights, Guarded::secret));
    CHECK_FALSE(refused(rights, Guarded::content));
    CHECK_FALSE(refused(rights, Guarded::place));
}

TEST_CASE("who may add to a folder harms its content, but not what stands in it") {
    const AccessRights rights = ours({{true, false, add_file, users}});
    CHECK(refused(rights, Guarded::content));
    CHECK_FALSE(refused(rights, Guarded::place));
}

TEST_CASE("who may delete what is in a folder could put something else there") {
    CHECK(refused(ours({{true, false, delete_child, users}}), Guarded::place));
    CHECK(refused(ours({{true, false, modify_access, users}}), Guarded::place));
    CHECK(others_may("C:\\x", ours({{true, false, modify_access, users}}), Guarded::content, system_user) ==
          "every user may write to C:\\x");
}

TEST_CASE("an entry for what is made below does not count, nor does one that refuses") {
    CHECK_FALSE(refused(ours({{true, true, full_access, users}}), Guarded::secret));
    CHECK_FALSE(refused(ours({{false, false, full_access, users}}), Guarded::secret));
}

TEST_CASE("without an access list everybody may do everything") {
    AccessRights rights = ours();
    rights.everybody = true;
    CHECK(refused(rights, Guarded::place));
}

TEST_CASE("an entry of a kind that is not known counts as harm") {
    CHECK(refused(ours({{true, false, ~std::uint32_t(0), ""}}), Guarded::place));
}
