#include "platform/windows/utf16.h"

#include <doctest/doctest.h>

using namespace autodeploy;
using namespace std::string_literals;

TEST_CASE("texts of Windows become UTF-8 and come back, beyond the first 65536 characters too") {
    const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
    const std::string bytes = "a\0\xE4\0\xAC\x20\x3D\xD8\x00\xDE"s;
    CHECK(utf16_of_utf8(text) == bytes);
    CHECK(utf8_of_utf16(bytes) == text);
}

TEST_CASE("what is no text is shown as such instead of being lost or read beyond its end") {
    const std::string unknown = "\xEF\xBF\xBD";
    CHECK(utf8_of_utf16("\x3D\xD8"s) == unknown);
    CHECK(utf8_of_utf16("\x3D\xD8"s + "a\0"s) == unknown + "a");
    CHECK(utf8_of_utf16("\x00\xDE"s) == unknown);
    CHECK(utf8_of_utf16("a\0b"s) == "a");
    CHECK(utf16_of_utf8("\xE2\x82") == utf16_of_utf8(unknown + unknown));
    CHECK(utf16_of_utf8("\xC0\x80") == utf16_of_utf8(unknown + unknown));
    CHECK(utf16_of_utf8("\xED\xA0\x80") == utf16_of_utf8(unknown + unknown + unknown));
}

TEST_CASE("a log of msiexec is read in either encoding") {
    CHECK(text_of_tool_file("\xFF\xFE" + utf16_of_utf8("Aktion gestartet \xC3\xBC")) == "Aktion gestartet \xC3\xBC");
    CHECK(text_of_tool_file("Action start") == "Action start");
    CHECK(text_of_tool_file("\xEF\xBB\xBF\xC3\xBC") == "\xC3\xBC");
    CHECK(text_of_tool_file("\xC3\xBC") == "\xC3\xBC");
    CHECK(text_of_tool_file("f\xFCr") == "f\xC3\xBCr");
    CHECK(text_of_tool_file("").empty());
}

TEST_CASE("a text that comes in pieces is cut between its letters only") {
    const std::string text = "a\u00FC\u20AC\U0001F600";
    const std::size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    for (std::size_t size = 0; size <= text.size(); ++size)
        CHECK(whole_letters(std::string_view(text).substr(0, size)) == ends[size]);
    CHECK(whole_letters("x\x9F") == 2); // no letter, and none to come
    CHECK(whole_letters("\x9F\x9F\x9F\x9F") == 4);
    CHECK(whole_letters("x\xFF") == 2);
}
