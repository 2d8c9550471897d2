#include "platform/windows/command_line.h"

#include <doctest/doctest.h>

using namespace autodeploy;
using Words = std::vector<std::string>;

TEST_CASE("a program reads from its command line the arguments that it was given") {
    const Words arguments{"plain",     "",        "two words", R"(C:\Program Files\)", R"(say "yes")",
                          R"(back\\)", R"(a\"b)", "tab\there", R"(\\server\share)",    R"("")"};
    Words expected{R"(C:\Program Files\a.exe)"};
    expected.insert(expected.end(), arguments.begin(), arguments.end());
    CHECK(words_of_command_line(command_line_of(expected[0], arguments)) == expected);
}

TEST_CASE("the value of a property is in quotes, not its name: msiexec reads it so, and others read the same") {
    const Words arguments{R"(INSTALLDIR=C:\Program Files\TSM)", "A=", "=a b", "a b=c d", R"(A_1="x y")"};
    const std::string line = command_line_of("a.exe", arguments);
    CHECK(line.starts_with(R"("a.exe" INSTALLDIR="C:\Program Files\TSM" A= "=a b" "a b=c d" A_1="\"x y\"")"));
    Words expected{"a.exe"};
    expected.insert(expected.end(), arguments.begin(), arguments.end());
    CHECK(words_of_command_line(line) == expected);
}

TEST_CASE("a command line is read as Windows reads it") {
    CHECK(words_of_command_line("").empty());
    CHECK(words_of_command_line(R"(a.exe "b c" d)") == Words{"a.exe", "b c", "d"});
    CHECK(words_of_command_line(R"(C:\a\b.exe  x)") == Words{R"(C:\a\b.exe)", "x"});
    CHECK(words_of_command_line(R"("C:\a b\" x)") == Words{R"(C:\a b\)", "x"});
    CHECK(words_of_command_line(R"(a "b""c")") == Words{"a", R"(b"c)"});
    CHECK(words_of_command_line(R"(a "not closed)") == Words{"a", "not closed"});
}

TEST_CASE("the program of a service is what stands in quotes") {
    const auto readings = readings_of_image_path(R"("C:\Program Files\Tivoli\TSM\baclient\dsmcsvc.exe" -x "a b")");
    REQUIRE(readings.size() == 1);
    CHECK(readings[0] == ServiceCommand{R"(C:\Program Files\Tivoli\TSM\baclient\dsmcsvc.exe)", {"-x", "a b"}});
}

TEST_CASE("without quotes each blank may end the program's name, the shortest first") {
    const auto readings = readings_of_image_path(R"(C:\Program Files\TSM\dsmcsvc.exe -x)");
    REQUIRE(readings.size() == 4);
    CHECK(readings[0] == ServiceCommand{R"(C:\Program)", {R"(Files\TSM\dsmcsvc.exe)", "-x"}});
    CHECK(readings[1].program == R"(C:\Program.exe)");
    CHECK(readings[2] == ServiceCommand{R"(C:\Program Files\TSM\dsmcsvc.exe)", {"-x"}});
    CHECK(readings[3].program == R"(C:\Program Files\TSM\dsmcsvc.exe -x)");
    CHECK(readings_of_image_path("  ").empty());
}
