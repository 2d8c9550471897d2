#include "platform/windows/native/handle.h"

#include <windows.h>

namespace autodeploy {

void Handle::close() {
    if (handle_ != nullptr) ::CloseHandle(std::exchange(handle_, nullptr));
}

bool Handle::is_none(void* handle) {
    return handle == nullptr || handle == INVALID_HANDLE_VALUE;
}

} // namespace autodeploy
