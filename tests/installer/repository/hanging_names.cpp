#include "tests/installer/repository/hanging_names.h"

#include <chrono>
#include <condition_variable>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

namespace {

std::mutex mutex;
std::condition_variable changed;
bool hang = false;
int asked_so_far = 0;
int hanging = 0;

} // namespace

/// Stands before the C library's, for the shared libraries as well.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
    if (node != nullptr && std::string_view(node).ends_with(".hanging.example")) {
        std::unique_lock lock(mutex);
        ++asked_so_far;
        ++hanging;
        // Not for ever: a test that fails must end.
        changed.wait_for(lock, std::chrono::seconds(30), [] { return !hang; });
        --hanging;
        changed.notify_all();
        return EAI_AGAIN;
    }
    using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(node, service, hints, result);
}

namespace autodeploy {

HangingNames::HangingNames() {
    const std::lock_guard lock(mutex);
    hang = true;
    asked_so_far = 0;
}

HangingNames::~HangingNames() {
    std::unique_lock lock(mutex);
    hang = false;
    changed.notify_all();
    changed.wait(lock, [] { return hanging == 0; });
}

int HangingNames::asked() const {
    const std::lock_guard lock(mutex);
    return asked_so_far;
}

} // namespace autodeploy
