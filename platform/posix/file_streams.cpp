#include "platform/posix/file_streams.h"

#include "platform/posix/file_error.h"
#include "platform/posix/file_status.h"
#include "platform/posix/open_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autodeploy {
namespace {

class Reader final : public FileReader {
  public:
    Reader(Descriptor file, std::string path, FileAttributes& attributes)
        : file_(std::move(file)), path_(std::move(path)), attributes_(attributes) {}

    std::size_t read(char* buffer, std::size_t size) override { return read_some(file_.get(), buffer, size, path_); }
    void seek(std::uint64_t position) override {
        if (::lseek(file_.get(), off_t(position), SEEK_SET) < 0) throw file_error("read", path_, errno);
    }
    FileStatus status() override { return status_of(file_.get(), path_, attributes_); }

  private:
    Descriptor file_;
    std::string path_;
    FileAttributes& attributes_;
};

class Writer final : public FileWriter {
  public:
    Writer(Descriptor file, Place place, std::string path)
        : file_(std::move(file)), place_(std::move(place)), path_(std::move(path)) {}

    void write(std::string_view bytes) override { write_all(file_.get(), bytes, path_); }
    void cut(std::uint64_t size) override {
        struct stat status {};
        if (::fstat(file_.get(), &status) != 0) throw file_error("write", path_, errno);
        if (std::uint64_t(status.st_size) <= size) return;
        if (::ftruncate(file_.get(), off_t(size)) != 0 || ::lseek(file_.get(), off_t(size), SEEK_SET) < 0)
            throw file_error("write", path_, errno);
    }
    void sync() override {
        sync_file(file_.get(), path_);
        sync_directory(place_, path_);
    }

  private:
    Descriptor file_;
    Place place_;
    std::string path_;
};

void require_regular(int descriptor, const std::string& verb, const std::string& path) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw file_error(verb, path, errno);
    if (!S_ISREG(status.st_mode)) throw file_refused(verb, path, "it is not a regular file");
}

} // namespace

std::unique_ptr<FileReader> open_reader(const std::string& path, FileAttributes& attributes) {
    return std::make_unique<Reader>(open_regular(path, "read", false), path, attributes);
}

std::unique_ptr<FileReader> open_reader_below(const std::string& directory, const std::string& relative,
                                              FileAttributes& attributes) {
    const std::string path = directory + "/" + relative;
    Place place = place_of(directory + "/x", "read");
    for (std::size_t at = 0;;) {
        const std::size_t slash = relative.find('/', at);
        place.name = relative.substr(at, slash == std::string::npos ? slash : slash - at);
        if (place.name.empty() || place.name == "." || place.name == ".." || place.name.find('\0') != std::string::npos)
            throw file_refused("read", path, "\"" + place.name + "\" is no name of a file");
        const bool last = slash == std::string::npos;
        Descriptor next = open_at(place, last ? O_RDONLY : O_RDONLY | O_DIRECTORY);
        // With O_DIRECTORY a link shows as "not a directory".
        if (!next && !last && errno == ENOTDIR)
            throw file_refused("read", path, "\"" + place.name + "\" is a link or not a directory");
        if (!next) throw file_error("read", path, errno);
        if (last) {
            require_regular(next.get(), "read", path);
            return std::make_unique<Reader>(std::move(next), path, attributes);
        }
        place.directory = std::move(next);
        at = slash + 1;
    }
}

std::unique_ptr<FileWriter> open_writer(const std::string& path, WriteMode mode) {
    Place place = place_of(path, "write");
    // Looked at before it is emptied: truncating is for regular files only.
    Descriptor file = open_at(place, O_WRONLY | O_CREAT | (mode == WriteMode::append ? O_APPEND : 0), 0600);
    if (!file) throw file_error("write", path, errno);
    require_regular(file.get(), "write", path);
    if (mode == WriteMode::truncate && ::ftruncate(file.get(), 0) != 0) throw file_error("write", path, errno);
    return std::make_unique<Writer>(std::move(file), std::move(place), path);
}

} // namespace autodeploy
