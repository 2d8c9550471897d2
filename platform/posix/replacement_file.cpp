#include "platform/posix/replacement_file.h"

#include "platform/posix/file_error.h"
#include "platform/posix/lock_file.h"

#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autodeploy {
namespace {

constexpr int attempts = 200;
constexpr long pause_nanoseconds = 10'000'000;

std::string temporary_name(const std::string& name) {
    return "." + name.substr(0, 230) + ".autodeploy-new";
}

/// Removes what a killed process left under this name; false while somebody is at work on it.
bool remove_leftover(const Place& temporary) {
    const Descriptor leftover = open_at(temporary, O_RDWR);
    if (leftover && lock_whole_file(leftover.get()) == LockAttempt::held_by_another) return false;
    unlink_file(temporary);
    return true;
}

/// Nothing if the name is taken, or was taken from us before we had the lock.
Descriptor make_locked(const Place& temporary) {
    Descriptor file = open_at(temporary, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!file) return file;
    struct stat status {};
    if (lock_whole_file(file.get()) != LockAttempt::held_by_another && ::fstat(file.get(), &status) == 0 &&
        status.st_nlink > 0)
        return file;
    errno = EEXIST;
    return Descriptor();
}

} // namespace

ReplacementFile::ReplacementFile(const std::string& path, const std::string& verb)
    : path_(path), temporary_(place_of(path, verb)) {
    name_ = std::exchange(temporary_.name, temporary_name(temporary_.name));
    for (int attempt = 0; attempt < attempts; ++attempt) {
        file_ = make_locked(temporary_);
        if (file_) return;
        if (errno != EEXIST) throw file_error(verb, path, errno);
        if (remove_leftover(temporary_)) continue;
        const timespec pause{0, pause_nanoseconds};
        ::nanosleep(&pause, nullptr);
    }
    throw file_error(verb, path, EBUSY, " while another process writes it");
}

ReplacementFile::~ReplacementFile() {
    if (!committed_) ::unlinkat(temporary_.directory.get(), temporary_.name.c_str(), 0);
}

void ReplacementFile::commit() {
    sync_file(file_.get(), path_);
    const int directory = temporary_.directory.get();
    if (::renameat(directory, temporary_.name.c_str(), directory, name_.c_str()) != 0)
        throw file_error("replace", path_, errno);
    committed_ = true;
    sync_directory(temporary_, path_);
}

void replace_with_link(const std::string& path, const std::string& target,
                       const std::function<void(const std::string&)>& prepare) {
    const Place place = place_of(path, "make the link");
    const std::string temporary = temporary_name(place.name);
    ::unlinkat(place.directory.get(), temporary.c_str(), 0);
    if (::symlinkat(target.c_str(), place.directory.get(), temporary.c_str()) != 0)
        throw file_error("make the link", path, errno);
    try {
        prepare(path.substr(0, path.rfind('/', path.find_last_not_of('/')) + 1) + temporary);
        if (::renameat(place.directory.get(), temporary.c_str(), place.directory.get(), place.name.c_str()) != 0)
            throw file_error("replace", path, errno);
    } catch (...) {
        ::unlinkat(place.directory.get(), temporary.c_str(), 0);
        throw;
    }
    sync_directory(place, path);
}

} // namespace autodeploy
