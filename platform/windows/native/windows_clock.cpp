#include "platform/windows/native/windows_clock.h"

#include "platform/error.h"
#include "platform/windows/native/handle.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace autodeploy {

namespace {

constexpr std::int64_t ticks_before_1970 = 116444736000000000;
constexpr wchar_t own_key[] = L"SOFTWARE\\Autodeploy";
constexpr wchar_t boot_key[] = L"SOFTWARE\\Autodeploy\\Boot";

std::int64_t ticks_of(const FILETIME& time) {
    return std::int64_t(std::uint64_t(time.dwHighDateTime) << 32 | time.dwLowDateTime);
}
FILETIME filetime_of(std::int64_t ticks) {
    return {DWORD(ticks & 0xFFFFFFFF), DWORD(ticks >> 32)};
}
std::int64_t ticks_now() {
    FILETIME now{};
    ::GetSystemTimePreciseAsFileTime(&now);
    return ticks_of(now);
}

std::string boot_id_in(HKEY key) {
    wchar_t text[64] = {};
    DWORD size = sizeof text - sizeof(wchar_t);
    return ::RegQueryValueExW(key, L"Id", nullptr, nullptr, reinterpret_cast<BYTE*>(text), &size) == ERROR_SUCCESS
               ? narrow(text)
               : std::string();
}

} // namespace

UnixTime WindowsClock::now() {
    return (ticks_now() - ticks_before_1970) / 10'000'000;
}

std::int64_t WindowsClock::now_ms() {
    return (ticks_now() - ticks_before_1970) / 10'000;
}

Milliseconds WindowsClock::elapsed() {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

void WindowsClock::sleep(Milliseconds time) {
    std::this_thread::sleep_for(time);
}

Seconds WindowsClock::local_offset(UnixTime at) {
    const std::int64_t ticks = at * 10'000'000 + ticks_before_1970;
    const FILETIME utc = filetime_of(ticks);
    SYSTEMTIME universal{}, local{};
    FILETIME shown{};
    if (!::FileTimeToSystemTime(&utc, &universal) || !::SystemTimeToTzSpecificLocalTime(nullptr, &universal, &local) ||
        !::SystemTimeToFileTime(&local, &shown))
        return Seconds(0);
    // Both have lost what is less than a millisecond.
    return Seconds((ticks_of(shown) - ticks / 10'000 * 10'000) / 10'000'000);
}

std::string WindowsClock::boot_id() {
    // One at a time, so that no two processes make an id each.
    const Handle mutex(::CreateMutexW(nullptr, FALSE, L"Global\\autodeploy-boot"));
    if (mutex) ::WaitForSingleObject(mutex.get(), 10'000);
    HKEY key = nullptr;
    std::string id;
    if (::RegOpenKeyExW(HKEY_LOCAL_MACHINE, boot_key, 0, KEY_READ | KEY_WOW64_64KEY, &key) == ERROR_SUCCESS) {
        id = boot_id_in(key);
        ::RegCloseKey(key);
    }
    LSTATUS code = ERROR_SUCCESS;
    if (id.empty()) {
        // First the key above it: made along with a volatile one it would be volatile, too, and nothing below it
        // could last.
        code = ::RegCreateKeyExW(HKEY_LOCAL_MACHINE, own_key, 0, nullptr, REG_OPTION_NON_VOLATILE,
                                 KEY_READ | KEY_WRITE | KEY_WOW64_64KEY, nullptr, &key, nullptr);
        if (code == ERROR_SUCCESS) ::RegCloseKey(key);
        if (code == ERROR_SUCCESS)
            code = ::RegCreateKeyExW(HKEY_LOCAL_MACHINE, boot_key, 0, nullptr, REG_OPTION_VOLATILE,
                                     KEY_READ | KEY_WRITE | KEY_WOW64_64KEY, nullptr, &key, nullptr);
        if (code == ERROR_SUCCESS) {
            const std::wstring made = std::to_wstring(ticks_now()) + L"-" + std::to_wstring(::GetCurrentProcessId());
            code = ::RegSetValueExW(key, L"Id", 0, REG_SZ, reinterpret_cast<const BYTE*>(made.c_str()),
                                    DWORD((made.size() + 1) * sizeof(wchar_t)));
            ::RegCloseKey(key);
            id = narrow(made);
        }
    }
    if (mutex) ::ReleaseMutex(mutex.get());
    if (code != ERROR_SUCCESS)
        throw Error(code == ERROR_ACCESS_DENIED ? "access_denied" : "io_error",
                    "cannot note the start of the machine in the registry's HKLM\\SOFTWARE\\Autodeploy\\Boot: " +
                        system_message(int(code)));
    return id;
}

} // namespace autodeploy
