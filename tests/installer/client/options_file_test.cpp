#include "installer/client/options_file.h"

#include "platform/error.h"

#include <doctest/doctest.h>

#include <vector>

using namespace autodeploy;

namespace {

std::string problems_of(std::string_view text, OptionsFileKind kind = OptionsFileKind::system) {
    try {
        std::string all;
        for (const std::string& problem : parse_options_file("/a/dsm.sys", text, kind).problems())
            all += problem + "\n";
        return all;
    } catch (const Error& error) {
        CHECK(error.cause() == "options_file_malformed");
        return std::string("Error: ") + error.what() + "\n";
    }
}

struct BadFile {
    std::string name;
    std::string text;
    std::string message;
    std::string neighbour; ///< the smallest change that makes it good
};

const std::string stanza = "SErvername a\n";

} // namespace

TEST_CASE("bad options files are told with file and line, and their smallest neighbour is accepted") {
    const std::vector<BadFile> files{
        {"binary", stanza + std::string("nod \0x\n", 7),
         "Error: cannot use the options file /a/dsm.sys:2: it holds binary data; restore the file from a backup or "
         "write it anew\n",
         stanza + "nod x\n"},
        {"too large", std::string(options_file_limit + 1, '*'),
         "Error: cannot use the options file /a/dsm.sys: it has 1048577 bytes, and more than 1048576 is no options "
         "file\n",
         stanza + std::string(option_line_limit, '*')},
        {"line too long", stanza + "domain " + std::string(option_line_limit, 'x') + "\n",
         "Error: cannot use the options file /a/dsm.sys:2: the line is longer than 8192 bytes\n",
         stanza + "domain " + std::string(option_line_limit - 7, 'x') + "\n"},
        {"too many lines", std::string(options_file_line_limit + 1, '\n'),
         "Error: cannot use the options file /a/dsm.sys:20001: more than 20000 lines are no options file\n",
         std::string(options_file_line_limit, '\n')},
        {"misspelled", stanza + "paswordaccess generate\n", "/a/dsm.sys:2: unknown option \"paswordaccess\"\n",
         stanza + "passwordaccess generate\n"},
        {"no value", stanza + "nodename\n", "/a/dsm.sys:2: nodename has no value\n", stanza + "nodename x\n"},
        {"quoted keyword", stanza + "passwordaccess \"generate\"\n",
         "/a/dsm.sys:2: the value of passwordaccess must not stand in quotes\n", stanza + "passwordaccess generate\n"},
        {"no such keyword", stanza + "passwordaccess generated\n",
         "/a/dsm.sys:2: \"generated\" is no value of passwordaccess (prompt|generate)\n",
         stanza + "passwordaccess generate\n"},
        {"quote not closed", stanza + "inclexcl \"/a b\n", "/a/dsm.sys:2: the quote \" is not closed\n",
         stanza + "inclexcl \"/a b\"\n"},
        {"equals sign", stanza + "nodename=x\n",
         "/a/dsm.sys:2: \"nodename=x\" has the form of a command line; in a file a blank stands between name and "
         "value\n",
         stanza + "nodename x\n"},
        {"a second byte order mark", "\xEF\xBB\xBF\xEF\xBB\xBF" + stanza,
         "Error: cannot use the options file /a/dsm.sys:1: a byte order mark stands where none belongs, so the client "
         "would not know the option; were two files joined? Take the mark away\n",
         "\xEF\xBB\xBF" + stanza},
        {"two files joined", stanza + "\xEF\xBB\xBFnodename x\n",
         "Error: cannot use the options file /a/dsm.sys:2: a byte order mark stands where none belongs, so the client "
         "would not know the option; were two files joined? Take the mark away\n",
         stanza + "nodename x\n"},
        {"a blank that is none", stanza + "autodeploy\xC2\xA0no\n",
         "/a/dsm.sys:2: \"autodeploy\xC2\xA0no\" is meant to be autodeploy, but has a character in it that is none of "
         "the client's (an invisible one?); write the line anew\n",
         stanza + "autodeploy no\n"},
        {"a colon", stanza + "autodeploy:no\n",
         "/a/dsm.sys:2: unknown option \"autodeploy:no\"; is autodeploy meant? A blank stands behind its name\n",
         stanza + "autodeploy no\n"},
        {"stanza twice", stanza + "SERVERNAME A\n",
         "/a/dsm.sys:2: the server \"A\" has a stanza at line 1 already; the first one counts\n",
         stanza + "SERVERNAME A2\n"},
    };
    for (const BadFile& file : files) {
        CAPTURE(file.name);
        CHECK(problems_of(file.text) == file.message);
        CHECK(problems_of(file.neighbour).empty());
    }
}

TEST_CASE("whatever stands in an options file, reading ends with lines or with an Error") {
    for (const char* text : {"",
                             "\n",
                             "\r",
                             "\r\n\r\n",
                             "*",
                             "\"",
                             "'",
                             "se",
                             "se ",
                             "se \"",
                             "- x",
                             "-",
                             "=",
                             "= x",
                             "passwordaccess '",
                             "passwordaccess \"",
                             "manageds '",
                             "\xEF\xBB\xBF",
                             "\xFF\xFE",
                             "\xFE\xFF",
                             "\xFF",
                             "a\xFF=b",
                             "\x1A",
                             "\f* x",
                             "exclude",
                             "-=",
                             "--autodeploy="}) {
        CAPTURE(text);
        CHECK_NOTHROW(problems_of(text, OptionsFileKind::user));
        CHECK_NOTHROW(problems_of(text, OptionsFileKind::system));
    }
}

TEST_CASE("every line keeps its number, also behind comments and odd line ends") {
    const OptionsFile file =
        parse_options_file("/a/dsm.opt", "* one\r\n\r\nquiet\r* four\nautodeploy no", OptionsFileKind::user);
    REQUIRE(file.lines.size() == 2);
    CHECK(file.lines[0].line == 3);
    CHECK(file.lines[1].line == 5);
    CHECK(file.place(file.lines[1].line) == "/a/dsm.opt:5");
}
