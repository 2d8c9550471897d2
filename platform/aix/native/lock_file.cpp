#include "platform/posix/lock_file.h"

#include <cerrno>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace autodeploy {

namespace {

using File = std::pair<dev_t, ino_t>;

/// POSIX's record locks belong to a process, so that its threads do not see each other's: this table is between them.
struct Table {
    std::mutex mutex;
    std::map<File, int> held; ///< by descriptor
};
Table& table() {
    static Table instance;
    return instance;
}

bool set_lock(int descriptor, short kind) {
    struct flock whole {};
    whole.l_type = kind;
    whole.l_whence = SEEK_SET;
    while (::fcntl(descriptor, F_SETLK, &whole) != 0)
        if (errno != EINTR) return false;
    return true;
}

} // namespace

LockAttempt lock_whole_file(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return LockAttempt::impossible;
    const std::lock_guard guard(table().mutex);
    const File file{status.st_dev, status.st_ino};
    if (table().held.contains(file)) return LockAttempt::held_by_another;
    if (!set_lock(descriptor, F_WRLCK))
        return errno == EACCES || errno == EAGAIN ? LockAttempt::held_by_another : LockAttempt::impossible;
    table().held[file] = descriptor;
    return LockAttempt::held;
}

void unlock_whole_file(int descriptor) noexcept {
    const std::lock_guard guard(table().mutex);
    for (auto entry = table().held.begin(); entry != table().held.end();)
        entry = entry->second == descriptor ? table().held.erase(entry) : std::next(entry);
    set_lock(descriptor, F_UNLCK);
}

} // namespace autodeploy
