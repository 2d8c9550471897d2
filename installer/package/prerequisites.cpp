#include "installer/package/prerequisites.h"

#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>

namespace autodeploy {

namespace {

PrerequisiteFile file_of(const Payload& payload, const std::string& path) {
    return {{payload.id, path, payload.sha256, {}, payload.installed_bytes}, payload.how.value_or(Prerequisite{})};
}

} // namespace

bool FoundPrerequisite::is_needed() const {
    return unreadable.empty() && (need() == PrerequisiteNeed::missing || need() == PrerequisiteNeed::older);
}

std::vector<FoundPrerequisite> find_prerequisites(Platform& platform, const Manifest& manifest) {
    std::vector<FoundPrerequisite> all;
    for (const Payload& payload : manifest.payloads) {
        if (payload.use != PayloadUse::prerequisite) continue;
        if (platform.prerequisites == nullptr)
            throw Error("tool_missing", "cannot look for " + payload.id.name + ": this system knows no prerequisites");
        FoundPrerequisite& found = all.emplace_back();
        found.payload = payload;
        try {
            const PrerequisiteFile file = file_of(payload, "");
            found.installed = platform.prerequisites->installed(file.how);
            if (found.is_needed()) found.waiting = platform.prerequisites->waiting(file);
        } catch (const Error& error) {
            found.unreadable = error.what();
        }
    }
    return all;
}

std::uint64_t prerequisite_bytes(const std::vector<FoundPrerequisite>& found) {
    std::uint64_t sum = 0;
    for (const FoundPrerequisite& prerequisite : found)
        if (prerequisite.is_needed()) sum += prerequisite.payload.size + prerequisite.payload.installed_bytes;
    return sum;
}

std::vector<PrerequisiteFile> needed_prerequisites(const std::vector<FoundPrerequisite>& found,
                                                   const StagedRelease& staged) {
    std::vector<PrerequisiteFile> needed;
    for (const FoundPrerequisite& prerequisite : found) {
        if (!prerequisite.unreadable.empty())
            throw Error("prerequisite_unknown", "cannot tell whether " + prerequisite.payload.id.name +
                                                    " is there: " + prerequisite.unreadable);
        if (!prerequisite.is_needed()) continue;
        const std::string& path = prerequisite.payload.path;
        if (std::find(staged.paths.begin(), staged.paths.end(), path) == staged.paths.end())
            throw Error("payload_missing", "cannot use the packages in " + staged.directory + ": " + path +
                                               " was not staged; stage the release again");
        needed.push_back(file_of(prerequisite.payload, payload_path(staged, path)));
    }
    return needed;
}

} // namespace autodeploy
