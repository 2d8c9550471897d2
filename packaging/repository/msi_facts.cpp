#include "packaging/repository/msi_facts.h"

#include "platform/error.h"

#include <sstream>

namespace autodeploy {
namespace {

std::string value_after(const std::string& text, const std::string& key) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (line.starts_with(key)) return line.substr(key.size());
    }
    return "";
}

} // namespace

MsiFacts msi_facts(const std::string& property_table, const std::string& summary, const std::string& path) {
    MsiFacts facts;
    facts.product_name = value_after(property_table, "ProductName\t");
    facts.product_version = value_after(property_table, "ProductVersion\t");
    facts.package_code = value_after(summary, "Revision number (UUID): ");
    const std::string platform = value_after(summary, "Template: ");
    facts.architecture = platform.substr(0, platform.find(';'));
    if (facts.product_name.empty() || facts.product_version.empty() || facts.package_code.empty())
        throw Error("package_unreadable",
                    "cannot read " + path + ": it does not say its name, its version and its package code");
    return facts;
}

} // namespace autodeploy
