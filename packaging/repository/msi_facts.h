#pragma once

#include <string>

namespace autodeploy {

/// What an MSI says of itself.
struct MsiFacts {
    std::string product_name;    ///< "IBM Storage Protect Client"
    std::string product_version; ///< as the property has it
    std::string package_code;    ///< "{67E5799C-…}": another one for each build
    std::string architecture;    ///< "x64", "Intel"
};

/// From `msiinfo export FILE Property` and `msiinfo suminfo FILE`. Throws Error package_unreadable, naming path, where
/// one of them is missing.
MsiFacts msi_facts(const std::string& property_table, const std::string& summary, const std::string& path);

} // namespace autodeploy
