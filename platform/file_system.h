#pragma once

#include <cstddef>
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

/// An open regular file. It reads that very file, whatever becomes of its name meanwhile. Each call may throw io_error.
class FileReader {
  public:
    FileReader() = default;
    FileReader(const FileReader&) = delete;
    FileReader& operator=(const FileReader&) = delete;
    virtual ~FileReader() = default;

    /// At most size bytes from where the last read ended; fewer only before the end, 0 at the end.
    virtual std::size_t read(char* buffer, std::size_t size) = 0;
    /// The next read begins at that byte, counted from the start.
    virtual void seek(std::uint64_t position) = 0;
    /// Of the open file, as it is now.
    virtual FileStatus status() = 0;
};

/// Where a writer begins: in an empty file, or behind what is there.
enum class WriteMode { truncate, append };

/// A regular file that is written in many pieces. What sync() has not seen may be lost or torn after a power cut; what
/// is written is in the file, as other readers see it, when write() returns. Destroying it closes the file, no more.
class FileWriter {
  public:
    FileWriter() = default;
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;
    virtual ~FileWriter() = default;

    /// All of it, or Error disk_full, file_too_large, io_error.
    virtual void write(std::string_view bytes) = 0;
    /// Drops what lies behind the first size bytes; the next write() goes on there. Nothing happens to a shorter file.
    virtual void cut(std::uint64_t size) = 0;
    /// Content and name have reached the disk when it returns.
    virtual void sync() = 0;
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
    /// Who besides us and the administrator could change the file or put another in its place, for people ("others may
    /// write to /etc (mode 0777)"); nothing if nobody can. Every directory above it counts, and a link in any component
    /// counts as somebody. Error file_not_found if it is not there.
    virtual std::optional<std::string> changeable_by_others(const std::string& path) = 0;
    /// Opens a regular file to be read in pieces. A link as the last component is refused (access_denied).
    virtual std::unique_ptr<FileReader> reader(const std::string& path) = 0;
    /// The same for a file below a directory that others may write to: relative is names joined by '/', each looked up
    /// in the directory opened before it. Refused (access_denied): a link in any component, "", ".", "..", and what is
    /// not a regular file; never blocks on a pipe or a device.
    virtual std::unique_ptr<FileReader> reader_below(const std::string& directory, const std::string& relative) = 0;

    /// Replaces or makes the file, through a temporary one beside it. The owner is us.
    virtual void write_durably(const std::string& path, std::string_view content, std::uint32_t mode = 0600) = 0;
    /// For large files. Makes the file (mode 0600) where it is missing; a link is refused (access_denied).
    virtual std::unique_ptr<FileWriter> writer(const std::string& path, WriteMode mode) = 0;
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
