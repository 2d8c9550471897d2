// The client on Windows as far as an update sees it. As dsmc.exe it says its release; as dsmcsvc.exe it is the
// scheduler's service. Which release it is, and what it suffers from, stands behind the program itself:
// "\nSTANDIN 8.1.27.0 none\n". An event of the server is a file beside the options file, "event": a name, a blank, a
// command line; it becomes "event.done", which holds the exit code.
#include "tests/standin/windows/stoppable_service.h"

#include <windows.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <cwctype>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace {

std::wstring folder_of(const std::wstring& path) {
    return path.substr(0, path.find_last_of(L'\\'));
}

std::string contents(const std::wstring& path) {
    std::string bytes;
    const HANDLE file =
        ::CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                      OPEN_EXISTING, 0, nullptr);
    if (file == INVALID_HANDLE_VALUE) return bytes;
    char piece[65536];
    for (DWORD count = 0; ::ReadFile(file, piece, sizeof piece, &count, nullptr) && count > 0;)
        bytes.append(piece, count);
    ::CloseHandle(file);
    return bytes;
}

void append(const std::wstring& path, const std::string& text) {
    const HANDLE file =
        ::CreateFileW(path.c_str(), FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                      OPEN_ALWAYS, 0, nullptr);
    if (file == INVALID_HANDLE_VALUE) return;
    DWORD count = 0;
    ::WriteFile(file, text.data(), DWORD(text.size()), &count, nullptr);
    ::CloseHandle(file);
}

struct Made {
    std::string release = "8.1.0.0";
    std::string sickness = "none";
};

Made made() {
    const std::string program = contents(own_path());
    const std::size_t at = program.rfind("\nSTANDIN ");
    Made found;
    if (at != std::string::npos) std::istringstream(program.substr(at + 9)) >> found.release >> found.sickness;
    return found;
}

void say_release(std::string release) {
    const std::size_t second = release.find('.', release.find('.') + 1);
    const std::string first = release.substr(0, release.find('.'));
    std::printf("IBM Spectrum Protect\r\nCommand Line Backup-Archive Client Interface\r\n"
                "  Client Version %s, Release %s, Level %s\r\n  Client date/time: 11/23/2026 20:00:00\r\n\r\n",
                first.c_str(), release.substr(first.size() + 1, second - first.size() - 1).c_str(),
                release.substr(second + 1).c_str());
}

/// By its header, which is the truth for whoever looks at it.
bool is_32_bit() {
    const std::string program = contents(own_path());
    IMAGE_DOS_HEADER first{};
    IMAGE_FILE_HEADER header{};
    if (program.size() < sizeof first) return false;
    std::memcpy(&first, program.data(), sizeof first);
    const std::size_t at = std::size_t(first.e_lfanew) + sizeof(DWORD);
    if (program.size() < at + sizeof header) return false;
    std::memcpy(&header, program.data() + at, sizeof header);
    return header.Machine == IMAGE_FILE_MACHINE_I386;
}

/// As dsmcutil registers it; without that, beside the program.
std::wstring options_file(const std::wstring& service) {
    const std::wstring key = L"SOFTWARE\\IBM\\ADSM\\CurrentVersion\\BackupClient\\Scheduler Service\\" + service;
    std::wstring path(1024, L'\0');
    DWORD size = DWORD(path.size() * sizeof(wchar_t));
    const DWORD view = is_32_bit() ? RRF_SUBKEY_WOW6432KEY : RRF_SUBKEY_WOW6464KEY;
    if (::RegGetValueW(HKEY_LOCAL_MACHINE, key.c_str(), L"clientOptFile", RRF_RT_REG_SZ | view, nullptr, path.data(),
                       &size) != ERROR_SUCCESS)
        return folder_of(own_path()) + L"\\dsm.opt";
    path.resize(size / sizeof(wchar_t) - 1);
    return path;
}

class Scheduler {
  public:
    explicit Scheduler(std::wstring options) : folder_(folder_of(options)), sickness_(made().sickness) {
        std::string text = contents(options);
        text.erase(std::remove(text.begin(), text.end(), '\0'), text.end()); // UTF-16, as far as this goes
        if (text.find("PASSWORDAccess") == std::string::npos) sickness_ = "dies-at-start";
    }

    bool is_sick_with(const char* sickness) const { return sickness_ == sickness; }

    void work() {
        const std::string event = contents(folder_ + L"\\event");
        line("--- SCHEDULEREC QUERY BEGIN");
        if (is_sick_with("never-reaches-server")) return line("ANS1017E Session rejected: TCP/IP connection failure.");
        line("--- SCHEDULEREC QUERY END");
        if (!event.empty()) run(event.substr(0, event.find_first_of("\r\n")));
    }

  private:
    static std::string now() {
        SYSTEMTIME time{};
        ::GetLocalTime(&time);
        char text[32];
        std::snprintf(text, sizeof text, "%02d/%02d/%04d %02d:%02d:%02d", time.wMonth, time.wDay, time.wYear,
                      time.wHour, time.wMinute, time.wSecond);
        return text;
    }

    void line(const std::string& text) { append(folder_ + L"\\dsmsched.log", now() + " " + text + "\r\n"); }

    void run(const std::string& event) {
        const std::size_t blank = event.find(' ');
        const std::string stamp = event.substr(0, blank) + " " + now();
        const std::string command = event.substr(blank + 1);
        line("--- SCHEDULEREC OBJECT BEGIN " + stamp);
        line("Executing Operating System command or script: " + command);
        STARTUPINFOW start{};
        start.cb = sizeof start;
        PROCESS_INFORMATION started{};
        std::wstring wide(command.begin(), command.end());
        DWORD code = 12;
        // It hands down its handles and its directory.
        if (::CreateProcessW(nullptr, wide.data(), nullptr, nullptr, TRUE, 0, nullptr, folder_of(own_path()).c_str(),
                             &start, &started)) {
            ::WaitForSingleObject(started.hProcess, INFINITE);
            ::GetExitCodeProcess(started.hProcess, &code);
            ::CloseHandle(started.hThread);
            ::CloseHandle(started.hProcess);
        }
        line("Finished command.  Return code is: " + std::to_string(code));
        line("--- SCHEDULEREC OBJECT END " + stamp);
        ::DeleteFileW((folder_ + L"\\event").c_str());
        append(folder_ + L"\\event.done", std::to_string(code) + "\n");
    }

    std::wstring folder_;
    std::string sickness_;
};

void service(unsigned long count, wchar_t** words) {
    if (!tell_starting()) return;
    Scheduler scheduler(options_file(count > 0 ? words[0] : L""));
    if (scheduler.is_sick_with("dies-at-start")) return tell_stopped(12);
    tell_running();
    do
        scheduler.work();
    while (!asked_to_stop_within(1000) && !scheduler.is_sick_with("dies-soon"));
    if (scheduler.is_sick_with("hangs-in-stop")) ::Sleep(INFINITE);
    tell_stopped();
}

} // namespace

int wmain() {
    std::wstring name = own_path();
    name.erase(0, name.find_last_of(L'\\') + 1);
    for (wchar_t& letter : name)
        letter = wchar_t(std::towlower(wint_t(letter)));
    if (name == L"dsmc.exe") {
        const Made self = made();
        say_release(self.sickness == "wrong-version" ? "8.1.0.0" : self.release);
        return 0;
    }
    return serve(service) ? 0 : 1;
}
