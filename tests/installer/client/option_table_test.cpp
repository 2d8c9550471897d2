#include "installer/client/option_table.h"

#include "installer/client/ascii.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("every short form of an option means that option and no other") {
    for (const OptionRow& row : option_table()) {
        const std::string name = option_name(row);
        std::size_t shortest = name.size();
        while (shortest > 1 && find_option(std::string_view(name).substr(0, shortest - 1)) == &row)
            --shortest;
        for (std::size_t length = shortest; length <= name.size(); ++length)
            for (const OptionRow& other : option_table()) {
                if (&other == &row) continue;
                const std::string form = name.substr(0, length);
                // Another option may bear that very name ("exclude" begins "exclude.dir"), and then it is meant.
                if (option_name(other) != form && find_option(form) == &other)
                    FAIL_CHECK(
                        std::string(form + " means " + std::string(other.name) + ", not " + std::string(row.name)));
            }
    }
}

TEST_CASE("short forms are as the vendor's syntax shows them") {
    const auto name = [](std::string_view word) {
        const OptionRow* row = find_option(word);
        return row == nullptr ? std::string() : option_name(*row);
    };
    CHECK(name("PASSWORDA") == "passwordaccess");
    CHECK(name("passwordaccess") == "passwordaccess");
    CHECK(name("password") == "password");
    CHECK(name("PASSWORDDIR") == "passworddir");
    CHECK(name("passwordd").empty());
    CHECK(name("MANAGEDS") == "managedservices");
    CHECK(name("managed").empty());
    CHECK(name("autodeploy") == "autodeploy");
    CHECK(name("AUTODEPLO").empty());
    CHECK(name("se") == "servername");
    CHECK(name("tcpp") == "tcpport");
    CHECK(name("tcps") == "tcpserveraddress");
    CHECK(name("schedlogret") == "schedlogretention");
    CHECK(name("errorlogn") == "errorlogname");
    CHECK(name("schedcmde") == "schedcmdexception");
    CHECK(name("exclude.dir") == "exclude.dir");
    CHECK(name("exclude.di").empty());
    CHECK(name("").empty());
}

TEST_CASE("values have short forms of their own") {
    const OptionRow& autodeploy = *find_option("autodeploy");
    CHECK(option_keyword(autodeploy, "n") == "no");
    CHECK(option_keyword(autodeploy, "NO") == "no");
    CHECK(option_keyword(autodeploy, "nor") == "noreboot");
    CHECK(option_keyword(autodeploy, "y") == "yes");
    CHECK(option_keyword(autodeploy, "noo").empty());
    CHECK(option_keyword(autodeploy, "").empty());
    CHECK(option_rank(autodeploy, "no") < option_rank(autodeploy, "noreboot"));
    CHECK(option_rank(autodeploy, "noreboot") < option_rank(autodeploy, "yes"));
    CHECK(option_rank(autodeploy, "") == 0);
    CHECK(option_keyword(*find_option("passwordaccess"), "gen").empty());
}
