#include "platform/windows/msi_way.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("versions of MSI are their first three numbers") {
    CHECK(compare_msi_versions("8.1.25.0", "8.1.27.0") < 0);
    CHECK(compare_msi_versions("8.1.9", "8.1.10") < 0);
    CHECK(compare_msi_versions("8.2", "8.1.27.9") > 0);
    CHECK(compare_msi_versions("8.1.25.0", "8.1.25.9") == 0);
    CHECK(compare_msi_versions("", "0.0.0") == 0);
}

TEST_CASE("a row of Upgrade takes away what lies within its limits, and nothing if it only looks") {
    const MsiUpgrade row{"{U}", "8.1.0", "8.1.27", 0x100};
    CHECK(takes_away(row, "8.1.0"));
    CHECK(takes_away(row, "8.1.25.0"));
    CHECK_FALSE(takes_away(row, "8.1.27.0"));
    CHECK_FALSE(takes_away(row, "7.1.8"));
    CHECK(takes_away({"{U}", "8.1.0", "8.1.27", 0x200}, "8.1.27.0"));
    CHECK_FALSE(takes_away({"{U}", "8.1.0", "8.1.27", 0x200}, "8.1.0"));
    CHECK(takes_away({"{U}", "", "", 0}, "1.0"));
    CHECK_FALSE(takes_away({"{U}", "", "", 0x2}, "1.0"));
}

TEST_CASE("what an administrator chose is noted and read again") {
    const MsiChoices choices{{{"{A}", "x64"}, {{"Gui", "Api64Runtime"}, R"(E:\Größe, alt\TSM)"}},
                             {{"{B}", "Intel"}, {}}};
    CHECK(parse_choices(choices_text(choices)) == choices);
    CHECK(parse_choices("").empty());
    CHECK(parse_choices("torn|x64\n|x64|a|b\n").empty());
}

TEST_CASE("a file is wrong if it is gone, has another version, or without one another content") {
    CHECK(wrong_with({R"(C:\a.exe)", true, "8.1.25.0", "8.1.25.0", false}).empty());
    CHECK(wrong_with({R"(C:\a.exe)", false, "8.1.25.0", "", true}) == R"(C:\a.exe is missing)");
    CHECK(wrong_with({R"(C:\a.exe)", true, "8.1.27.0", "8.1.25.0", true}) ==
          R"(C:\a.exe is version 8.1.25.0 instead of 8.1.27.0)");
    CHECK(wrong_with({R"(C:\a.txt)", true, "", "", false}) == R"(C:\a.txt is not as it was installed)");
    CHECK(wrong_with({R"(C:\a.txt)", true, "", "", true}).empty());
}
