#include "tests/agent/requirements/requirement_cases.h"

namespace autodeploy {

using enum RequirementState;
using enum Severity;

std::vector<RequirementCase> client_cases() {
    using D = Detection;
    using P = PreflightInput;
    const std::string anew = "nothing: an update mends it; if the update is refused for other reasons, install the "
                             "package anew";
    const std::string by_hand =
        "update this machine by hand: the products on it must fit each other, and the client alone must not go ahead";
    return {
        {"client-present", "there", [](D&, P&) {}, met, blocker, "/opt/tivoli/tsm/client/ba/bin/dsmc 8.1.25.0", ""},
        {"client-present", "its program is gone, its packages are there", [](D& d, P&) { d.program.clear(); }, met,
         blocker, "package database 8.1.25.0", ""},
        {"client-present", "not there",
         [](D& d, P&) {
             d.program.clear();
             d.database_version.reset();
         },
         not_met, blocker, "no program dsmc in the known directories, and no package of the client",
         "install the client first; if it lies elsewhere, name its directory in client_directories"},
        {"client-present", "its directory cannot be read",
         [](D& d, P&) { d.unreadable["program"] = "cannot read /opt/tivoli: Permission denied (error 13)"; },
         cannot_tell, blocker, "cannot read /opt/tivoli: Permission denied (error 13)",
         "make the client's directory readable for the agent"},

        {"packages-known", "owned", [](D&, P&) {}, met, blocker, "{main} ({tool})", ""},
        {"packages-known", "unpacked by hand", [](D& d, P&) { d.installer.clear(); }, not_met, blocker,
         "/opt/tivoli/tsm/client/ba/bin/dsmc belongs to no installed package",
         "install the client from the vendor's packages; what was unpacked by hand cannot be updated"},
        {"packages-known", "database damaged",
         [](D& d, P&) {
             d.installer.clear();
             d.unreadable["packages of " + std::string("rpm")] = "cannot read the package database: rpm says x";
         },
         cannot_tell, blocker, "cannot read the package database: rpm says x",
         "repair the package database, then check again"},

        {"packages-healthy", "all whole", [](D&, P&) {}, met, warning, "4 packages", ""},
        {"packages-healthy", "one half-installed",
         [](D& d, P&) {
             d.packages[3].healthy = false;
             d.packages[3].state = "iF";
         },
         not_met, warning, "{main} 8.1.25-0 is iF", anew},
        {"packages-healthy", "database damaged",
         [](D& d, P&) {
             d.packages.clear();
             d.unreadable["packages of {tool}"] = "cannot read the database: x";
         },
         cannot_tell, warning, "cannot read the database: x", "repair the package database, then check again"},

        {"versions-agree", "they agree", [](D&, P&) {}, met, warning,
         "the database says 8.1.25.0, and so does the program", ""},
        {"versions-agree", "the program is another one",
         [](D& d, P&) {
             d.binary_version = ClientVersion{8, 1, 23, 0};
         },
         not_met, warning, "the program says 8.1.23.0, the database says 8.1.25.0",
         "find out who replaced files of the package; install it anew if in doubt"},
        {"versions-agree", "packages of two levels", [](D& d, P&) { d.packages[2].id.version = "8.1.24-0"; }, not_met,
         warning, "{api} is 8.1.24-0, the database says 8.1.25.0",
         "nothing: an update brings all packages to one level"},
        {"versions-agree", "the program says nothing",
         [](D& d, P&) {
             d.binary_version.reset();
             d.binary_evidence = "dsmc help ended with code 1 and printed no version";
         },
         cannot_tell, warning, "dsmc help ended with code 1 and printed no version",
         "run dsmc help by hand and see why it prints no version"},

        {"client-bits", "64 on 64", [](D&, P&) {}, met, blocker,
         "/opt/tivoli/tsm/client/ba/bin/dsmc is a 64-bit program", ""},
        {"client-bits", "32 on 64", [](D& d, P&) { d.bits = 32; }, met, blocker,
         "/opt/tivoli/tsm/client/ba/bin/dsmc is a 32-bit program on a 64-bit system: it is replaced by the 64-bit one",
         ""},
        {"client-bits", "32 on 32",
         [](D& d, P&) {
             d.bits = 32;
             d.host.is_64_bit = false;
             d.host.architecture = "i386";
         },
         not_met, blocker, "this system is a 32-bit one (i386)",
         "update it by hand; there is no client for 32-bit systems any more"},
        {"client-bits", "32 to 32",
         [](D& d, P& p) {
             d.bits = 32;
             p.release->bits = 32;
         },
         not_met, blocker, "/opt/tivoli/tsm/client/ba/bin/dsmc is a 32-bit program, and the release is one too",
         "offer a 64-bit package"},
        {"client-bits", "a script", [](D& d, P&) { d.bits = 0; }, cannot_tell, blocker,
         "/opt/tivoli/tsm/client/ba/bin/dsmc has no header that is known",
         "see that it is the vendor's program and not a script around it"},

        {"only-backup-archive-client", "alone", [](D&, P&) {}, met, blocker, "", ""},
        {"only-backup-archive-client", "beside Oracle's agent",
         [](D& d, P&) {
             d.other_products = {{"Data Protection for Oracle", "package TDP-Oracle 8.1.13-0"}};
         },
         not_met, blocker, "Data Protection for Oracle (package TDP-Oracle 8.1.13-0)", by_hand},
        {"only-backup-archive-client", "six others",
         [](D& d, P&) {
             for (const char* name : {"a", "b", "c", "d", "e", "f"})
                 d.other_products.push_back({name, "x"});
         },
         not_met, blocker, "a (x); b (x); c (x); d (x) and 2 more", by_hand},
        {"only-backup-archive-client", "nobody can look",
         [](D& d, P&) { d.unreadable["other products"] = "cannot list /opt/tivoli/tsm: x"; }, cannot_tell, blocker,
         "cannot list /opt/tivoli/tsm: x", "make it readable for the agent"},

        {"administrator-files", "all can be captured", [](D&, P&) {}, met, blocker, "8 files", ""},
        {"administrator-files", "a unit cannot be read",
         [](D& d, P&) { d.unreadable["definition of dsmcad.service"] = "cannot read /lib/systemd: x"; }, cannot_tell,
         blocker, "cannot read /lib/systemd: x",
         "make it readable for the agent: nothing is changed that cannot be brought back"},
        {"administrator-files", "options cannot be listed",
         [](D& d, P&) { d.unreadable["files to keep"] = "cannot list /opt/tivoli: x"; }, cannot_tell, blocker,
         "cannot list /opt/tivoli: x",
         "make it readable for the agent: nothing is changed that cannot be brought back"},
    };
}

} // namespace autodeploy
