#include "platform/package.h"

#include <algorithm>

namespace autodeploy {

bool is_for_another_machine(const PackageId& a, const PackageId& b) {
    const auto fits_all = [](const std::string& architecture) {
        return architecture.empty() || architecture == "noarch" || architecture == "all";
    };
    return a.name == b.name && a.architecture != b.architecture && !fits_all(a.architecture) &&
           !fits_all(b.architecture);
}

bool goes_first(const PackageSet& set, const PackageId& installed) {
    const bool wanted = std::any_of(set.present.begin(), set.present.end(), [&](const PackageFile& file) {
        return file.id.name == installed.name && file.id.version == installed.version;
    });
    return (std::find(set.absent.begin(), set.absent.end(), installed.name) != set.absent.end() && !wanted) ||
           std::any_of(set.present.begin(), set.present.end(),
                       [&](const PackageFile& file) { return is_for_another_machine(file.id, installed); });
}

} // namespace autodeploy
