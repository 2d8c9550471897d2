#pragma once

#include "platform/posix/file_attributes.h"

namespace autodeploy {

/// Linux' xattrs under their own names; POSIX ACLs and capabilities are among them.
class ExtendedAttributes final : public FileAttributes {
  public:
    Map read(const std::string& path) override;
    Map read(int descriptor, const std::string& path) override;
    void write(int descriptor, const std::string& path, const Map& attributes) override;
    void write_link(const std::string& path, const Map& attributes) override;
};

} // namespace autodeploy
