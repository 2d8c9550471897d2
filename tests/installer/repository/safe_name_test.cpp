#include "installer/repository/safe_name.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace autodeploy;

TEST_CASE("plain names stay as they are") {
    for (const char* name : {"root", "linux-x86_64", "a.b", "releases", "bin-0f", "console", "com10", "communication"})
        CHECK(safe_file_name(name) == name);
}

TEST_CASE("no text becomes a path, a hidden file, or a device of Windows") {
    for (const char* text : {"",        ".",    "..",       "../x",  "/etc/passwd", "..\\x", "C:x",       "a:b",
                             "con",     "CON",  "nul.txt",  "Com1",  "lpt9.x",      "aux",   "trailing.", "trailing ",
                             ".hidden", "a\nb", "\xC3\xA4", "a%2fb", "x~1",         "?",     "#",         "*"}) {
        const std::string name = safe_file_name(text);
        CAPTURE(name);
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.%ABCDEF") == std::string::npos);
        CHECK(name != text);
        CHECK(!name.starts_with("."));
        CHECK(!name.ends_with("."));
        CHECK(!name.empty());
        CHECK((name.starts_with("%") || name.size() > 4));
    }
    CHECK(safe_file_name("con.x") == "%63on.x");
    CHECK(safe_file_name("a/b") == "a%2Fb");
}

TEST_CASE("different texts never share a file, even where case does not count") {
    std::set<std::string> names;
    const std::vector<std::string> texts{"a",
                                         "A",
                                         "%61",
                                         "a%",
                                         "con",
                                         "CON",
                                         "%63on",
                                         "",
                                         "a/b",
                                         "a%2Fb",
                                         "A/B",
                                         "a.b",
                                         "a.b.",
                                         ".a.b",
                                         "a b",
                                         std::string(1, '\0'),
                                         std::string(300, 'a'),
                                         std::string(301, 'a'),
                                         std::string(70, 'A')};
    for (const std::string& text : texts) {
        std::string name = safe_file_name(text);
        CHECK(name.size() <= 200);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        CHECK(names.insert(name).second);
    }
}

TEST_CASE("a target's name must be relative and plain") {
    for (const char* good : {"a", "packages/linux-x86_64/x.rpm", "a b", "...", "a..b/c", "\xC3\xA4", "%2e%2e/x"})
        CHECK(is_safe_target_path(good));
    for (const char* bad : {"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\\b", "..\\a", "C:a",
                            "a:b", "a\nb", "a\x7F"})
        CHECK(!is_safe_target_path(bad));
    CHECK(!is_safe_target_path(std::string_view("a\0b", 3)));
}
