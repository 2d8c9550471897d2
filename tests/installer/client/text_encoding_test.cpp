#include "installer/client/text_encoding.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("single bytes are read as editors of Western Windows write them") {
    CHECK(decode_text("SCHEDLOGName \"E:\\\xDC"
                      "bung \x80 5\\\x96\x84log\x93\"")
              .text == "SCHEDLOGName \"E:\\\u00DCbung \u20AC 5\\\u2013\u201Elog\u201C\"");
    CHECK(decode_text("E:\\\xDC"
                      "bung")
              .encoding == "single-byte");
}

TEST_CASE("a single byte that stands for no letter is kept apart from all others") {
    CHECK(decode_text("x\x81y").text == "x\u0081y");
    CHECK(decode_text("x\x8Fy").text == "x\u008Fy");
}

TEST_CASE("the same text is read from each encoding that an editor of Windows offers") {
    const std::string text = "NODename \u00DCbung";
    CHECK(decode_text(text).text == text);
    CHECK(decode_text("\xEF\xBB\xBF" + text).text == text);
    CHECK(decode_text("NODename \xDC"
                      "bung")
              .text == text);
    const std::string little("N\0O\0D\0e\0n\0a\0m\0e\0 \0\xDC\0b\0u\0n\0g\0", 28);
    CHECK(decode_text("\xFF\xFE" + little).text == text);
    CHECK(decode_text(little).text == text);
    CHECK(decode_text(little).encoding == "UTF-16LE");
}
