#pragma once

#include <string>
#include <utility>

// As <winsvc.h> has it, which no header of ours brings in.
struct SC_HANDLE__;

namespace autodeploy {

/// Closes a handle of the service control manager.
class ServiceHandle {
  public:
    explicit ServiceHandle(SC_HANDLE__* handle) : handle_(handle) {}
    ServiceHandle(ServiceHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    ServiceHandle& operator=(ServiceHandle&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~ServiceHandle();
    SC_HANDLE__* get() const { return handle_; }
    explicit operator bool() const { return handle_ != nullptr; }

  private:
    SC_HANDLE__* handle_;
};

/// The manager's own, with these rights of Windows' (SC_MANAGER_CONNECT …). Throws Error as service_failure.
ServiceHandle service_control_manager(unsigned long rights);

/// Throws Error access_denied or service_manager_failed, "cannot WHAT: …" with the words of Windows for its code.
[[noreturn]] void service_failure(const std::string& what, unsigned long code);

} // namespace autodeploy
