#pragma once

#include <utility>

namespace autodeploy {

/// Owns a HANDLE; closes it when destroyed. Null is none, whatever the call gave that failed.
class Handle {
  public:
    explicit Handle(void* handle = nullptr) : handle_(is_none(handle) ? nullptr : handle) {}
    Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Handle() { close(); }

    void* get() const { return handle_; }
    explicit operator bool() const { return handle_ != nullptr; }
    void close();

  private:
    static bool is_none(void* handle); ///< INVALID_HANDLE_VALUE, too

    void* handle_;
};

} // namespace autodeploy
