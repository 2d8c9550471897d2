#include "installer/any_bytes_json.h"

#include "platform/error.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("JSON comes back as it was written") {
    const std::string text = R"({"a":[1,-2,true,null,"x\n\u20ac\ud83d\ude00"],"b":{}})";
    CHECK(compact_json(parse_json(text)) == "{\"a\":[1,-2,true,null,\"x\\n\xE2\x82\xAC\xF0\x9F\x98\x80\"],\"b\":{}}");
    CHECK(parse_json(pretty_json(parse_json(text))) == parse_json(text));
}

TEST_CASE("the canonical form escapes only quotes and backslashes and sorts by byte") {
    CHECK(canonical_json(parse_json(R"({"b":"a\nb\"\\","B":1})")) == "{\"B\":1,\"b\":\"a\nb\\\"\\\\\"}");
}

TEST_CASE("what a lenient reader would let through is refused") {
    for (const char* bad : {"",
                            "{",
                            R"({"a":1,"a":2})",
                            "1.0",
                            "1e3",
                            "-0",
                            "01",
                            "18446744073709551616",
                            "9223372036854775808",
                            "\"\x01\"",
                            "\"\xC0\x80\"",
                            "\"\x80 and more\"",
                            "\"\xC0\x80 and more\"",
                            "\"\xF5\x80\x80\x80\"",
                            "\"\xE2\x82\"",
                            "\"\xE2(\xA1 and more\"",
                            "\"\xE0\x80\x80\"",
                            R"("\ud800\u0041")",
                            "\"\xED\xA0\x80\"",
                            R"("\ud800")",
                            R"("\ud800x")",
                            R"("\udc00")",
                            "1 2",
                            "[1,]",
                            "nul",
                            "\"\\x\"",
                            "\"\xF4\x90\x80\x80\"",
                            "{\"a\" 1}",
                            "\xEF\xBB\xBF{}"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_json(bad), Error);
    }
    CHECK_THROWS_AS(parse_json(std::string(100, '[') + std::string(100, ']')), Error);
    CHECK_NOTHROW(parse_json(std::string(60, '[') + std::string(60, ']')));
}

TEST_CASE("bytes that are no UTF-8 are replaced, and JSON is written all the same") {
    const Json json(Json::Object{{"caf\xE9", "\xE2\x82 \xFF\"\x01"}});
    CHECK(compact_json(json) == "{\"caf\xEF\xBF\xBD\":\"\xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\\\"\\u0001\"}");
    CHECK_NOTHROW(parse_json(compact_json(json)));
    CHECK_NOTHROW(parse_json(pretty_json(json)));
}

TEST_CASE("names of files come back byte by byte where any bytes are allowed, and nowhere else") {
    std::string all;
    for (int byte = 1; byte < 256; ++byte)
        all += static_cast<char>(byte);
    for (const std::string& name :
         {all, std::string("\xED\xB3\xA9"), std::string("\xF0\x9F\x98"), std::string("\\udce9")}) {
        CAPTURE(name);
        const std::string text = compact_any_bytes_json(Json(name));
        CHECK(parse_any_bytes_json(text).string() == name);
    }
    const std::string text = compact_any_bytes_json(Json("caf\xE9.opt"));
    CHECK(text == "\"caf\\udce9.opt\"");
    CHECK_THROWS_AS(parse_json(text), Error);
    for (const char* bad : {R"("\udc7f")", R"("\udc")", R"("\udcx9")", R"("\udd80")", R"("\ud800\udce")"})
        CHECK_THROWS_AS(parse_any_bytes_json(bad), Error);
    CHECK(parse_any_bytes_json(R"("\ud83d\ude00")") == parse_json(R"("\ud83d\ude00")"));
}

TEST_CASE("a wrong type is told with what was expected") {
    CHECK_THROWS_WITH_AS(parse_json("\"1\"").integer(),
                         "cannot use the JSON value: expected an integer, found a string", Error);
    CHECK_THROWS_WITH_AS(parse_json("{}").at("a"), "cannot use the JSON value: the key \"a\" is missing", Error);
}
