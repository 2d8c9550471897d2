#include "agent/requirements/requirement_table.h"

#include "installer/client/layout.h"

#include <algorithm>
#include <array>
#include <map>

namespace autodeploy {

namespace {

void administrator_rights(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (detection.administrator) return;
    findings.not_met("the agent does not run with an administrator's rights",
                     std::string("start it as ") + (is_windows(detection) ? "SYSTEM" : "root") +
                         ", best as the service that its package installs");
}

constexpr std::uint64_t mebibyte = 1 << 20;

/// What is needed is told rather too high, what is there rather too low.
std::string bytes_text(std::uint64_t bytes) {
    return std::to_string((bytes + mebibyte - 1) / mebibyte) + " MiB";
}
std::string free_text(const Volume& volume) {
    return volume.path + " has " + std::to_string(*volume.free_bytes / mebibyte) + " MiB free";
}

/// The measured place that lies nearest above the path.
const Volume* volume_of(const Detection& detection, const std::string& path) {
    const Volume* nearest = nullptr;
    for (const Volume& volume : detection.volumes)
        if (lies_below(path, volume.path) && (nearest == nullptr || nearest->path.size() < volume.path.size()))
            nearest = &volume;
    return nearest;
}

void room(const Detection& detection, const PreflightInput& input, Findings& findings) {
    struct Sum {
        std::uint64_t bytes = 0;
        std::vector<std::string> parts;
        const Volume* volume = nullptr;
    };
    std::map<std::uint64_t, Sum> by_device;
    for (const RoomNeed& need : input.needs) {
        const Volume* volume = volume_of(detection, need.path);
        if (volume == nullptr || !volume->free_bytes) {
            const std::string* why = unreadable(detection, "room at " + need.path);
            findings.cannot_tell(why != nullptr ? *why : "the room at " + need.path + " was not measured",
                                 "see that the file system can be asked");
            continue;
        }
        Sum& sum = by_device[volume->device];
        sum.bytes += need.bytes;
        sum.parts.push_back(need.what + " " + bytes_text(need.bytes));
        if (sum.volume == nullptr || *volume->free_bytes < *sum.volume->free_bytes) sum.volume = volume;
    }
    // Below that systemd does not read its units again, and no service can be held.
    constexpr std::uint64_t systemd_bytes = 16 * mebibyte;
    for (const Volume& volume : detection.volumes)
        if (volume.path == "/run" && volume.free_bytes && *volume.free_bytes < systemd_bytes)
            findings.not_met(free_text(volume) + ", and systemd reads its units again only with " +
                                 bytes_text(systemd_bytes),
                             "free at least " + bytes_text(systemd_bytes - *volume.free_bytes) + " more there");
    if (input.needs.empty()) findings.cannot_tell("it is not known yet what is to be written", "", Severity::note);
    for (auto& [device, sum] : by_device) {
        const std::string figures = free_text(*sum.volume) + ", needed are " +
                                    bytes_text(sum.bytes + input.spare_bytes) + " (" + listed(sum.parts, 6, ", ") +
                                    ", left free " + bytes_text(input.spare_bytes) + ")";
        if (*sum.volume->free_bytes < sum.bytes + input.spare_bytes) {
            findings.not_met(figures, "free at least " +
                                          bytes_text(sum.bytes + input.spare_bytes - *sum.volume->free_bytes) +
                                          " more there");
        } else {
            findings.met(figures);
        }
    }
}

bool has(const Volume& volume, std::string_view property) {
    return std::find(volume.properties.begin(), volume.properties.end(), property) != volume.properties.end();
}

bool of_installer(const Detection& detection, const Volume& volume) {
    return std::any_of(written_places().begin(), written_places().end(),
                       [&](const WrittenPlaceRow& row) {
                           return row.installer == detection.installer && row.path == volume.path;
                       }) ||
           (!detection.program.empty() && volume.path == directory_of(detection.program));
}

/// Nothing is known of how it is mounted.
void unknown_volume(const Detection& detection, const Volume& volume, Findings& findings) {
    if (const std::string* why = unreadable(detection, "room at " + volume.path))
        findings.cannot_tell(*why, "see that the file system can be asked");
}

void writable(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const Volume& volume : detection.volumes) {
        unknown_volume(detection, volume, findings);
        if (has(volume, "read-only"))
            findings.not_met(volume.path + " is read-only", is_windows(detection)
                                                                ? "make the drive writable for the time of the update"
                                                                : "mount it writable for the time of the update");
        if (!of_installer(detection, volume)) continue;
        if (has(volume, "ostree"))
            findings.not_met(volume.path + " belongs to an image (ostree)", "update the image instead of this machine");
        if (has(volume, "noexec") && !detection.program.empty() && lies_below(detection.program, volume.path))
            findings.not_met(volume.path + " is mounted noexec, and the client's programs lie there",
                             "mount it without noexec");
    }
    if (const std::string* why = unreadable(detection, "places of Windows"))
        findings.cannot_tell(*why, "update this client by hand");
    if (detection.facts.contains("ostree") && findings.all().empty())
        findings.not_met("this system was started from an image (ostree)", "update the image instead of this machine",
                         Severity::warning);
}

void local_disks(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const Volume& volume : detection.volumes) {
        if (!of_installer(detection, volume)) continue;
        unknown_volume(detection, volume, findings);
        if (has(volume, "nfs") || has(volume, "network"))
            findings.not_met(volume.path + " lies on a file server",
                             "update the machine that owns these files; if only this one uses them, lower this "
                             "requirement in the settings");
    }
}

