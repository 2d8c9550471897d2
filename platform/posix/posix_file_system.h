#pragma once

#include "platform/file_system.h"
#include "platform/posix/file_attributes.h"

#include <set>

namespace autodeploy {

/// Files as POSIX has them: each call looks the directory up once, then works relative to it, so that a path that is
/// changed meanwhile leads nowhere else.
class PosixFileSystem : public FileSystem {
  public:
    /// trusted_owners: users besides ourselves whose directories may lie above a private one.
    explicit PosixFileSystem(FileAttributes& attributes, std::set<std::uint32_t> trusted_owners = {0});

    std::optional<FileStatus> status(const std::string& path) override;
    std::vector<std::string> list(const std::string& directory) override;
    std::string read(const std::string& path, std::uint64_t limit) override;
    std::string sha256(const std::string& path) override;
    std::optional<std::string> changeable_by_others(const std::string& path) override;
    std::unique_ptr<FileReader> reader(const std::string& path) override;
    std::unique_ptr<FileReader> reader_below(const std::string& directory, const std::string& relative) override;
    void write_durably(const std::string& path, std::string_view content, std::uint32_t mode) override;
    std::unique_ptr<FileWriter> writer(const std::string& path, WriteMode mode) override;
    void append_durably(const std::string& path, std::string_view content) override;
    void rename_durably(const std::string& from, const std::string& to) override;
    void remove_durably(const std::string& path) override;
    void remove_tree(const std::string& path) override;
    void make_private_directory(const std::string& path) override;
    void copy_durably(const std::string& from, const std::string& to) override;
    void set_status(const std::string& path, const FileStatus& status) override;
    void make_directory(const std::string& path) override;
    std::uint64_t free_bytes(const std::string& path) override;
    void reserve(const std::string& path, std::uint64_t size) override;
    std::unique_ptr<FileLock> try_lock(const std::string& path) override;

  private:
    FileAttributes& attributes_;
    std::set<std::uint32_t> trusted_owners_;
};

} // namespace autodeploy
