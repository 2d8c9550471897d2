#include "tests/agent/requirements/requirement_cases.h"

namespace autodeploy {

using enum RequirementState;
using enum Severity;

namespace {

using D = Detection;
using P = PreflightInput;

std::function<void(D&, P&)> step(ClientVersion from, ClientVersion to) {
    return [from, to](D& d, P& p) {
        d.database_version = from;
        p.release->release = to;
    };
}

std::function<void(D&, P&)> signature(SignatureResult result, SignaturePolicy policy) {
    return [result, policy](D&, P& p) {
        p.release->signature = {result, "", "alice", "test release"};
        p.vendor_signature = policy;
    };
}

FoundPrerequisite runtime(const std::optional<std::string>& installed) {
    FoundPrerequisite found;
    found.payload.use = PayloadUse::prerequisite;
    found.payload.id = {"Visual C++", "14.38.33130", "x64"};
    found.installed = installed;
    return found;
}

std::function<void(D&, P&)> with(const FoundPrerequisite& found) {
    return [found](D&, P& p) { p.prerequisites = {found}; };
}

FoundPrerequisite waiting_runtime() {
    FoundPrerequisite found = runtime("v14.20.27508.00");
    found.waiting = {"msvcp140.dll waits"};
    return found;
}

FoundPrerequisite unreadable_runtime() {
    FoundPrerequisite found = runtime({});
    found.unreadable = "cannot open the registry's key: denied";
    return found;
}

} // namespace

std::vector<RequirementCase> release_cases() {
    const std::string publish_back = "publish the packages of the installed release with add --way-back-only, or set "
                                     "allow_without_way_back";
    const std::string recall = "recall the installed release in the repository if clients shall go back";
    std::vector<RequirementCase> cases{
        {"release-fits-platform", "fits", [](D&, P&) {}, met, blocker, "{platform}", ""},
        {"release-fits-platform", "another platform", [](D&, P& p) { p.release->platform = "windows-x64"; }, not_met,
         blocker, "the package is for windows-x64 ({tool}), this client is {platform} ({tool})",
         "add the vendor's package for {platform} to the repository"},
        {"release-fits-platform", "platform unknown", [](D& d, P&) { d.platform.clear(); }, cannot_tell, blocker,
         "the client's platform is not known", "see the requirement packages-known"},

        {"level-supported", "in range", [](D&, P&) {}, met, blocker, "8.1.25.0", ""},
        {"level-supported", "too old",
         [](D&, P& p) {
             p.release->from_at_least = ClientVersion{8, 1, 26, 0};
         },
         not_met, blocker, "installed is 8.1.25.0, the release wants at least 8.1.26.0",
         "update to a level between by hand, or offer such a one first"},
        {"level-supported", "too new",
         [](D&, P& p) {
             p.release->from_at_most = ClientVersion{8, 1, 20, 0};
         },
         not_met, blocker, "installed is 8.1.25.0, the release wants at most 8.1.20.0",
         "offer a release that may be installed over 8.1.25.0"},
        {"level-supported", "older than any", step({5, 3, 0, 0}, {8, 1, 27, 0}), not_met, blocker,
         "installed is 5.3.0.0, the release wants at least 5.5.0.0",
         "update to a level between by hand, or offer such a one first"},
        {"level-supported", "unknown", [](D& d, P&) { d.database_version.reset(); }, cannot_tell, blocker,
         "the installed level is not known", "see the requirement packages-known"},

        {"no-downgrade", "up", [](D&, P&) {}, met, blocker, "8.1.25.0 → 8.1.27.0", ""},
        {"no-downgrade", "the same", step({8, 1, 27, 0}, {8, 1, 27, 0}), met, blocker, "8.1.27.0 → 8.1.27.0", ""},
        {"no-downgrade", "down", step({8, 1, 27, 0}, {8, 1, 25, 0}), not_met, blocker, "8.1.27.0 → 8.1.25.0", recall},
        {"no-downgrade", "down by a recall",
         [](D& d, P& p) {
             step({8, 1, 27, 0}, {8, 1, 25, 0})(d, p);
             p.way_down_allowed = true;
         },
         met, blocker, "8.1.27.0 → 8.1.25.0, allowed by a recall or a rollback", ""},

        {"one-way-edges", "none", [](D&, P&) {}, met, blocker, "", ""},
        {"one-way-edges", "told by the manifest",
         [](D&, P& p) {
             p.release->one_way_edges = {
                 {"new-store", {8, 0, 0, 0}, {8, 1, 26, 0}, "the store changes", "ask support"}};
         },
         not_met, blocker, "8.1.25.0 → 8.1.27.0 crosses new-store: the store changes",
         "approve new-store in the settings (approved_one_way) or in the offer; ask support"},
        {"one-way-edges", "approved",
         [](D&, P& p) {
             p.release->one_way_edges = {{"new-store", {8, 0, 0, 0}, {8, 1, 26, 0}, "the store changes", ""}};
             p.approved_one_way = {"new-store"};
         },
         met, blocker, "8.1.25.0 → 8.1.27.0 crosses new-store, approved", ""},
        {"one-way-edges", "known here and approved",
         [](D& d, P& p) {
             step({8, 1, 1, 0}, {8, 1, 27, 0})(d, p);
             p.approved_one_way = {"session-security", "password-store"};
         },
         met, blocker,
         "8.1.1.0 → 8.1.27.0 crosses session-security, approved; 8.1.1.0 → 8.1.27.0 crosses "
         "password-store, approved",
         ""},
        {"one-way-edges", "known here, one not approved",
         [](D& d, P& p) {
             step({8, 1, 1, 0}, {8, 1, 27, 0})(d, p);
             p.approved_one_way = {"session-security"};
         },
         not_met, blocker,
         "8.1.1.0 → 8.1.27.0 crosses password-store: the new level moves stored passwords into TSM.KDB, TSM.sth and "
         "TSM.IDX and deletes the old entries",
         "approve password-store in the settings (approved_one_way) or in the offer; both stores are captured before "
         "the update"},

        {"edge-open", "open", [](D&, P&) {}, met, blocker, "", ""},
        {"edge-open", "to 8.2", step({8, 1, 27, 0}, {8, 2, 0, 0}), not_met, blocker,
         "release-8.2: nobody has written down yet what the step from 8.1 to 8.2 changes",
         "stay with 8.1 levels, or update this client by hand"},

        {"edge-open", "6.2, whose packages are removed first", step({6, 2, 4, 0}, {8, 1, 27, 0}), met, blocker, "", ""},

        {"edge-prepared", "nothing to prepare", [](D&, P&) {}, met, blocker, "", ""},
        {"edge-prepared", "language packs",
         [](D& d, P& p) {
             step({7, 1, 2, 0}, {8, 1, 27, 0})(d, p);
             d.packages.push_back({{"TIVsm-msg.DE_DE", "7.1.2-0", "x86_64"}, true, "", ""});
         },
         not_met, blocker,
         "linux-language-packs: language packs of levels up to 7.1.2 keep the new packages from being installed "
         "(TIVsm-msg.DE_DE)",
         "remove the packages TIVsm-msg.*", "linux"},
        {"edge-prepared", "certificate wanted",
         [](D& d, P& p) {
             step({8, 1, 1, 0}, {8, 1, 27, 0})(d, p);
             d.services.front().options.values["sslacceptcertfromserv"] = {"no", "no", "/x/dsm.sys:9", ""};
         },
         not_met, blocker,
         "certificate-first: from this level on sessions are encrypted, and with SSLACCEPTCERTFROMSERV no the client "
         "accepts no certificate by itself (/x/dsm.sys:9: sslacceptcertfromserv no)",
         "import the server's certificate into dsmcert.kdb first, or set SSLACCEPTCERTFROMSERV yes"},
        {"edge-prepared", "a server on the same machine", [](D& d, P&) { d.facts["backup-server"] = "running"; },
         not_met, blocker,
         "server-running: a Storage Protect server runs on this machine; the installer wants it halted, or restarts "
         "the machine (backup-server is running)",
         "halt the server for the time of the update"},

        {"edge-known-trouble", "none",
         [](D& d, P&) { std::erase_if(d.files, [](const ClientFile& file) { return file.kind == "certificate"; }); },
         met, warning, "", ""},
        {"edge-known-trouble", "certificates", [](D&, P&) {}, not_met, warning,
         "old-certificates: certificate stores of an old level can make the new client hang at logon (IT41127) "
         "(/opt/tivoli/tsm/client/ba/bin/dsmcert.kdb)",
         "if its scheduler does not reach the server after the update, move dsmcert.kdb and dsmcert.sth away (the "
         "API's directory and users' homes have them, too), run UPDATE NODE name SESSIONSECURITY=TRANSITIONAL at the "
         "server, and let the client fetch the certificate again"},
        {"edge-known-trouble", "no locale",
         [](D& d, P&) {
             std::erase_if(d.files, [](const ClientFile& file) { return file.kind == "certificate"; });
             d.facts["acceptor-locale"] = "unset";
         },
         not_met, warning,
         "locale-8.1.27: from 8.1.27 on files are skipped if the service has no locale that fits their names "
         "(acceptor-locale is unset)",
         "set LANG in dsmcad.lang or in the service's unit", "linux"},

        {"server-level", "new enough", [](D&, P&) {}, met, warning, "the server is 8.1.20.0", ""},
        {"server-level", "too old",
         [](D& d, P&) {
             d.server_version = ClientVersion{6, 3, 0, 0};
         },
         not_met, warning, "the server is 6.3.0.0",
         "update the server first: clients of this release want 7.1.0.0 or newer"},
        {"server-level", "unknown", [](D& d, P&) { d.server_version.reset(); }, cannot_tell, note,
         "nothing on this machine tells the level of the backup server", "see that the server is 7.1.0.0 or newer"},

        {"package-requirements", "none", [](D&, P&) {}, met, blocker, "", ""},
        {"package-requirements", "distribution new enough",
         [](D&, P& p) {
             p.release->requirements = {{"distribution", "debian 11", "glibc"}};
         },
         met, blocker, "distribution at least debian 11 (glibc)", ""},
        {"package-requirements", "another distribution",
         [](D&, P& p) {
             p.release->requirements = {{"distribution", "rhel 9", "glibc"}};
         },
         met, blocker, "distribution at least rhel 9 (glibc)", ""},
        {"package-requirements", "distribution too old",
         [](D& d, P& p) {
             d.host.distribution = "rhel 8.9";
             p.release->requirements = {{"distribution", "rhel 8.10", "glibc"}};
         },
         not_met, blocker, "distribution at least rhel 8.10 (glibc): it is rhel 8.9", "update the system first"},
        {"package-requirements", "a fact that nobody knows",
         [](D&, P& p) {
             p.release->requirements = {{"moon", "full", "magic"}};
         },
         not_met, blocker, "the package asks for moon at least full (magic), which this agent does not know",
         "update the agent before this release is offered to it"},
        {"package-requirements", "server too old",
         [](D&, P& p) {
             p.release->requirements = {{"server_level", "8.1.24.0", "protocol"}};
         },
         not_met, blocker, "server_level at least 8.1.24.0 (protocol): it is 8.1.20.0", "update the server first"},
        {"package-requirements", "server unknown",
         [](D& d, P& p) {
             d.server_version.reset();
             p.release->requirements = {{"server_level", "8.1.24.0", "protocol"}};
         },
         cannot_tell, warning, "server_level at least 8.1.24.0 (protocol): nothing on this machine tells it",
         "see that the server is new enough"},

        {"vendor-signature", "verified", [](D&, P&) {}, met, blocker, "verified when it was published: key E58157A3",
         ""},
        {"vendor-signature", "none for this kind", signature(SignatureResult::absent, SignaturePolicy::no_waiver), met,
         blocker, "packages of this kind carry none; the publisher vouches for the bytes", ""},
        {"vendor-signature", "none, but wanted", signature(SignatureResult::absent, SignaturePolicy::verified), not_met,
         blocker, "packages of this kind carry no signature of the vendor",
         "set vendor_signature to no_waiver or as_published if the publisher's word is enough"},
        {"vendor-signature", "waived", signature(SignatureResult::waived, SignaturePolicy::as_published), met, blocker,
         "waived by alice: test release", ""},
        {"vendor-signature", "waived, but not here", signature(SignatureResult::waived, SignaturePolicy::no_waiver),
         not_met, blocker, "waived by alice: test release",
         "publish the package with its signature verified, or set vendor_signature to as_published"},

        {"shared-parts", "raised", [](D&, P&) {}, met, blocker,
         "gskcrypt64 8.0-55.31 → 8.0-60.4; gskssl64 8.0-55.31 → 8.0-60.4", ""},
        {"shared-parts", "lowered", [](D& d, P&) { d.packages[0].id.version = "8.0-60.10"; }, not_met, blocker,
         "gskcrypt64 8.0-60.10 → 8.0-60.4", "leave the newer one in place: other products may need it"},
        {"shared-parts", "lowered by a word that a number is newer than",
         [](D& d, P& p) {
             d.packages[0].id.version = "8.0-60.4";
             p.target->present[0].id.version = "8.0-60.beta";
         },
         not_met, blocker, "gskcrypt64 8.0-60.4 → 8.0-60.beta",
         "leave the newer one in place: other products may need it"},

        {"prerequisites", "none", [](D&, P&) {}, met, note, "", ""},
        {"prerequisites", "there", with(runtime("v14.38.33130.00")), met, note, "Visual C++ (x64) v14.38.33130.00", ""},
        {"prerequisites", "newer", with(runtime("v14.40.1.00")), met, note, "Visual C++ (x64) v14.40.1.00", ""},
        {"prerequisites", "missing", with(runtime({})), not_met, note,
         "Visual C++ (x64) is missing; 14.38.33130 is installed before the client is stopped",
         "nothing: the agent installs it, and it stays whatever becomes of the update"},
        {"prerequisites", "older", with(runtime("v14.38.33129.00")), not_met, note,
         "Visual C++ (x64) is v14.38.33129.00; 14.38.33130 is installed before the client is stopped",
         "nothing: the agent installs it, and it stays whatever becomes of the update"},
        {"prerequisites", "older, and its files wait for a restart", with(waiting_runtime()), not_met, blocker,
         "Visual C++ (x64) is v14.20.27508.00; 14.38.33130 is wanted, and msvcp140.dll waits",
         "restart the machine: files of the runtime wait for it"},
        {"prerequisites", "does not tell its version", with(runtime("newest")), cannot_tell, note,
         "Visual C++ (x64) is there and does not tell its version (\"newest\"); 14.38.33130 is wanted",
         "it is left alone; install 14.38.33130 by hand if the client does not run"},
        {"prerequisites", "cannot be read", with(unreadable_runtime()), cannot_tell, blocker,
         "Visual C++ (x64): cannot open the registry's key: denied", "see that the registry can be read"},
        {"prerequisites", "not looked for yet", [](D&, P& p) { p.release->payloads.push_back(runtime({}).payload); },
         cannot_tell, note, "they were not looked for yet", ""},

        {"way-back", "at hand", [](D&, P&) {}, met, blocker,
         "the packages of the installed release are at hand, equal by digest", ""},
        {"way-back", "by level only", [](D&, P& p) { p.way_back->by_level_only = true; }, met, blocker,
         "the packages of the installed release are at hand, told by their level only", ""},
        {"way-back", "others than what is installed",
         [](D&, P& p) { p.way_back->differences = {"{main}: installed digest a, kept digest b"}; }, not_met, blocker,
         "{main}: installed digest a, kept digest b", publish_back},
        {"way-back", "none, and allowed",
         [](D&, P& p) {
             p.way_back->differences = {"{main} is not kept"};
             p.allow_without_way_back = true;
         },
         not_met, warning, "{main} is not kept", publish_back},
        {"way-back", "not looked for yet", [](D&, P& p) { p.way_back.reset(); }, cannot_tell, note,
         "the packages of the installed release were not looked for yet", ""},
    };
    for (const char* id : {"release-fits-platform", "level-supported", "no-downgrade", "one-way-edges", "edge-open",
                           "edge-prepared", "edge-known-trouble", "server-level", "package-requirements",
                           "vendor-signature", "shared-parts", "prerequisites", "way-back"})
        cases.push_back(
            {id, "no release", [](D&, P& p) { p.release.reset(); }, cannot_tell, note, "no release is chosen yet", ""});
    return cases;
}

} // namespace autodeploy
