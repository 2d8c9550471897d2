#include "platform/windows/native/windows_service_host.h"

#include "platform/error.h"
#include "platform/windows/full_path.h"
#include "platform/windows/native/rights_of.h"
#include "platform/windows/native/service_registration.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <algorithm>
#include <atomic>
#include <cwctype>
#include <iostream>

namespace autodeploy {

namespace {

/// For the handler, which can be given nothing.
std::atomic<WindowsServiceHost*> at_console{nullptr};

BOOL WINAPI on_console_event(DWORD event) {
    // Services hear of everybody's goodbye, and of the machine's from the service manager.
    if (event == CTRL_LOGOFF_EVENT || event == CTRL_SHUTDOWN_EVENT) return TRUE;
    WindowsServiceHost* const host = at_console;
    if (host) host->ask_to_stop();
    return host != nullptr;
}

/// A name for an event can have no "\", and is the same however the folder is written.
std::wstring event_name(const std::string& runtime) {
    std::wstring name = L"Global\\autodeploy-wake-";
    for (const wchar_t unit : wide(plain_path(parts_of_path(runtime))))
        name += unit == L'\\' ? L'/' : wchar_t(std::towlower(unit));
    return name;
}

} // namespace

WindowsServiceHost::WindowsServiceHost(const std::string& runtime)
    : output_(std::cout, ::GetStdHandle(STD_OUTPUT_HANDLE)), errors_(std::cerr, ::GetStdHandle(STD_ERROR_HANDLE)),
      poke_name_(event_name(runtime)), woken_(::CreateEventW(nullptr, FALSE, FALSE, nullptr)) {
    at_console = this;
    ::SetConsoleCtrlHandler(on_console_event, TRUE);
}

WindowsServiceHost::~WindowsServiceHost() {
    ::SetConsoleCtrlHandler(on_console_event, FALSE);
    at_console = nullptr;
}

Wake WindowsServiceHost::wait(Milliseconds time) {
    const auto take_stop = [&] {
        const int asked = stops_asked_;
        return std::exchange(stops_told_, asked) != asked;
    };
    if (take_stop()) return Wake::stop;
    const HANDLE all[] = {woken_.get(), poked_.get()};
    const auto longest = DWORD(std::clamp<std::int64_t>(time.count(), 0, 3600 * 1000));
    const DWORD ended = ::WaitForMultipleObjects(poked_ ? 2 : 1, all, FALSE, longest);
    if (take_stop()) return Wake::stop;
    return ended == WAIT_TIMEOUT ? Wake::time_over : Wake::poked;
}

void WindowsServiceHost::interrupt() {
    ::SetEvent(woken_.get());
}

bool WindowsServiceHost::stop_asked() {
    return stops_asked_ > 0;
}

void WindowsServiceHost::ask_to_stop() {
    ++stops_asked_;
    interrupt();
}

void WindowsServiceHost::become_service() {
    const NewRights rights("D:P(A;;GA;;;SY)(A;;GA;;;BA)");
    SECURITY_ATTRIBUTES attributes{sizeof attributes, rights.get(), FALSE};
    DWORD code = 0;
    // One that is there may belong to anybody; or to a command that pokes, and then is gone in a moment.
    for (int attempt = 0; attempt < 40; ++attempt) {
        poked_ = Handle(::CreateEventW(&attributes, FALSE, FALSE, poke_name_.c_str()));
        code = ::GetLastError();
        if (poked_ && code != ERROR_ALREADY_EXISTS) return;
        poked_.close();
        ::Sleep(50);
    }
    throw Error("io_error", "cannot make the event " + narrow(poke_name_) + ": " + system_message(int(code)));
}

bool WindowsServiceHost::poke_service() {
    const Handle event(::OpenEventW(EVENT_MODIFY_STATE, FALSE, poke_name_.c_str()));
    return event && ::SetEvent(event.get());
}

void WindowsServiceHost::install_service(const std::string& program) {
    register_service(program);
}

void WindowsServiceHost::uninstall_service() {
    unregister_service();
}

std::string WindowsServiceHost::caller() {
    std::wstring name(257, L'\0');
    DWORD size = DWORD(name.size());
    if (!::GetUserNameW(name.data(), &size) || size == 0) return own_user();
    name.resize(size - 1);
    return narrow(name);
}

std::int64_t WindowsServiceHost::process_id() {
    return ::GetCurrentProcessId();
}

bool WindowsServiceHost::colour_terminal() {
    const HANDLE output = ::GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD mode = 0;
    if (!::GetConsoleMode(output, &mode)) return false;
    if (::GetEnvironmentVariableW(L"NO_COLOR", nullptr, 0) > 1) return false;
    constexpr DWORD understands_colours = 0x0004; // ENABLE_VIRTUAL_TERMINAL_PROCESSING
    return ::SetConsoleMode(output, mode | understands_colours) != 0;
}

} // namespace autodeploy
