#include "installer/client/layout.h"
#include "installer/client/products.h"
#include "installer/client/upgrade_edges.h"
#include "installer/patterns.h"

#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>

using namespace autodeploy;

TEST_CASE("packages of the client are known, everything else of the family is another product") {
    for (const char* name :
         {"gskcrypt64", "gskssl64", "TIVsm-API64", "TIVsm-APIcit", "TIVsm-BA", "TIVsm-BAcit", "TIVsm-BAhdw",
          "TIVsm-WEBGUI", "TIVsm-JBB", "TIVsm-filepath", "TIVsm-API", "TIVsm-msg.DE_DE"}) {
        CAPTURE(name);
        CHECK(find_client_package("rpm", name) != nullptr);
        CHECK(find_client_package("dpkg", name) != find_client_package("rpm", name));
    }
    for (const char* name : {"TIVsm-HSM", "TIVsm-BAGPFS", "TDP-Oracle", "TIVsm-server", "TIVsm-BAx", "tivsm-ba"}) {
        CAPTURE(name);
        CHECK(find_client_package("rpm", name) == nullptr);
    }
    CHECK(product_of_package("rpm", "TDP-Oracle-8") == "Data Protection for Oracle");
    CHECK(product_of_package("rpm", "TIVsm-BAGPFS") == "Space Management (HSM) for GPFS");
    CHECK(product_of_package("rpm", "TIVsm-new") == "TIVsm-new");
}

TEST_CASE("every fileset of a 32-bit client of AIX is one of an old name, no part of the 64-bit one is") {
    const auto part_of = [](const std::string& name) {
        const ClientPackageRow* row = find_client_package("installp", name);
        return row == nullptr ? std::optional<PackagePart>() : row->part;
    };
    for (const char* part : {"base", "common", "image", "nas", "web"}) {
        CAPTURE(part);
        const std::string name = part;
        const PackagePart old = name == "base" ? PackagePart::old_main : PackagePart::old_name;
        CHECK(part_of("tivoli.tsm.client.ba." + name) == old);
        CHECK(part_of("tivoli.tsm.client.ba.32bit." + name) == old);
        REQUIRE(part_of("tivoli.tsm.client.ba.64bit." + name).has_value());
        CHECK(part_of("tivoli.tsm.client.ba.64bit." + name) ==
              (name == "base" ? PackagePart::main : PackagePart::part));
        CHECK(are_counterparts("installp", "tivoli.tsm.client.ba." + name, "tivoli.tsm.client.ba.64bit." + name));
        CHECK(are_counterparts("installp", "tivoli.tsm.client.ba.64bit." + name, "tivoli.tsm.client.ba.32bit." + name));
    }
    for (const ClientPackageRow& row : client_packages())
        if (!row.replaced_by.empty()) CHECK(find_client_package(row.installer, row.replaced_by) != nullptr);
    CHECK_FALSE(are_counterparts("installp", "tivoli.tsm.client.ba.64bit.base", "tivoli.tsm.client.ba.64bit.base"));
    CHECK(part_of("tivoli.tsm.client.api.32bit") == PackagePart::old_name);
    CHECK(part_of("tivoli.tsm.client.jbb.32bit") == PackagePart::old_name);
    CHECK(part_of("tivoli.tsm.client.msg.de_DE") == PackagePart::language);
    CHECK(part_of("tivoli.tsm.msg.de_DE.client.ba") == PackagePart::language);
    CHECK_FALSE(part_of("tivoli.tsm.msg.en_US.server").has_value());
    CHECK_FALSE(part_of("tivoli.tsm.client.ba64.gpfs.base").has_value());
}

TEST_CASE("shared parts are installed first and the program behind its library") {
    for (const char* installer : {"rpm", "dpkg", "installp"}) {
        std::vector<PackagePart> parts;
        for (const ClientPackageRow& row : client_packages())
            if (row.installer == installer && row.part != PackagePart::old_name) parts.push_back(row.part);
        CHECK(parts.front() == PackagePart::shared);
    }
    CHECK(find_client_package("rpm", "TIVsm-API64") < find_client_package("rpm", "TIVsm-BA"));
    CHECK(find_client_package("dpkg", "tivsm-api64") < find_client_package("dpkg", "tivsm-ba"));
}

