#pragma once

#include <string>

namespace autodeploy {

/// Whether a service with this account starts only with a password that the service control manager keeps and tells
/// nobody: not LocalSystem, Windows' own and virtual accounts, or managed ones.
bool needs_password(const std::string& account);

} // namespace autodeploy
