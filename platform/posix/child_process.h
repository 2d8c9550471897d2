#pragma once

#include "platform/command_runner.h"
#include "platform/error.h"
#include "platform/posix/descriptor.h"

#include <string>
#include <thread>
#include <vector>

namespace autodeploy {

/// The program, its arguments and the environment as the system takes them; made before the fork, used after it.
class ProgramImage {
  public:
    explicit ProgramImage(const Command& command);
    ProgramImage(const ProgramImage&) = delete;
    ProgramImage& operator=(const ProgramImage&) = delete;

    const char* program() const { return arguments_.front().c_str(); }
    char** arguments() const { return argument_pointers_.data(); }
    char** environment() const { return environment_pointers_.data(); }

  private:
    std::vector<std::string> arguments_;
    std::vector<std::string> environment_;
    mutable std::vector<char*> argument_pointers_;
    mutable std::vector<char*> environment_pointers_;
};

/// "KEY=value", sorted: what the command asks for, LC_ALL=C and a fixed PATH.
std::vector<std::string> exact_environment(const Command& command);

/// After fork: a session of its own, no signal blocked or handled, "/" as working directory, empty standard input,
/// these two as output and error, no other descriptor but `kept`, which becomes number 3 and is closed on exec. Calls
/// nothing that is not safe there.
void prepare_child(int output, int error, int kept) noexcept;

/// Starts the program. Throws Error tool_missing, access_denied, tool_failed.
int start_child(const Command& command, int output, int error);

/// The Error for a program that could not be started with this code of errno.
Error start_error(const std::string& program, int code);

/// exit code or 128 + signal, from what waitpid tells.
int exit_code_of(int wait_status);

/// Tells when a child has ended, by a descriptor that becomes readable then. The child is not reaped.
class ExitWatch {
  public:
    explicit ExitWatch(int process);
    ExitWatch(const ExitWatch&) = delete;
    ExitWatch& operator=(const ExitWatch&) = delete;
    ~ExitWatch();

    int descriptor() const { return ended_.get(); }
    /// For a child that not even a kill ends (a hanging disk): nobody waits for it any longer.
    void give_up();

  private:
    Descriptor ended_;
    std::thread waiter_;
};

} // namespace autodeploy
