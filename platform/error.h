#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace autodeploy {

/// Whether trying the same again later, with nothing changed by a person, can succeed.
enum class Retry { no, later };

/// The one exception of this program.
/// The message starts with "cannot …", names the object, gives the reason with the system's code in it, and says what
/// to do where that is not obvious. The cause is a stable code in snake_case ("disk_full"); each has a page of help.
class Error : public std::runtime_error {
  public:
    Error(std::string cause, const std::string& message, Retry retry = Retry::no);

    const std::string& cause() const { return cause_; }
    bool retry_makes_sense() const { return retry_ == Retry::later; }

  private:
    std::string cause_;
    Retry retry_;
};

/// "No such file or directory (error 2)", for the code in errno or GetLastError. Never blocks, never throws.
std::string system_message(int code);

} // namespace autodeploy
