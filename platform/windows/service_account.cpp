#include "platform/windows/service_account.h"

#include "platform/windows/folded.h"

#include <algorithm>

namespace autodeploy {

bool needs_password(const std::string& account) {
    std::string name = account;
    std::transform(name.begin(), name.end(), name.begin(), folded);
    return !name.empty() && name != "localsystem" && !name.starts_with("nt authority\\") &&
           !name.starts_with("nt service\\") && !name.ends_with('$');
}

} // namespace autodeploy
