#pragma once

#include "platform/file_system.h"

#include <functional>
#include <set>

namespace autodeploy {

/// Thrown by a fake that was told to crash. Not an Error and no std::exception, so that nothing but the test catches
/// it.
struct Crash {};

/// What is left of the call in which the machine stops.
enum class CrashMoment {
    before, ///< nothing was done
    torn,   ///< the worst that the contract allows: half an append, half a tree removed; else as before
    after,  ///< all was done, but the caller never heard of it
};

/// A file system in memory, faithful to platform/file_system.h: links are followed, directories must exist, changing
/// calls are counted, the k-th can fail or be the last. "C:\a" is a path of Windows: letter case does not count in it.
class FakeFileSystem : public FileSystem {
  public:
    FakeFileSystem();

    std::optional<FileStatus> status(const std::string& path) override;
    std::vector<std::string> list(const std::string& directory) override;
    std::string read(const std::string& path, std::uint64_t limit) override;
    std::string sha256(const std::string& path) override;
    std::optional<std::string> changeable_by_others(const std::string& path) override;
    std::unique_ptr<FileReader> reader(const std::string& path) override;
    std::unique_ptr<FileReader> reader_below(const std::string& directory, const std::string& relative) override;
    std::unique_ptr<FileWriter> writer(const std::string& path, WriteMode mode) override;
    void write_durably(const std::string& path, std::string_view content, std::uint32_t mode = 0600) override;
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

    // What tests set up; none of it counts as a call.

    /// Makes the file and the directories above it.
    void put(const std::string& path, std::string_view content, std::uint32_t mode = 0644);
    void put_directory(const std::string& path, std::uint32_t mode = 0755);
    void put_link(const std::string& path, const std::string& target);
    /// Nothing if there is no such regular file.
    std::optional<std::string> content(const std::string& path);
    /// Every path with its content: one state of the disk, to compare.
    std::map<std::string, std::string> everything() const;

    void set_free_bytes(std::uint64_t bytes) { free_bytes_ = bytes; }
    /// Time stamps of what is written from now on (nanoseconds).
    void set_time(std::int64_t modified) { time_ = modified; }

    /// Changing calls so far (all but status, list, read, sha256, reader, free_bytes).
    int calls() const { return calls_; }
    /// One line for each: "write /a/b", "rename /a/b /a/c".
    const std::vector<std::string>& log() const { return log_; }
    void clear_log() {
        log_.clear();
        calls_ = 0;
    }

    /// The k-th changing call from now (1 is the next) throws Error with that cause and does nothing; only that one.
    void fail_at(int k, const std::string& cause);
    /// Every call that reads or changes this path throws Error with that cause, until it is "".
    void fail_path(const std::string& path, const std::string& cause);
    /// The k-th changing call from now throws Crash, and so does every call after it until restart().
    void crash_at(int k, CrashMoment moment);
    /// The machine is up again: locks are gone, nothing is planned to fail, half of what was never synced is lost.
    void restart();
    bool crashed() const { return crashed_; }

    /// Called after each changing call with its line of the log: to let another process act in between.
    std::function<void(const std::string&)> after_each;

  private:
    struct Node {
        FileStatus status;
        std::string content;
        std::size_t synced = 0; ///< bytes that a power cut leaves for certain
    };
    class Lock;
    class Reader;
    class Writer;

    std::string resolve(const std::string& path, bool follow_last) const;
    Node& must_find(const std::string& path, bool follow_last, const char* doing);
    void check_readable(const std::string& path);
    void change(const std::string& line, const std::string& path, const std::function<void()>& whole,
                const std::function<void()>& torn = {});
    void check_parent(const std::string& path, const char* doing) const;
    void store(const std::string& path, std::string_view content, std::uint32_t mode);
    Node& make(const std::string& path, FileType type, std::uint32_t mode);

    std::map<std::string, std::shared_ptr<Node>> nodes_; ///< what is open stays what it was
    std::set<std::string> locked_;
    std::map<std::string, std::string> failing_paths_;
    std::vector<std::string> log_;
    std::uint64_t free_bytes_ = std::uint64_t(1) << 40;
    std::uint64_t next_identity_ = 1;
    std::int64_t time_ = 0;
    int calls_ = 0;
    int generation_ = 0;
    int fail_in_ = 0;
    std::string fail_cause_;
    int crash_in_ = 0;
    CrashMoment crash_moment_ = CrashMoment::before;
    bool crashed_ = false;
};

} // namespace autodeploy
