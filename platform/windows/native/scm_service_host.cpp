#include "platform/windows/native/scm_service_host.h"

#include <windows.h>

#include <winsvc.h>

#include <mutex>
#include <thread>

namespace autodeploy {

namespace {

constexpr DWORD next_sign_of_life = 30000;
constexpr Milliseconds signs_every{10000};

} // namespace

/// The talk with the manager, from our side: its dispatcher in a thread, and our service's main function in another.
class ScmServiceHost::Manager {
  public:
    explicit Manager(WindowsServiceHost& host)
        : host_(host), answered_(::CreateEventW(nullptr, TRUE, FALSE, nullptr)),
          over_(::CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
        // The manager hands nothing to a main function but words.
        current = this;
        dispatcher_ = std::thread([this] {
            wchar_t name[] = L"";
            const SERVICE_TABLE_ENTRYW table[] = {{name, main}, {nullptr, nullptr}};
            ::StartServiceCtrlDispatcherW(table);
            ::SetEvent(answered_.get());
        });
        ::WaitForSingleObject(answered_.get(), INFINITE);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() {
        ::SetEvent(over_.get());
        dispatcher_.join();
        current = nullptr;
    }

    /// Whether it is the manager that started us.
    bool there() const { return told_to_ != nullptr; }
    void tell(DWORD state) {
        const std::lock_guard lock(mutex_);
        // One that ends does not run any more, whatever is told late.
        if (state_ == SERVICE_STOP_PENDING && state == SERVICE_RUNNING) return;
        checkpoint_ = state == state_ ? checkpoint_ + 1 : 0;
        state_ = state;
        send();
    }
    void alive() {
        const std::lock_guard lock(mutex_);
        if (state_ != SERVICE_STOP_PENDING && state_ != SERVICE_START_PENDING) return;
        ++checkpoint_;
        send();
    }

  private:
    static void WINAPI main(DWORD, wchar_t**) {
        Manager& self = *current;
        self.told_to_ = ::RegisterServiceCtrlHandlerExW(L"", control, &self);
        if (self.told_to_) self.tell(SERVICE_START_PENDING);
        ::SetEvent(self.answered_.get());
        ::WaitForSingleObject(self.over_.get(), INFINITE);
        self.tell(SERVICE_STOPPED);
    }

    static DWORD WINAPI control(DWORD what, DWORD, void*, void* context) {
        Manager& self = *static_cast<Manager*>(context);
        if (what == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
        if (what != SERVICE_CONTROL_STOP && what != SERVICE_CONTROL_PRESHUTDOWN) return ERROR_CALL_NOT_IMPLEMENTED;
        self.tell(SERVICE_STOP_PENDING);
        self.host_.ask_to_stop();
        return NO_ERROR;
    }

    void send() {
        SERVICE_STATUS status{};
        status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
        status.dwCurrentState = state_;
        if (state_ == SERVICE_RUNNING) status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN;
        if (state_ == SERVICE_STOPPED && !host_.stop_asked()) {
            status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
            status.dwServiceSpecificExitCode = 1;
        }
        status.dwCheckPoint = checkpoint_;
        status.dwWaitHint = state_ == SERVICE_START_PENDING || state_ == SERVICE_STOP_PENDING ? next_sign_of_life : 0;
        if (told_to_) ::SetServiceStatus(told_to_, &status);
    }

    static inline Manager* current = nullptr;

    WindowsServiceHost& host_;
    Handle answered_;
    Handle over_;
    std::mutex mutex_;
    SERVICE_STATUS_HANDLE told_to_ = nullptr;
    DWORD state_ = SERVICE_STOPPED;
    DWORD checkpoint_ = 0;
    std::thread dispatcher_;
};

ScmServiceHost::ScmServiceHost(const std::string& runtime) : WindowsServiceHost(runtime) {}

ScmServiceHost::~ScmServiceHost() = default;

void ScmServiceHost::become_service() {
    WindowsServiceHost::become_service();
    manager_ = std::make_unique<Manager>(*this);
    if (!manager_->there()) manager_.reset();
}

void ScmServiceHost::ready() {
    if (manager_) manager_->tell(SERVICE_RUNNING);
}

void ScmServiceHost::stopping() {
    if (manager_) manager_->tell(SERVICE_STOP_PENDING);
}

void ScmServiceHost::alive() {
    if (manager_) manager_->alive();
}

Milliseconds ScmServiceHost::watchdog() {
    return manager_ ? signs_every : Milliseconds(0);
}

} // namespace autodeploy
