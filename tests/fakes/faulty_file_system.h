#pragma once

#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/faults.h"

namespace autodeploy {

/// A file system that takes no more changes below a directory, for as long as the test says.
struct RefusingDisk {
    std::string directory;  ///< empty: all is well
    int from = 0;           ///< refuses from this change of the machine on, counted by Faults
    bool read_only = false; ///< else it is full: what takes no room goes on
    std::string reserve;    ///< when this file is gone there is room for what is appended
};

/// A file system whose changes can go wrong like all others of the fake machine.
class FaultyFileSystem : public FileSystem {
  public:
    FaultyFileSystem(FakeFileSystem& files, Faults& faults, const RefusingDisk& refusing)
        : files_(files), faults_(faults), refusing_(refusing) {}

    std::optional<FileStatus> status(const std::string& path) override { return files_.status(path); }
    std::vector<std::string> list(const std::string& directory) override { return files_.list(directory); }
    std::string read(const std::string& path, std::uint64_t limit) override { return files_.read(path, limit); }
    std::string sha256(const std::string& path) override { return files_.sha256(path); }
    std::unique_ptr<FileReader> reader(const std::string& path) override { return files_.reader(path); }
    std::unique_ptr<FileReader> reader_below(const std::string& directory, const std::string& relative) override {
        return files_.reader_below(directory, relative);
    }
    std::unique_ptr<FileWriter> writer(const std::string& path, WriteMode mode) override {
        return files_.writer(path, mode);
    }
    std::uint64_t free_bytes(const std::string& path) override { return files_.free_bytes(path); }
    std::unique_ptr<FileLock> try_lock(const std::string& path) override { return files_.try_lock(path); }

    void write_durably(const std::string& path, std::string_view content, std::uint32_t mode = 0600) override {
        refuse(path, true);
        faults_.change("write " + path, [&] { files_.write_durably(path, content, mode); });
    }
    void append_durably(const std::string& path, std::string_view content) override {
        refuse(path, true, true);
        faults_.change(
            "append " + path, [&] { files_.append_durably(path, content); },
            [&] { files_.append_durably(path, content.substr(0, content.size() / 2)); });
    }
    void rename_durably(const std::string& from, const std::string& to) override {
        refuse(to, false);
        faults_.change("rename " + from, [&] { files_.rename_durably(from, to); });
    }
    void remove_durably(const std::string& path) override {
        refuse(path, false);
        faults_.change("remove " + path, [&] { files_.remove_durably(path); });
    }
    void remove_tree(const std::string& path) override {
        refuse(path, false);
        faults_.change("remove tree " + path, [&] { files_.remove_tree(path); });
    }
    std::optional<std::string> changeable_by_others(const std::string& path) override {
        return files_.changeable_by_others(path);
    }
    void make_private_directory(const std::string& path) override {
        refuse(path, true);
        faults_.change("make private " + path, [&] { files_.make_private_directory(path); });
    }
    void copy_durably(const std::string& from, const std::string& to) override {
        refuse(to, true);
        faults_.change("copy " + from, [&] { files_.copy_durably(from, to); });
    }
    void set_status(const std::string& path, const FileStatus& status) override {
        refuse(path, false);
        faults_.change("set status " + path, [&] { files_.set_status(path, status); });
    }
    void make_directory(const std::string& path) override {
        refuse(path, true);
        faults_.change("make directory " + path, [&] { files_.make_directory(path); });
    }
    void reserve(const std::string& path, std::uint64_t size) override {
        refuse(path, true);
        faults_.change("reserve " + path, [&] { files_.reserve(path, size); });
    }

  private:
    void refuse(const std::string& path, bool takes_room, bool appends = false) const {
        if (refusing_.directory.empty() || faults_.count() < refusing_.from || !path.starts_with(refusing_.directory))
            return;
        if (refusing_.read_only) throw Error("read_only", "cannot change " + path + ": Read-only file system");
        if (appends && !refusing_.reserve.empty() && !files_.status(refusing_.reserve)) return;
        if (takes_room) throw Error("disk_full", "cannot write " + path + ": No space left on device", Retry::later);
    }

    FakeFileSystem& files_;
    Faults& faults_;
    const RefusingDisk& refusing_;
};

} // namespace autodeploy
