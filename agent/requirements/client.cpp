#include "agent/requirements/requirement_table.h"

#include "installer/client/products.h"
#include "installer/client/versions.h"

#include <array>

namespace autodeploy {

namespace {

void client_present(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (const std::string* why = unreadable(detection, "program")) {
        findings.cannot_tell(*why, "make the client's directory readable for the agent");
    } else if (detection.client_found()) {
        const std::string version = detection.database_version ? " " + text(*detection.database_version) : "";
        findings.met((detection.program.empty() ? "package database" : detection.program) + version);
    } else {
        findings.not_met("no program dsmc in the known directories, and no package of the client",
                         "install the client first; if it lies elsewhere, name its directory in client_directories");
    }
}

void packages_known(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (!detection.installer.empty()) {
        findings.met(detection.owner_package.empty() ? detection.installer
                                                     : detection.owner_package + " (" + detection.installer + ")");
        return;
    }
    for (const auto& [subject, why] : detection.unreadable)
        if (subject.starts_with("packages of ")) {
            findings.cannot_tell(why, repair_database(detection));
            return;
        }
    if (detection.client_found())
        findings.not_met(detection.program + " belongs to no installed package",
                         "install the client from the vendor's packages; what was unpacked by hand cannot be updated");
}

void packages_healthy(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const auto& [subject, why] : detection.unreadable)
        if (subject.starts_with("packages of ")) findings.cannot_tell(why, repair_database(detection));
    for (const InstalledPackage& package : detection.packages)
        if (!package.healthy)
            findings.not_met(package.id.name + " " + package.id.version + " is " + package.state,
                             "nothing: an update mends it; if the update is refused for other reasons, install the "
                             "package anew");
    if (findings.all().empty() && !detection.packages.empty())
        findings.met(std::to_string(detection.packages.size()) +
                     (detection.packages.size() == 1 ? " package" : " packages"));
}

void versions_agree(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (!detection.database_version) return;
    const std::string database = "the database says " + text(*detection.database_version);
    for (const InstalledPackage& package : detection.packages) {
        const ClientPackageRow* row = find_client_package(detection.installer, package.id.name);
        const std::optional<ClientVersion> version = parse_package_version(package.id.version);
        const bool own = row != nullptr && (row->part == PackagePart::main || row->part == PackagePart::part);
        if (own && version && *version != *detection.database_version)
            findings.not_met(package.id.name + " is " + package.id.version + ", " + database,
                             "nothing: an update brings all packages to one level");
    }
    if (!detection.binary_version) {
        findings.cannot_tell(detection.binary_evidence.empty() ? "the program was not asked"
                                                               : detection.binary_evidence,
                             "run dsmc help by hand and see why it prints no version");
    } else if (*detection.binary_version != *detection.database_version) {
        findings.not_met("the program says " + text(*detection.binary_version) + ", " + database,
                         "find out who replaced files of the package; install it anew if in doubt");
    } else {
        findings.met(database + ", and so does the program");
    }
}

void only_the_client(const Detection& detection, const PreflightInput&, Findings& findings) {
    const std::string update_by_hand =
        "update this machine by hand: the products on it must fit each other, and the client alone must not go ahead";
    for (const OtherProduct& product : detection.other_products)
        findings.not_met(product.name + " (" + product.evidence + ")", update_by_hand);
    if (const std::string* why = unreadable(detection, "other products"))
        findings.cannot_tell(*why, "make it readable for the agent");
    for (const auto& [subject, why] : detection.unreadable)
        if (subject.starts_with("packages of ")) findings.cannot_tell(why, repair_database(detection));
}

void administrator_files(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const char* subject : {"files to keep"})
        if (const std::string* why = unreadable(detection, subject))
            findings.cannot_tell(*why,
                                 "make it readable for the agent: nothing is changed that cannot be brought back");
    for (const auto& [subject, why] : detection.unreadable)
        if (subject.starts_with("definition of "))
            findings.cannot_tell(why, "make it readable for the agent: nothing is changed that cannot be brought back");
    if (findings.all().empty()) findings.met(std::to_string(detection.files.size()) + " files");
}

void client_bits(const Detection& detection, const PreflightInput& input, Findings& findings) {
    if (!detection.host.is_64_bit) {
        findings.not_met("this system is a 32-bit one (" + detection.host.architecture + ")",
                         "update it by hand; there is no client for 32-bit systems any more");
        return;
    }
    if (detection.bits == 0) {
        if (detection.client_found())
            findings.cannot_tell(detection.program + " has no header that is known",
                                 "see that it is the vendor's program and not a script around it");
        return;
    }
    const std::string found = detection.program + " is a " + std::to_string(detection.bits) + "-bit program";
    if (detection.bits == 32 && input.release && input.release->bits != 64) {
        findings.not_met(found + ", and the release is one too", "offer a 64-bit package");
    } else {
        findings.met(detection.bits == 32 ? found + " on a 64-bit system: it is replaced by the 64-bit one" : found);
    }
}

constexpr std::array table{
    RequirementRow{"client-present", "the backup-archive client is installed", Severity::blocker, true, false, false,
                   client_present},
    RequirementRow{"packages-known", "a package database owns the client's program", Severity::blocker, true, false,
                   false, packages_known},
    RequirementRow{"packages-healthy", "the installed packages of the client are whole", Severity::warning, false,
                   false, false, packages_healthy},
    RequirementRow{"versions-agree", "program and package database say the same version", Severity::warning, false,
                   false, false, versions_agree},
    RequirementRow{"client-bits", "a 32-bit client stands on a 64-bit system only", Severity::blocker, true, false,
                   false, client_bits},
    RequirementRow{"only-backup-archive-client", "no other product of the family is installed", Severity::blocker, true,
                   false, false, only_the_client},
    RequirementRow{"administrator-files", "every file of the administrator can be captured", Severity::blocker, true,
                   false, false, administrator_files},
};

} // namespace

std::span<const RequirementRow> client_requirements() {
    return table;
}

} // namespace autodeploy
