#pragma once

#include <utility>

namespace autodeploy {

/// Owns a file descriptor; closes it when destroyed. -1 is none.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    void close();

  private:
    int number_;
};

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

/// Both ends are closed in programs that are started. Throws Error tool_failed.
Pipe make_pipe();

/// Closes every descriptor from this number on. For the moment between fork and exec: calls nothing that is not safe
/// there. Each system has its own fast way, so it is defined in the system's folder.
void close_descriptors_from(int first) noexcept;

} // namespace autodeploy
