#pragma once

#include "platform/command_runner.h"
#include "platform/posix/file_attributes.h"
#include "platform/posix/posix_file_system.h"

#include <functional>

namespace autodeploy {

/// Files as POSIX has them; free room as df tells it, which is what an administrator of AIX goes by.
class AixFileSystem final : public PosixFileSystem {
  public:
    AixFileSystem(FileAttributes& attributes, CommandRunner& commands)
        : PosixFileSystem(attributes), attributes_(attributes), commands_(commands) {}

    std::uint64_t free_bytes(const std::string& path) override;
    /// An access control list comes last, when the copy is at its place.
    void copy_durably(const std::string& from, const std::string& to) override;

  private:
    FileAttributes& attributes_;
    CommandRunner& commands_;
};

/// Access control lists, through aclget and aclput. Which files have one the kernel says in their mode, so that no
/// program runs for the many that have none. Attribute "aix_acl" is the text that aclget prints.
class AixAttributes final : public FileAttributes {
  public:
    /// has_list: whether the path has one; by default by its mode.
    explicit AixAttributes(CommandRunner& commands, std::function<bool(const std::string&)> has_list = {});

    Map read(const std::string& path) override;
    Map read(int descriptor, const std::string& path) override;
    /// By path, since aclput knows no other way: a file that is not yet at its place gets its list when its status is
    /// set there.
    void write(int descriptor, const std::string& path, const Map& attributes) override;
    void write_link(const std::string&, const Map&) override {}

  private:
    CommandRunner& commands_;
    std::function<bool(const std::string&)> has_list_;
};

} // namespace autodeploy