void installer_ready(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (const std::string* why = unreadable(detection, "native installer")) {
        findings.cannot_tell(*why, repair_database(detection));
    } else if (detection.installer_busy) {
        findings.not_met(
            *detection.installer_busy,
            is_windows(detection)
                ? "nothing if another installation is at work: the agent waits for it; one that was broken "
                  "off is finished by starting that product's installation once more"
                : "nothing if another tool is at work: the agent waits for it; else repair the package "
                  "database");
    } else if (!detection.installer.empty()) {
        findings.met(detection.installer + " is free");
    }
}

void not_pinned(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const std::string& pinned : detection.pinned)
        findings.not_met(pinned, is_windows(detection)
                                     ? "change the group policy \"Turn off Windows Installer\" if the client may be "
                                       "updated"
                                     : "take the hold away (apt-mark unhold, dnf versionlock delete) if the client may "
                                       "be updated");
    if (const std::string* why = unreadable(detection, "pinned packages"))
        findings.cannot_tell(*why, "see that the native tool can list what is held");
}

void no_pending_restart(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const std::string& pending : detection.pending_renames)
        findings.not_met(pending, "restart the machine: files of the client wait for it");
    if (const std::string* why = unreadable(detection, "pending restart"))
        findings.cannot_tell(*why, "see that the registry can be read");
}

void no_restart_of_others(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (const auto keys = detection.facts.find("restart-of-others"); keys != detection.facts.end())
        findings.not_met("Windows waits for a restart by itself (" + keys->second + "); no file of the client does",
                         "nothing for the client's sake; restart the machine when it suits");
    if (const std::string* why = unreadable(detection, "restart of others"))
        findings.cannot_tell(*why, "see that the registry can be read");
}

void access_control(const Detection& detection, const PreflightInput&, Findings& findings) {
    const auto fact = [&detection](const char* name) {
        const auto found = detection.facts.find(name);
        return found == detection.facts.end() ? std::string() : found->second;
    };
    if (fact("fapolicyd") == "running")
        findings.not_met("fapolicyd runs: it may keep new programs from being executed",
                         "trust the packages' files (fapolicyd trusts what rpm installs, if its plugin is set up)");
    if (const std::string policies = fact("trusted-execution"); !policies.empty())
        findings.not_met("Trusted Execution is on with " + policies +
                             ": new programs may not start, or not be installed",
                         "see that no file of the client stands in the signature database (trustchk -q FILE), or "
                         "switch the policies off for the time of the update (trustchk -p TE=OFF)");
    for (const char* subject : {"SELinux", "fapolicyd", "trusted execution"})
        if (const std::string* why = unreadable(detection, subject))
            findings.cannot_tell(*why, "see that it can be asked, else look after the update that the client's "
                                       "programs are let run");
    if (fact("selinux") == "enforcing") findings.met("SELinux enforces; labels are restored by the packages");
}

void all_seen(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const auto& [subject, why] : detection.unreadable)
        findings.not_met(subject + ": " + why, "make it readable for the agent, so that nothing stays unknown");
}

constexpr std::array table{
    RequirementRow{"administrator-rights", "the agent has an administrator's rights", Severity::blocker, true, false,
                   false, administrator_rights},
    RequirementRow{"room", "every file system has room for the update and the way back", Severity::blocker, true, false,
                   false, room},
    RequirementRow{"file-systems-writable", "what the update writes to can be written", Severity::blocker, true, false,
                   false, writable},
    RequirementRow{"local-disks", "the client lies on disks of this machine", Severity::blocker, false, false, false,
                   local_disks},
    RequirementRow{"native-installer-ready", "the native installer is free and healthy", Severity::blocker, true, true,
                   false, installer_ready},
    RequirementRow{"packages-not-held", "no package of the client is held or locked", Severity::blocker, false, false,
                   false, not_pinned},
    RequirementRow{"no-pending-restart", "none of the client's files waits for a restart", Severity::blocker, true,
                   false, false, no_pending_restart},
    RequirementRow{"no-restart-of-others", "nothing else on this machine waits for a restart", Severity::note, false,
                   false, false, no_restart_of_others},
    RequirementRow{"access-control", "no access control is known to stop new programs", Severity::warning, false, false,
                   false, access_control},
    RequirementRow{"detection-complete", "everything could be looked at", Severity::warning, false, false, false,
                   all_seen},
};

} // namespace

std::span<const RequirementRow> machine_requirements() {
    return table;
}

} // namespace autodeploy
