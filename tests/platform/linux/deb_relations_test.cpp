#include "platform/linux/deb_relations.h"

#include <doctest/doctest.h>

using namespace autodeploy;
using Strings = std::vector<std::string>;

namespace {

DebPackage package(const std::string& name, const std::string& version, const std::string& depends = "",
                   const std::string& pre_depends = "") {
    DebPackage result;
    result.name = name;
    result.version = version;
    result.status = "ii ";
    result.depends = depends;
    result.pre_depends = pre_depends;
    return result;
}

} // namespace

TEST_CASE("versions are ordered as dpkg orders them") {
    const Strings ascending = {"1.0~~",    "1.0~rc1",  "1.0",      "1.0-0+a",  "1.0-1", "1.0-1a",
                               "1.0-1.1",  "1.0-10",   "1.0a",     "1.0+dfsg", "1.0.1", "8.1.9-0",
                               "8.1.25-0", "8.1.27-0", "8.1.27-1", "1:0.1",    "10:0"};
    for (std::size_t left = 0; left < ascending.size(); ++left)
        for (std::size_t right = 0; right < ascending.size(); ++right) {
            CAPTURE(ascending[left]);
            CAPTURE(ascending[right]);
            CHECK((compare_deb_versions(ascending[left], ascending[right]) <=> 0) == (left <=> right));
        }
    CHECK(compare_deb_versions("0:1.0-0", "1.0") == 0);
    CHECK(compare_deb_versions("1.00", "1.0") == 0);
    CHECK(compare_deb_versions("", "0") == 0);
}

TEST_CASE("relations are read with versions, alternatives and qualifiers") {
    CHECK(parse_deb_relations("tivsm-api64 (= 8.1.27-0), libc6:any (>= 2.17) | libc [amd64],\n x(<<2) , ") ==
          std::vector<std::vector<DebRelation>>{
              {{"tivsm-api64", "=", "8.1.27-0"}}, {{"libc6", ">=", "2.17"}, {"libc", "", ""}}, {{"x", "<<", "2"}}});
    CHECK(parse_deb_relations("").empty());
    CHECK(parse_deb_relations(" , ,").empty());
    CHECK(parse_deb_relations("a (").front().front().name == "a");
}

TEST_CASE("a set that has all that it needs is no problem") {
    const std::vector<DebPackage> installed = {package("libc6", "2.36-9"), package("api", "25"),
                                               package("ba", "25", "", "api (= 25)")};
    CHECK(deb_problems(installed, {package("api", "27", "libc6 (>= 2.17)"), package("ba", "27", "", "api (= 27)")}, {})
              .empty());
}

TEST_CASE("what is missing, too old or in conflict is told") {
    DebPackage other = package("other", "1", "virtual (>= 3), api | none, gone");
    DebPackage provider = package("provider", "1");
    provider.provides = "virtual, versioned (= 2)";
    other.conflicts = "ba (>> 26)";
    const std::vector<DebPackage> installed = {package("libc6", "2.10"), package("api", "25"), provider};
    CHECK(deb_problems(installed, {package("api", "27", "libc6 (>= 2.17)")}, {}) ==
          Strings{"api depends on libc6 (>= 2.17)"});
    CHECK(deb_problems(installed, {package("api", "27", "virtual, versioned (>= 2)")}, {}).empty());
    CHECK(deb_problems(installed, {package("api", "27", "virtual (= 1) | versioned (>> 2)")}, {}) ==
          Strings{"api depends on virtual (= 1) | versioned (>> 2)"});
    CHECK(deb_problems({package("api", "25"), other}, {package("ba", "27")}, {}) ==
          Strings{"installed other conflicts with ba (>> 26): ba"});
}

TEST_CASE("other packages that need what changes are looked at, but not what was wrong before") {
    const std::vector<DebPackage> installed = {package("api", "25"), package("cit", "25", "api (= 25)"),
                                               package("broken", "1", "never-was")};
    CHECK(deb_problems(installed, {package("api", "27")}, {}) == Strings{"installed cit depends on api (= 25)"});
    CHECK(deb_problems(installed, {package("api", "27"), package("cit", "27", "api (= 27)")}, {}).empty());
    CHECK(deb_problems(installed, {}, {"api"}) == Strings{"installed cit depends on api (= 25)"});
    CHECK(deb_problems(installed, {}, {"api", "cit"}).empty());
}

TEST_CASE("packages that are not wholly there meet no need") {
    DebPackage half = package("api", "25");
    half.status = "iHR";
    CHECK(deb_problems({half}, {package("ba", "25", "api")}, {}) == Strings{"ba depends on api"});
}

TEST_CASE("a package comes in a later run than those that it pre-depends on") {
    using Groups = std::vector<std::vector<std::size_t>>;
    CHECK(deb_install_order({package("ba", "1", "", "api"), package("api", "1", "ssl"), package("ssl", "1", "crypt"),
                             package("crypt", "1")}) == Groups{{1, 2, 3}, {0}});
    // What a pre-dependency needs in turn has to be configured with it.
    CHECK(deb_install_order({package("a", "1", "", "b"), package("b", "1", "c"), package("c", "1", "", "d"),
                             package("d", "1")}) == Groups{{3}, {1, 2}, {0}});
    CHECK(deb_install_order({package("a", "1"), package("b", "1", "a")}) == Groups{{0, 1}});
    CHECK(deb_install_order({}).empty());
    std::size_t all = 0;
    for (const auto& group : deb_install_order({package("a", "1", "", "b"), package("b", "1", "", "a")}))
        all += group.size();
    CHECK(all == 2); // a circle is left to dpkg, but nobody is forgotten
}