TEST_CASE("the vendor's own deployment is seen by its words") {
    CHECK(is_vendor_deployment("/bin/sh", {"../IBM_ANR_UNX/deployclient.sh"}));
    CHECK_FALSE(is_vendor_deployment("/usr/bin/autodeploy", {"trigger"}));
}

TEST_CASE("paths of every system are taken apart") {
    CHECK(file_name("/opt/a/dsmc") == "dsmc");
    CHECK(file_name("C:\\a\\dsmc.exe") == "dsmc.exe");
    CHECK(directory_of("/opt/a/dsmc") == "/opt/a");
    CHECK(directory_of("/dsmc") == "/");
    CHECK(directory_of("C:\\a\\dsmc.exe") == "C:\\a");
    CHECK(lies_below("/opt/a/b", "/opt/a"));
    CHECK(lies_below("/opt/a", "/opt/a"));
    CHECK(lies_below("/opt/a/b", "/opt/a/"));
    CHECK_FALSE(lies_below("/opt/ab", "/opt/a"));
    CHECK_FALSE(lies_below("/opt", ""));
    CHECK_FALSE(lies_below("/opt/A/b", "/opt/a"));
    CHECK(lies_below("C:\\Program Files\\Tivoli\\TSM\\BACLIENT\\dsmc.exe", "C:\\Program Files\\Tivoli\\TSM\\baclient"));
    CHECK_FALSE(
        lies_below("C:\\Program Files\\Tivoli\\TSM\\baclient2\\dsmc.exe", "C:\\Program Files\\Tivoli\\TSM\\baclient"));
}

TEST_CASE("patterns fit whole texts") {
    CHECK(fits_pattern("dsmcert.*", "dsmcert.kdb"));
    CHECK(fits_pattern("*incl*excl*", "my.inclexcl.list"));
    CHECK(fits_pattern("*", ""));
    CHECK(fits_pattern("a?c", "abc"));
    CHECK_FALSE(fits_pattern("*.opt", "dsm.opt.smp"));
    CHECK_FALSE(fits_pattern("", "a"));
    CHECK_FALSE(fits_pattern("a", ""));
    CHECK_FALSE(fits_pattern("*a*a*a*a*b", std::string(200, 'a')));
}

TEST_CASE("upgrade edges are crossed exactly where their ranges say") {
    const auto crossed = [](const char* system, ClientVersion from, ClientVersion to) {
        std::set<std::string> ids;
        for (const UpgradeEdge& edge : upgrade_edges())
            if (edge.condition == EdgeCondition::always && crosses(edge, system, from, to)) ids.emplace(edge.id);
        return ids;
    };
    using Ids = std::set<std::string>;
    CHECK(crossed("linux", {8, 1, 25, 0}, {8, 1, 27, 0}) == Ids{});
    CHECK(crossed("linux", {8, 1, 1, 9}, {8, 1, 2, 0}) == Ids{"session-security", "password-store"});
    CHECK(crossed("linux", {8, 1, 0, 0}, {8, 1, 1, 5}) == Ids{});
    CHECK(crossed("linux", {7, 1, 7, 0}, {7, 1, 8, 0}) == Ids{"session-security", "password-store"});
    CHECK(crossed("linux", {7, 1, 8, 0}, {8, 1, 27, 0}) == Ids{});
    CHECK(crossed("linux", {6, 2, 4, 0}, {8, 1, 27, 0}) ==
          Ids{"session-security", "password-store", "linux-remove-first"});
    CHECK(crossed("linux", {8, 1, 27, 0}, {8, 2, 0, 0}) == Ids{"release-8.2"});
    CHECK(crossed("linux", {8, 2, 0, 0}, {8, 2, 1, 0}) == Ids{});
    CHECK(crossed("aix", {6, 1, 0, 0}, {7, 1, 0, 0}) == Ids{"aix-remove-first"});
    CHECK(crossed("aix", {6, 3, 0, 0}, {7, 1, 0, 0}) == Ids{});
    for (const UpgradeEdge& edge : upgrade_edges()) {
        CAPTURE(edge.id);
        CHECK(edge.from_at_least <= edge.from_at_most);
        CHECK(edge.to_at_least <= edge.to_at_most);
        CHECK_FALSE(edge.reason.empty());
        CHECK_FALSE(edge.mend.empty());
        const bool without_subject = edge.condition == EdgeCondition::always || edge.condition == EdgeCondition::bits32;
        CHECK(without_subject == edge.subject.empty());
    }
}
