#pragma once

#include "platform/windows/msi_database.h"

namespace autodeploy {

/// Windows Installer by its own functions (msi.dll): what is installed for the whole machine, and packages as the
/// databases that they are.
class WindowsMsiDatabase final : public MsiDatabase {
  public:
    std::vector<MsiProduct> products() override;
    MsiPackage package(const std::string& path) override;
    std::vector<std::string> related(const std::string& upgrade_code) override;
    MsiChoice choice(const MsiProduct& product) override;
    std::vector<MsiFile> files(const MsiProduct& product) override;
    std::optional<std::string> owner(const std::string& path) override;
    bool is_at_work() override;
};

} // namespace autodeploy
