#include "installer/client/upgrade_edges.h"

#include <array>

namespace autodeploy {

namespace {

using enum EdgeKind;
using enum EdgeCondition;
using enum Confidence;

constexpr ClientVersion lowest{0, 0, 0, 0};
constexpr ClientVersion highest{9999, 9999, 9999, 9999};
constexpr ClientVersion last_6_2{6, 2, 9999, 9999};
constexpr ClientVersion last_7_1_2{7, 1, 2, 9999};
constexpr ClientVersion last_7_1_7{7, 1, 7, 9999};
constexpr ClientVersion first_7_1_8{7, 1, 8, 0};
constexpr ClientVersion last_7{7, 9999, 9999, 9999};
constexpr ClientVersion first_8{8, 0, 0, 0};
constexpr ClientVersion last_8_1_1{8, 1, 1, 9999};
constexpr ClientVersion first_8_1_2{8, 1, 2, 0};
constexpr ClientVersion last_8_1{8, 1, 9999, 9999};
constexpr ClientVersion first_8_2{8, 2, 0, 0};

constexpr std::string_view strict_sessions =
    "after its first session with the new level the server demands strict session security of this node, and the old "
    "level may not log on any more; shared nodes are hit as well";
constexpr std::string_view transitional =
    "after a way back run UPDATE NODE name SESSIONSECURITY=TRANSITIONAL at the server";
constexpr std::string_view password_moves =
    "the new level moves stored passwords into TSM.KDB, TSM.sth and TSM.IDX and deletes the old entries";
constexpr std::string_view password_approval = "both stores are captured before the update";
constexpr std::string_view certificate_missing =
    "from this level on sessions are encrypted, and with SSLACCEPTCERTFROMSERV no the client accepts no certificate by "
    "itself";
constexpr std::string_view import_certificate =
    "import the server's certificate into dsmcert.kdb first, or set SSLACCEPTCERTFROMSERV yes";

constexpr std::array edges{
    UpgradeEdge{"session-security", "", lowest, last_7_1_7, first_7_1_8, highest, one_way, always, "", documented,
                strict_sessions, transitional},
    UpgradeEdge{"session-security", "", first_8, last_8_1_1, first_8_1_2, highest, one_way, always, "", documented,
                strict_sessions, transitional},
    UpgradeEdge{"password-store", "", lowest, last_7_1_7, first_7_1_8, highest, one_way, always, "", documented,
                password_moves, password_approval},
    UpgradeEdge{"password-store", "", first_8, last_8_1_1, first_8_1_2, highest, one_way, always, "", documented,
                password_moves, password_approval},
    UpgradeEdge{"certificate-first", "", lowest, last_7_1_7, first_8_1_2, highest, prepare, option,
                "sslacceptcertfromserv=no", documented, certificate_missing, import_certificate},
    UpgradeEdge{"certificate-first", "", first_8, last_8_1_1, first_8_1_2, highest, prepare, option,
                "sslacceptcertfromserv=no", documented, certificate_missing, import_certificate},
    UpgradeEdge{
        "old-certificates", "", lowest, last_8_1, first_8_1_2, highest, watch, file, "certificate:dsmcert.*",
        documented, "certificate stores of an old level can make the new client hang at logon (IT41127)",
        "if its scheduler does not reach the server after the update, move dsmcert.kdb and dsmcert.sth away (the "
        "API's directory and users' homes have them, too), run UPDATE NODE name SESSIONSECURITY=TRANSITIONAL "
        "at the server, and let the client fetch the certificate again"},
    UpgradeEdge{"release-8.2", "", lowest, last_8_1, first_8_2, highest, closed, always, "", assumed,
                "nobody has written down yet what the step from 8.1 to 8.2 changes",
                "stay with 8.1 levels, or update this client by hand"},

    UpgradeEdge{"linux-remove-first", "linux", lowest, last_6_2, lowest, highest, removed_first, always, "", documented,
                "levels up to 6.2 cannot be updated in place", "nothing; the plan shows what is removed first"},
    UpgradeEdge{"linux-language-packs", "linux", lowest, last_7_1_2, lowest, highest, prepare, package, "TIVsm-msg.*",
                documented, "language packs of levels up to 7.1.2 keep the new packages from being installed",
                "remove the packages TIVsm-msg.*"},
    UpgradeEdge{"server-running", "", lowest, highest, first_8_1_2, highest, prepare, fact, "backup-server=running",
                documented,
                "a Storage Protect server runs on this machine; the installer wants it halted, or restarts the machine",
                "halt the server for the time of the update"},
    UpgradeEdge{"filepath-module", "linux", lowest, highest, lowest, highest, prepare, fact, "filepath-module=missing",
                experience,
                "journal based backup needs the kernel module filepath, and there is none for the running kernel",
                "build or install TIVsm-filepath for the running kernel first, or remove TIVsm-JBB"},
    UpgradeEdge{"locale-8.1.27",
                "linux",
                lowest,
                {8, 1, 26, 9999},
                {8, 1, 27, 0},
                highest,
                watch,
                fact,
                "acceptor-locale=unset",
                documented,
                "from 8.1.27 on files are skipped if the service has no locale that fits their names",
                "set LANG in dsmcad.lang or in the service's unit"},

    UpgradeEdge{"aix-remove-first", "aix", lowest, last_6_2, lowest, highest, removed_first, always, "", documented,
                "levels up to 6.2 cannot be updated in place", "nothing; the plan shows what is removed first"},
    UpgradeEdge{"aix-gpfs-filesets", "aix", lowest, highest, lowest, highest, closed, package,
                "tivoli.tsm.client.ba64.gpfs*", documented, "the filesets for GPFS conflict with these (IC98917)",
                "update this client by hand with the package for GPFS"},

    UpgradeEdge{"windows-32-bit", "windows", lowest, last_7, first_8, highest, watch, bits32, "", documented,
                "there is no 32-bit client for Windows in 8.1: services and settings move to the 64-bit side",
                "nothing; the plan shows what moves"},
};

} // namespace

std::span<const UpgradeEdge> upgrade_edges() {
    return edges;
}

bool crosses(const UpgradeEdge& edge, std::string_view system, const ClientVersion& from, const ClientVersion& to) {
    if (!edge.system.empty() && edge.system != system) return false;
    return edge.from_at_least <= from && from <= edge.from_at_most && edge.to_at_least <= to && to <= edge.to_at_most;
}

} // namespace autodeploy
