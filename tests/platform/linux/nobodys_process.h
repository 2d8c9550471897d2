#pragma once

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace autodeploy {

constexpr uid_t nobody = 65534;

/// A process of the user nobody's, that runs until this is destroyed or it has ended. Only root can have one.
class NobodysProcess {
  public:
    explicit NobodysProcess(const std::function<int()>& body);
    NobodysProcess(const NobodysProcess&) = delete;
    NobodysProcess& operator=(const NobodysProcess&) = delete;
    ~NobodysProcess();
    int exit_code();

  private:
    pid_t child_;
};

/// Tries whatever could read, change, replace or take away these files and folders; how often that went well. mine: a
/// path for a file of one's own, on the same file system.
int meddle_with(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                const std::string& mine);

/// Until it is killed: in turns the file, one with another byte, a link and a pipe lie at the path.
[[noreturn]] void swap_for_ever(const std::string& path, const std::string& target_of_links);

} // namespace autodeploy
