#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace autodeploy {

/// A package, opened to be read as the database that it is.
class MsiTables {
  public:
    /// Throws Error package_unreadable.
    explicit MsiTables(const std::string& path);
    MsiTables(const MsiTables&) = delete;
    MsiTables& operator=(const MsiTables&) = delete;
    ~MsiTables();

    /// The rows that the query of MSI gives, so many columns as texts; none where there is no such table.
    std::vector<std::vector<std::string>> rows(const std::string& query, unsigned columns) const;
    /// The table Property.
    std::map<std::string, std::string> properties() const;
    /// Template ("x64;1033") and package code, from the summary.
    std::pair<std::string, std::string> summary() const;

  private:
    std::string path_;
    unsigned long handle_ = 0;
};

} // namespace autodeploy
