#pragma once

#include "platform/file_system.h"

namespace autodeploy {

/// Files as Windows has them. mode is the file's attributes (read-only, hidden …); rights are the text "sddl" among
/// FileStatus::attributes. Where a mode is asked for, one that lets others read means the rights of the directory,
/// else they are SYSTEM's and the administrators' only.
class WindowsFileSystem final : public FileSystem {
  public:
    WindowsFileSystem();

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
    std::string own_user_;
};

} // namespace autodeploy
