#include "platform/windows/native/file_failure.h"

#include <windows.h>

namespace autodeploy {

namespace {

constexpr DWORD disk_quota_exceeded = 1295; // mingw's headers lack the name
constexpr int attempts = 40;
constexpr DWORD pause = 50;
/// Access that is denied seldom comes by itself: it does where a file that is being deleted still has its name.
constexpr int attempts_when_denied = 4;

const char* cause_of(DWORD code) {
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_DIRECTORY:
        return "file_not_found";
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
    case ERROR_INVALID_OWNER:
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
        return "access_denied";
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case disk_quota_exceeded:
        return "disk_full";
    case ERROR_WRITE_PROTECT:
        return "read_only";
    case ERROR_FILE_TOO_LARGE:
        return "file_too_large";
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_USER_MAPPED_FILE:
    case ERROR_DELETE_PENDING:
        return "file_in_use";
    default:
        return "io_error";
    }
}

} // namespace

Error file_failure(const std::string& verb, const std::string& path, unsigned long code) {
    const std::string cause = cause_of(code);
    const bool later = cause == "file_in_use" || cause == "disk_full";
    return Error(cause, "cannot " + verb + " " + path + ": " + system_message(int(code)),
                 later ? Retry::later : Retry::no);
}

Error file_refusal(const std::string& verb, const std::string& path, const std::string& why) {
    return Error("access_denied", "cannot " + verb + " " + path + ": " + why);
}

bool is_missing(unsigned long code) {
    return std::string(cause_of(code)) == "file_not_found";
}

unsigned long patiently(const std::function<unsigned long()>& call) {
    for (int attempt = 1;; ++attempt) {
        const unsigned long code = call();
        const bool held = code != 0 && std::string(cause_of(code)) == "file_in_use";
        if (!held && code != ERROR_ACCESS_DENIED) return code;
        if (attempt == (held ? attempts : attempts_when_denied)) return code;
        ::Sleep(pause);
    }
}

} // namespace autodeploy
