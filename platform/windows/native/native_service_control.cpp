#include "platform/windows/native/native_service_control.h"

#include "platform/error.h"
#include "platform/windows/native/service_handle.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <winsvc.h>

#include <tlhelp32.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

namespace autodeploy {

namespace {

constexpr const char* starts[] = {"boot", "system", "auto", "demand", "disabled"};

std::string text_at(const wchar_t* text) {
    return text ? narrow(text) : std::string();
}

/// Without a handle GetLastError tells why.
ServiceHandle open_service(const std::string& name, DWORD rights) {
    const ServiceHandle all = service_control_manager(SC_MANAGER_CONNECT);
    return ServiceHandle(::OpenServiceW(all.get(), wide(name).c_str(), rights));
}

ServiceHandle existing(const std::string& name, DWORD rights, const char* verb) {
    ServiceHandle handle = open_service(name, rights);
    if (!handle) service_failure(std::string(verb) + " the service " + name, ::GetLastError());
    return handle;
}

/// The structure stands at the beginning of the buffer; empty where this Windows does not know the level.
std::vector<std::uint64_t> more_settings(const ServiceHandle& service, DWORD level, const std::string& name) {
    std::vector<std::uint64_t> buffer(1024);
    DWORD needed = 0;
    if (::QueryServiceConfig2W(service.get(), level, reinterpret_cast<BYTE*>(buffer.data()),
                               DWORD(buffer.size() * sizeof buffer[0]), &needed))
        return buffer;
    const DWORD code = ::GetLastError();
    if (code == ERROR_INVALID_LEVEL || code == ERROR_CALL_NOT_IMPLEMENTED || code == ERROR_NOT_SUPPORTED) return {};
    service_failure("read the settings of the service " + name, code);
}

void change_more(const ServiceHandle& service, DWORD level, void* settings, const std::string& name) {
    if (!::ChangeServiceConfig2W(service.get(), level, settings))
        service_failure("change the service " + name, ::GetLastError());
}

std::string text_of(const SERVICE_FAILURE_ACTIONSW& actions) {
    std::string text = std::to_string(actions.dwResetPeriod);
    for (DWORD i = 0; i < actions.cActions; ++i)
        text +=
            " " + std::to_string(int(actions.lpsaActions[i].Type)) + ":" + std::to_string(actions.lpsaActions[i].Delay);
    return text;
}

void change_failure_actions(const ServiceHandle& service, const ServiceControl::Settings& settings,
                            const std::string& name) {
    SERVICE_FAILURE_ACTIONSW wanted{};
    std::vector<SC_ACTION> list(1);
    std::wstring command;
    std::wstring message;
    if (const auto text = settings.find("failure_actions"); text != settings.end()) {
        std::istringstream words(text->second);
        unsigned type = 0;
        char colon = 0;
        words >> wanted.dwResetPeriod;
        for (SC_ACTION action{}; words >> type >> colon >> action.Delay;) {
            action.Type = SC_ACTION_TYPE(type);
            list.insert(list.end() - 1, action);
        }
        wanted.cActions = DWORD(list.size() - 1);
        wanted.lpsaActions = list.data(); // without a list nothing is changed, not even to none
    }
    if (const auto text = settings.find("failure_command"); text != settings.end()) {
        command = wide(text->second);
        wanted.lpCommand = command.data();
    }
    if (const auto text = settings.find("failure_message"); text != settings.end()) {
        message = wide(text->second);
        wanted.lpRebootMsg = message.data();
    }
    if (wanted.lpsaActions || wanted.lpCommand || wanted.lpRebootMsg)
        change_more(service, SERVICE_CONFIG_FAILURE_ACTIONS, &wanted, name);
}

std::string joined(const wchar_t* texts) {
    std::string text;
    for (; texts && *texts; texts += std::wcslen(texts) + 1)
        text += (text.empty() ? "" : "/") + text_at(texts);
    return text;
}

/// Each with a NUL behind it, and one more at the end.
std::wstring separated(const std::string& text) {
    std::wstring texts = wide(text) + L'\0';
    std::replace(texts.begin(), texts.end(), L'/', L'\0');
    return texts + L'\0';
}

class ProcessHandle {
  public:
    explicit ProcessHandle(HANDLE handle) : handle_(handle) {}
    ProcessHandle(ProcessHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    ProcessHandle& operator=(ProcessHandle&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~ProcessHandle() {
        if (handle_) ::CloseHandle(handle_);
    }
    HANDLE get() const { return handle_; }
    explicit operator bool() const { return handle_ != nullptr; }

    bool ended() const { return ::WaitForSingleObject(handle_, 0) == WAIT_OBJECT_0; }
    std::uint64_t began() const {
        FILETIME begin{}, end{}, kernel{}, user{};
        if (!::GetProcessTimes(handle_, &begin, &end, &kernel, &user)) return 0;
        return (std::uint64_t(begin.dwHighDateTime) << 32) | begin.dwLowDateTime;
    }
    std::wstring folder() const {
        std::wstring path(32768, L'\0');
        DWORD size = DWORD(path.size());
        if (!::QueryFullProcessImageNameW(handle_, 0, path.data(), &size)) return {};
        return path.substr(0, path.substr(0, size).find_last_of(L'\\'));
    }

  private:
    HANDLE handle_;
};

ProcessHandle open_process(DWORD id, DWORD rights) {
    return ProcessHandle(id == 0 ? nullptr : ::OpenProcess(rights, FALSE, id));
}

class RunOfService final : public ScmProcesses {
  public:
    explicit RunOfService(std::vector<ProcessHandle> processes) : processes_(std::move(processes)) {}
    bool ended() override {
        return std::all_of(processes_.begin(), processes_.end(), [](const auto& process) { return process.ended(); });
    }
    void kill() override {
        for (const ProcessHandle& process : processes_)
            ::TerminateProcess(process.get(), 1);
    }

  private:
    std::vector<ProcessHandle> processes_;
};

ScmState state_of(DWORD state) {
    switch (state) {
    case SERVICE_STOPPED:
        return ScmState::stopped;
    case SERVICE_START_PENDING:
        return ScmState::starting;
    case SERVICE_STOP_PENDING:
        return ScmState::stopping;
    case SERVICE_RUNNING:
        return ScmState::running;
    default:
        return ScmState::paused;
    }
}

std::optional<std::string> final_path(const std::string& path, bool folder) {
    const bool drive = path.size() > 2 && path[1] == ':';
    std::string full = path;
    std::replace(full.begin(), full.end(), '/', '\\');
    const HANDLE handle = ::CreateFileW(wide(drive ? R"(\\?\)" + full : full).c_str(), 0,
                                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                                        FILE_FLAG_BACKUP_SEMANTICS, nullptr);
    if (handle == INVALID_HANDLE_VALUE) return std::nullopt;
    BY_HANDLE_FILE_INFORMATION about{};
    std::wstring found(32768, L'\0');
    const bool known = ::GetFileInformationByHandle(handle, &about);
    const DWORD size = ::GetFinalPathNameByHandleW(handle, found.data(), DWORD(found.size()), VOLUME_NAME_DOS);
    ::CloseHandle(handle);
    if (!known || ((about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) != folder) return std::nullopt;
    if (size == 0 || size >= found.size()) return full;
    std::string name = narrow(found.substr(0, size));
    if (name.starts_with(R"(\\?\UNC\)")) return "\\" + name.substr(7);
    return name.starts_with(R"(\\?\)") ? name.substr(4) : name;
}

} // namespace

std::vector<std::string> NativeServiceControl::names() {
    const ServiceHandle all = service_control_manager(SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    std::vector<std::string> found;
    std::vector<std::uint64_t> buffer(8192);
    DWORD resume = 0;
    for (;;) {
        DWORD needed = 0;
        DWORD count = 0;
        const BOOL done = ::EnumServicesStatusExW(
            all.get(), SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_STATE_ALL, reinterpret_cast<BYTE*>(buffer.data()),
            DWORD(buffer.size() * sizeof buffer[0]), &needed, &count, &resume, nullptr);
        const DWORD code = done ? ERROR_SUCCESS : ::GetLastError();
        if (!done && code != ERROR_MORE_DATA) service_failure("list the services", code);
        const auto* services = reinterpret_cast<const ENUM_SERVICE_STATUS_PROCESSW*>(buffer.data());
        if (done || resume != 0)
            for (DWORD i = 0; i < count; ++i)
                found.push_back(text_at(services[i].lpServiceName));
        if (done) return found;
        // Where nothing can be resumed (Wine), all of it is asked for again.
        if (resume == 0) found.clear();
        buffer.resize(std::max(buffer.size(), needed / sizeof buffer[0] + 8192));
    }
}

std::optional<ServiceControl::Settings> NativeServiceControl::settings(const std::string& name) {
    const ServiceHandle service = open_service(name, SERVICE_QUERY_CONFIG);
    if (!service) {
        const DWORD code = ::GetLastError();
        if (code == ERROR_SERVICE_DOES_NOT_EXIST || code == ERROR_INVALID_NAME || code == ERROR_ACCESS_DENIED ||
            code == ERROR_SERVICE_MARKED_FOR_DELETE)
            return std::nullopt;
        service_failure("open the service " + name, code);
    }
    std::vector<std::uint64_t> buffer(1024); // at most 8 KiB
    DWORD needed = 0;
    auto* config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
    if (!::QueryServiceConfigW(service.get(), config, DWORD(buffer.size() * sizeof buffer[0]), &needed)) {
        if (::GetLastError() == ERROR_ACCESS_DENIED) return std::nullopt;
        service_failure("read the settings of the service " + name, ::GetLastError());
    }
    Settings found;
    found["start"] = config->dwStartType < std::size(starts) ? starts[config->dwStartType] : "unknown";
    found["image_path"] = text_at(config->lpBinaryPathName);
    found["account"] = text_at(config->lpServiceStartName);
    found["display_name"] = text_at(config->lpDisplayName);
    found["error_control"] = std::to_string(config->dwErrorControl);
    found["dependencies"] = joined(config->lpDependencies);
    if (const auto more = more_settings(service, SERVICE_CONFIG_DESCRIPTION, name); !more.empty())
        found["description"] = text_at(reinterpret_cast<const SERVICE_DESCRIPTIONW*>(more.data())->lpDescription);
    if (const auto more = more_settings(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, name); !more.empty()) {
        const auto* delayed = reinterpret_cast<const SERVICE_DELAYED_AUTO_START_INFO*>(more.data());
        found["delayed_start"] = delayed->fDelayedAutostart ? "yes" : "no";
    }
    if (const auto more = more_settings(service, SERVICE_CONFIG_FAILURE_ACTIONS, name); !more.empty()) {
        const auto* actions = reinterpret_cast<const SERVICE_FAILURE_ACTIONSW*>(more.data());
        found["failure_actions"] = text_of(*actions);
        found["failure_command"] = text_at(actions->lpCommand);
        found["failure_message"] = text_at(actions->lpRebootMsg);
    }
    if (const auto more = more_settings(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, name); !more.empty()) {
        const auto* flag = reinterpret_cast<const SERVICE_FAILURE_ACTIONS_FLAG*>(more.data());
        found["failure_on_error"] = flag->fFailureActionsOnNonCrashFailures ? "yes" : "no";
    }
    return found;
}

void NativeServiceControl::change(const std::string& name, const Settings& settings) {
    // Whoever may set recovery to "start again" must be allowed to start.
    const ServiceHandle service = existing(name, SERVICE_CHANGE_CONFIG | SERVICE_START, "change");
    const auto text = [&](const char* setting) {
        const auto found = settings.find(setting);
        return found == settings.end() ? std::optional<std::wstring>() : wide(found->second);
    };
    const auto given = [](const std::optional<std::wstring>& value) { return value ? value->c_str() : nullptr; };
    DWORD start = SERVICE_NO_CHANGE;
    if (const auto found = settings.find("start"); found != settings.end())
        for (DWORD type = 0; type < std::size(starts); ++type)
            if (found->second == starts[type]) start = type;
    DWORD error_control = SERVICE_NO_CHANGE;
    if (const auto found = settings.find("error_control"); found != settings.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), error_control);
    const auto image_path = text("image_path");
    const auto account = text("account");
    const auto display_name = text("display_name");
    const auto dependencies = settings.contains("dependencies") ? std::optional(separated(settings.at("dependencies")))
                                                                : std::optional<std::wstring>();
    if (start != SERVICE_NO_CHANGE || error_control != SERVICE_NO_CHANGE || image_path || account || display_name ||
        dependencies)
        if (!::ChangeServiceConfigW(service.get(), SERVICE_NO_CHANGE, start, error_control, given(image_path), nullptr,
                                    nullptr, given(dependencies), given(account), account ? L"" : nullptr,
                                    given(display_name)))
            service_failure("change the service " + name, ::GetLastError());
    if (auto description = text("description")) {
        SERVICE_DESCRIPTIONW wanted{description->data()};
        change_more(service, SERVICE_CONFIG_DESCRIPTION, &wanted, name);
    }
    if (const auto found = settings.find("delayed_start"); found != settings.end()) {
        SERVICE_DELAYED_AUTO_START_INFO wanted{found->second == "yes"};
        change_more(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &wanted, name);
    }
    change_failure_actions(service, settings, name);
    if (const auto found = settings.find("failure_on_error"); found != settings.end()) {
        SERVICE_FAILURE_ACTIONS_FLAG wanted{found->second == "yes"};
        change_more(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &wanted, name);
    }
}

ScmStatus NativeServiceControl::status(const std::string& name) {
    const ServiceHandle service = existing(name, SERVICE_QUERY_STATUS, "ask for the state of");
    SERVICE_STATUS_PROCESS now{};
    DWORD needed = 0;
    if (!::QueryServiceStatusEx(service.get(), SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&now), sizeof now,
                                &needed))
        service_failure("ask for the state of the service " + name, ::GetLastError());
    ScmStatus found{state_of(now.dwCurrentState), std::int64_t(now.dwProcessId),
                    now.dwWin32ExitCode == ERROR_SERVICE_SPECIFIC_ERROR ? now.dwServiceSpecificExitCode
                                                                        : now.dwWin32ExitCode};
    if (found.state == ScmState::stopped || found.process == 0) return found;
    const ProcessHandle process = open_process(now.dwProcessId, SYNCHRONIZE);
    const bool gone = process ? process.ended() : ::GetLastError() == ERROR_INVALID_PARAMETER;
    if (gone) found = {ScmState::stopped, 0, found.exit_code};
    return found;
}

ScmAnswer NativeServiceControl::start(const std::string& name) {
    const ServiceHandle service = existing(name, SERVICE_START, "start");
    return ScmAnswer(::StartServiceW(service.get(), 0, nullptr) ? ERROR_SUCCESS : ::GetLastError());
}

ScmAnswer NativeServiceControl::stop(const std::string& name) {
    const ServiceHandle service = existing(name, SERVICE_STOP, "stop");
    SERVICE_STATUS after{};
    return ScmAnswer(::ControlService(service.get(), SERVICE_CONTROL_STOP, &after) ? ERROR_SUCCESS : ::GetLastError());
}

std::unique_ptr<ScmProcesses> NativeServiceControl::processes(const std::string& name) {
    constexpr DWORD rights = SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_TERMINATE;
    std::vector<ProcessHandle> found;
    const auto main = DWORD(status(name).process);
    if (main != 0) {
        ProcessHandle process = open_process(main, rights);
        if (!process && ::GetLastError() == ERROR_ACCESS_DENIED)
            service_failure("open the process of the service " + name, ERROR_ACCESS_DENIED);
        if (process) found.push_back(std::move(process));
    }
    if (found.empty()) return std::make_unique<RunOfService>(std::move(found));
    std::vector<std::pair<DWORD, DWORD>> parents;
    const ProcessHandle snapshot(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
    PROCESSENTRY32W entry{};
    entry.dwSize = sizeof entry;
    if (snapshot.get() != INVALID_HANDLE_VALUE)
        for (BOOL more = ::Process32FirstW(snapshot.get(), &entry); more;
             more = ::Process32NextW(snapshot.get(), &entry))
            parents.emplace_back(entry.th32ProcessID, entry.th32ParentProcessID);
    const std::wstring folder = found.front().folder();
    std::vector<DWORD> ids{main};
    for (std::size_t i = 0; i < ids.size() && !folder.empty(); ++i)
        for (const auto& [id, parent] : parents) {
            if (parent != ids[i] || id == 0 || std::find(ids.begin(), ids.end(), id) != ids.end()) continue;
            ProcessHandle process = open_process(id, rights);
            // One that is older has the id of a parent that is long gone.
            if (!process || process.began() < found.front().began() || !is_same_name(process.folder(), folder))
                continue;
            found.push_back(std::move(process));
            ids.push_back(id);
        }
    return std::make_unique<RunOfService>(std::move(found));
}

std::string NativeServiceControl::expand(const std::string& text) {
    std::wstring expanded(32768, L'\0');
    const DWORD size = ::ExpandEnvironmentStringsW(wide(text).c_str(), expanded.data(), DWORD(expanded.size()));
    return size == 0 || size > expanded.size() ? text : narrow(expanded.substr(0, size - 1));
}

std::optional<std::string> NativeServiceControl::real_file(const std::string& path) {
    return final_path(path, false);
}

std::optional<std::string> NativeServiceControl::real_folder(const std::string& path) {
    return final_path(path, true);
}

} // namespace autodeploy
