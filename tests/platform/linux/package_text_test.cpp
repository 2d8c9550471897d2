#include "platform/linux/dpkg_text.h"
#include "platform/linux/rpm_text.h"

#include <doctest/doctest.h>

using namespace autodeploy;
using Strings = std::vector<std::string>;

namespace {

CommandResult said(int code, const std::string& output) {
    return {code, output, "", false};
}

} // namespace

TEST_CASE("records of dpkg are read whole or not at all") {
    const std::string record =
        "tivsm-ba\x1f"
        "8.1.27-0\x1f"
        "amd64\x1f"
        "iHR\x1f"
        "12\x1flibc6\x1f"
        "tivsm-api64 (= 8.1.27-0)\x1f\x1f\x1f\x1f /etc/x abc\x1fIBM\x1flook-alike\n more\x1f\x1e";
    const auto records = parse_deb_records(record + "torn\x1f" + "1\x1f");
    REQUIRE(records.size() == 1);
    CHECK(records[0].package.name == "tivsm-ba");
    CHECK(records[0].package.version == "8.1.27-0");
    CHECK(records[0].package.status == "iHR");
    CHECK(records[0].package.depends == "libc6");
    CHECK(records[0].package.pre_depends == "tivsm-api64 (= 8.1.27-0)");
    CHECK(records[0].installed_bytes == 12 * 1024);
    CHECK(records[0].conffiles == " /etc/x abc");
    CHECK(parse_deb_records("").empty());
}

TEST_CASE("dpkg's owner of a file is the package, not a diversion") {
    CHECK(parse_deb_owner("diversion by dash from: /bin/sh\ntivsm-ba:amd64: /bin/sh\n") == "tivsm-ba");
    CHECK(parse_deb_owner("tivsm-ba, tivsm-api64: /opt/tivoli\n") == "tivsm-ba");
    CHECK_FALSE(parse_deb_owner("").has_value());
}

TEST_CASE("dpkg's verification tells missing and changed files, not configuration or left out documentation") {
    CHECK(parse_dpkg_verify("missing   c /etc/conf\nmissing     /opt/x\n??5??????   /opt/with blank\n"
                            "??5?????? c /etc/conf2\nmissing     /usr/share/doc/x/copyright\n") ==
          Strings{"/opt/x is missing", "/opt/with blank has another content"});
}

TEST_CASE("dpkg's words are kept where it failed, and a lock is known") {
    CHECK(judge_dpkg(said(0, "Setting up x\n")).reason.empty());
    const ToolVerdict failed = judge_dpkg(
        said(1, "Setting up badpost (1) ...\nhello\ndpkg: error processing package badpost (--install):\n"
                " installed badpost package post-installation script subprocess returned error exit status 3\n"
                "Errors were encountered while processing:\n badpost\n"));
    CHECK(failed.reason == "dpkg: error processing package badpost (--install): / installed badpost package "
                           "post-installation script subprocess returned error exit status 3");
    CHECK_FALSE(failed.lock_was_held);
    CHECK(judge_dpkg(said(2, "dpkg: error: dpkg frontend lock was locked by another process with pid 24921\n"))
              .lock_was_held);
    CHECK(judge_dpkg(said(2, "dpkg: error: dpkg status database is locked by another process\n")).lock_was_held);
}

TEST_CASE("a deb's digest does not depend on order, but on everything else") {
    DebRecord record;
    record.package.name = "x";
    const std::string digest = deb_digest(record, "a  one\nb  two\n", " /etc/x 1\n /etc/y 2");
    CHECK(digest == deb_digest(record, "b  ./two\na  one\n", "/etc/y 2\n/etc/x 1\n"));
    CHECK(digest != deb_digest(record, "a  one\nc  two\n", "/etc/y 2\n/etc/x 1\n"));
    CHECK(digest != deb_digest(record, "a  one\nb  two\n", "/etc/y 2\n"));
    record.package.depends = "libc6";
    CHECK(digest != deb_digest(record, "a  one\nb  two\n", "/etc/y 2\n/etc/x 1\n"));
}

TEST_CASE("rpm's packages are read whole or not at all") {
    CHECK(names_not_installed("package TIVsm-BA is not installed\nTIVsm-API\t8\tx86_64\ta\t1\npackage a b is not "
                              "installed\npackage  is not installed\nerror: x\n") ==
          std::set<std::string>{"TIVsm-BA", "a b"});
    const auto packages = parse_rpm_query("TIVsm-BA\t8.1.27-0\tx86_64\tabc\t100\nold\t1:2-3\tnoarch\tsha1:def\t5\n"
                                          "torn\t1\nbad\t1\tx\ty\tmany\n\tno\tname\t\t1\n");
    REQUIRE(packages.size() == 2);
    CHECK(packages[0].id == PackageId{"TIVsm-BA", "8.1.27-0", "x86_64"});
    CHECK(packages[0].digest == "abc");
    CHECK(packages[0].installed_bytes == 100);
    CHECK(packages[1].id.version == "1:2-3");
}

