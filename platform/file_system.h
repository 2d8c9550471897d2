#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// Paths are absolute and UTF-8 everywhere in this program; '/' separates on Unix, '\' or '/' on Windows.
enum class FileType { regular, directory, link, other };

/// Everything of a file but its content. Rights are compared and restored, never interpreted outside the platform.
struct FileStatus {
    FileType type = FileType::other;
    std::uint64_t size = 0;     ///< bytes; 0 for what is not a regular file
    std::uint32_t mode = 0;     ///< permission bits (07777); Windows: attributes
    std::uint32_t user = 0;     ///< numeric owner; 0 on Windows
    std::uint32_t group = 0;    ///< numeric group; 0 on Windows
    std::int64_t modified = 0;  ///< nanoseconds since 1970, UTC
    std::uint64_t identity = 0; ///< tells a replaced file from the same file: inode or file id
    std::uint64_t device = 0;   ///< the file system it lies on
    std::string link_target;    ///< of a link, as stored
    /// Extended attributes with their names, ACLs among them (Linux "system.posix_acl_access"; Windows "sddl").
    std::map<std::string, std::string> attributes;

    bool operator==(const FileStatus&) const = default;
};

/// Held until destroyed. The system drops it when the process dies, however it dies.
class FileLock {
  public:
    FileLock() = default;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    virtual ~FileLock() = default;
};

/// All that the installer does with files. Calls block for as long as the disk does; each failure throws Error with one
/// of the causes file_not_found, access_denied, disk_full, read_only, file_too_large, file_in_use, io_error. A
/// *_durably call has reached the disk when it returns, name and content; killed or powered off before that, either the
/// old state or the new one is found, never a mixture (an append may leave a torn tail). Links are never followed in
/// the last component unless said.
class FileSystem {
  public:
    FileSystem() = default;
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;
    virtual ~FileSystem() = default;

    /// Nothing where there is no such file. Does not follow a link.
    virtual std::optional<FileStatus> status(const std::string& path) = 0;
    /// The names in a directory, sorted bytewise, without "." and "..".
    virtual std::vector<std::string> list(const std::string& directory) = 0;
    /// A regular file's content, links followed; refuses more than limit bytes (file_too_large).
    virtual std::string read(const std::string& path, std::uint64_t limit) = 0;
    /// SHA-256 of a regular file, lowercase hex; reads in pieces.
    virtual std::string sha256(const std::string& path) = 0;

    /// Replaces or makes the file, through a temporary one beside it. The owner is us.
    virtual void write_durably(const std::string& path, std::string_view content, std::uint32_t mode = 0600) = 0;
    virtual void append_durably(const std::string& path, std::string_view content) = 0;
    virtual void rename_durably(const std::string& from, const std::string& to) = 0;
    /// Removes a file or a link; done as well if it is not there.
    virtual void remove_durably(const std::string& path) = 0;
    /// Removes a directory and what is below, never following a link; done as well if it is not there.
    virtual void remove_tree(const std::string& path) = 0;
    /// Makes the directory and its parents as far as they are missing. For us and the administrator only (0700);
    /// refused (access_denied) if it exists with another owner, with rights for others, or as a link.
    virtual void make_private_directory(const std::string& path) = 0;

    /// Copies a file or link with content and everything in FileStatus but identity, to the new place, durably.
    /// Where to exists it is replaced in one step. Used to capture and to restore.
    virtual void copy_durably(const std::string& from, const std::string& to) = 0;
    /// Sets rights, owner, times and attributes of the file or directory as in status.
    virtual void set_status(const std::string& path, const FileStatus& status) = 0;
    /// Makes a directory (parents must exist); done as well if it is there.
    virtual void make_directory(const std::string& path) = 0;

    /// Bytes that an administrator's process can still write on the file system that holds path (or its nearest
    /// parent).
    virtual std::uint64_t free_bytes(const std::string& path) = 0;
    /// Makes sure that the file takes up at least size bytes on the disk.
    virtual void reserve(const std::string& path, std::uint64_t size) = 0;
    /// Nothing if another process (or another holder here) has it; never waits. Makes the file if needed.
    virtual std::unique_ptr<FileLock> try_lock(const std::string& path) = 0;
};

} // namespace autodeploy
