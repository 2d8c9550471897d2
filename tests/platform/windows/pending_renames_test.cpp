#include "platform/windows/pending_renames.h"

#include "platform/windows/utf16.h"

#include <doctest/doctest.h>

using namespace autodeploy;
using namespace std::string_literals;
using Texts = std::vector<std::string>;

namespace {

/// As the registry holds it: each text with a NUL behind it, one more at the end.
std::string value(const Texts& texts) {
    std::string bytes;
    for (const std::string& text : texts)
        bytes += utf16_of_utf8(text) + "\0\0"s;
    return bytes + "\0\0"s;
}

const std::string client = R"(C:\Program Files\Tivoli\TSM\baclient)";

Texts found(const std::string& from, const std::string& to = "") {
    return pending_renames_below(pending_renames_in(value({from, to})), {client});
}

} // namespace

TEST_CASE("what Windows does at its next start is read in pairs, removals between renames") {
    const auto renames = pending_renames_in(
        value({R"(\??\C:\a.dll)", "", R"(\??\C:\b.tmp)", R"(!\??\C:\b.dll)", R"(\??\UNC\server\share\c)", ""}));
    REQUIRE(renames.size() == 3);
    CHECK(renames[0] == PendingRename{R"(C:\a.dll)", ""});
    CHECK(renames[1] == PendingRename{R"(C:\b.tmp)", R"(C:\b.dll)"});
    CHECK(renames[2] == PendingRename{R"(\\server\share\c)", ""});
    CHECK(pending_renames_in("").empty());
    CHECK(pending_renames_in("\0\0\0"s).empty());
    CHECK(pending_renames_in(utf16_of_utf8("no end")).empty());
}

TEST_CASE("a rename is ours by where it comes from and by where it goes to, in whatever case") {
    CHECK(found(R"(\??\C:\PROGRAM FILES\tivoli\TSM\baclient\dsmc.exe)") ==
          Texts{R"(C:\PROGRAM FILES\tivoli\TSM\baclient\dsmc.exe is removed at the next start of Windows)"});
    CHECK(found(R"(\??\C:\Config.Msi\1.rbf)", R"(!\??\C:\Program Files\Tivoli\TSM\baclient\tsmapi64.dll)").size() == 1);
    CHECK(found(R"(\??\)" + client).size() == 1);
}

TEST_CASE("other products' renames are no matter of ours, however near they lie") {
    CHECK(found(R"(\??\C:\Program Files\Browser\old.exe)").empty());
    CHECK(found(R"(\??\C:\Program Files\Tivoli\TSM\baclient2\dsmc.exe)").empty());
    CHECK(found(R"(\??\C:\Program Files\Tivoli\TSM)").empty());
    CHECK(found(R"(\??\D:\Program Files\Tivoli\TSM\baclient\dsmc.exe)").empty());
}

TEST_CASE("a short name counts as every name that it may stand for") {
    CHECK(found(R"(\??\C:\PROGRA~1\Tivoli\TSM\baclient\dsmc.exe)").size() == 1);
    CHECK(found(R"(\??\C:\PR7C3A~1\Tivoli\TSM\baclient\dsmc.exe)").size() == 1);
    CHECK(found(R"(\??\C:\WINDOW~1\Tivoli\TSM\baclient\dsmc.exe)").empty());
}

TEST_CASE("letters outside of ASCII are never a reason to overlook a file") {
    const auto renames = pending_renames_in(value({"\\??\\D:\\GER\xC3\x84TE\\dsmc.exe", ""}));
    CHECK(pending_renames_below(renames, {"D:\\ger\xC3\xA4te"}).size() == 1);
}
