#pragma once

#include <string>
#include <string_view>

namespace autodeploy {

/// The text with what must not leave the machine taken out: values of password and key options and settings, user and
/// password in addresses, private keys. Line by line, so that line numbers still hold. Rather too much than too little.
std::string redacted(std::string_view text);

} // namespace autodeploy