TEST_CASE("configuration files are known with what was shipped") {
    CHECK(parse_conffiles(" /etc/with blank abc\n /etc/old def obsolete\n nothing\n") ==
          std::vector<ShippedFile>{{"/etc/with blank", "md5", "abc"}});
    CHECK(parse_rpm_configuration(
              "17\t8\tabc\t/etc/with blank\n0\t8\tdef\t/opt/x\n65\t8\tghi\t/var/ghost\n1\t1\tjkl\t/etc/y\n"
              "1\t99\tmno\t/etc/z\n1\t8\t\t/etc/folder\nnosuch is not installed\n") ==
          std::vector<ShippedFile>{{"/etc/with blank", "sha256", "abc"}, {"/etc/y", "md5", "jkl"}});
}

TEST_CASE("rpm's verification tells content, not rights, times or configuration") {
    CHECK(parse_rpm_verify("missing     /opt/x\nS.5....T.    /opt/with blank\n.M...UG..    /opt/rights\n.......T.    "
                           "/opt/time\nS.5....T.  c /etc/conf\nmissing   c /etc/conf\nmissing   d /usr/share/doc/x\n"
                           "....L....    /opt/link\n..?......    /opt/unread\npackage nosuch is not installed\n"
                           "Unsatisfied dependencies for x:\n") ==
          Strings{"/opt/x is missing", "/opt/with blank has another content", "/opt/link has another content",
                  "/opt/unread cannot be read", "nosuch is not installed"});
}

TEST_CASE("rpm's failed scriptlets are found though it ends with 0") {
    const ToolVerdict shell =
        judge_rpm(said(0, "rpm: RPM should not be used directly install RPM packages, use Alien instead!\n"
                          "TIVsm-BA-8.1.28-0.x86_64\nwarning: %post(TIVsm-BA-8.1.28-0.x86_64) scriptlet failed, exit "
                          "status 1\n"));
    CHECK(shell.failed_scriptlets ==
          Strings{"warning: %post(TIVsm-BA-8.1.28-0.x86_64) scriptlet failed, exit status 1"});
    CHECK(shell.reason.empty());
    const ToolVerdict failed =
        judge_rpm(said(5, "warning: x.rpm: Header V3 RSA/SHA256 Signature, key ID e58157a3: NOKEY\nerror: "
                          "%prein(TIVsm-BA-8.1.29-0.x86_64) scriptlet failed, exit status 3\nerror: "
                          "TIVsm-BA-8.1.29-0.x86_64: install failed\n"));
    CHECK(failed.reason == "error: %prein(TIVsm-BA-8.1.29-0.x86_64) scriptlet failed, exit status 3 / error: "
                           "TIVsm-BA-8.1.29-0.x86_64: install failed");
    CHECK(judge_rpm(said(255, "error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily "
                              "unavailable)\n"))
              .lock_was_held);
}

TEST_CASE("problems of rpm's dry run are told but for those of packages that are to go") {
    const std::string text =
        "rpm: However assuming you know what you are doing...\nerror: Failed dependencies:\n"
        "\tTIVsm-API = 8.1.25 is needed by (installed) TIVsm-OLD-8.1.25-0.i386\n"
        "\tTIVsm-API is needed by (installed) Oracle-7.1-0.i386\n"
        "\tfile /opt/x from install of TIVsm-API64-8 conflicts with file from package TIVsm-API-8.1\n";
    CHECK(parse_rpm_problems(text, {"TIVsm-API", "TIVsm-OLD"}) ==
          Strings{"TIVsm-API is needed by (installed) Oracle-7.1-0.i386"});
    CHECK(parse_rpm_problems(text, {}).size() == 3);
}

TEST_CASE("locks on versions are known in the forms of all tools") {
    const Strings names = {"TIVsm-BA", "TIVsm-API64", "gskcrypt64"};
    CHECK(names_in_version_locks("# TIVsm-BA\n0:TIVsm-BA-8.1.25-0.*\n", names) == Strings{"TIVsm-BA"});
    CHECK(names_in_version_locks("TIVsm-API64-0:8.1.25-0.*\n!0:TIVsm-BA-8.1.25-0.*\n", names) ==
          Strings{"TIVsm-API64"});
    CHECK(names_in_version_locks("type: package\nsolvable_name: gskcrypt64\n", names) == Strings{"gskcrypt64"});
    CHECK(names_in_version_locks("[[packages]]\nname = \"TIVsm-BA\"\n", names) == Strings{"TIVsm-BA"});
    CHECK(names_in_version_locks("exclude=kernel* TIVsm*,other\n", names) == Strings{"TIVsm-BA", "TIVsm-API64"});
    CHECK(names_in_version_locks("TIVsm-BAcit-8.1\nname=x\nexclude=*\n", names).empty());
}
