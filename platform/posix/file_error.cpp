#include "platform/posix/file_error.h"

#include <cerrno>

namespace autodeploy {
namespace {

struct Meaning {
    const char* cause;
    Retry retry;
    const char* hint;
};

Meaning meaning_of(int code) {
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return {"file_not_found", Retry::no, ""};
    case EACCES:
    case EPERM:
        return {"access_denied", Retry::no, "; only root may do this, and no security module may forbid it"};
    case ELOOP:
        return {"access_denied", Retry::no, "; a link stands where none is followed"};
    case ENOSPC:
#if EDQUOT != ENOSPC
    case EDQUOT:
#endif
        return {"disk_full", Retry::later, "; make room on that file system"};
    case EROFS:
        return {"read_only", Retry::no, "; mount the file system writable"};
    case EFBIG:
        return {"file_too_large", Retry::no, ""};
    case ETXTBSY:
    case EBUSY:
        return {"file_in_use", Retry::later, ""};
    default:
        return {"io_error", Retry::no, ""};
    }
}

} // namespace

Error file_error(const std::string& verb, const std::string& path, int code, const std::string& other) {
    const Meaning meaning = meaning_of(code);
    return Error(meaning.cause, "cannot " + verb + " " + path + other + ": " + system_message(code) + meaning.hint,
                 meaning.retry);
}

Error file_refused(const std::string& verb, const std::string& path, const std::string& why) {
    return Error("access_denied", "cannot " + verb + " " + path + ": " + why);
}

} // namespace autodeploy
