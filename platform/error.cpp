#include "platform/error.h"

#include <system_error>
#include <utility>

namespace autodeploy {

Error::Error(std::string cause, const std::string& message, Retry retry)
    : std::runtime_error(message), cause_(std::move(cause)), retry_(retry) {}

std::string system_message(int code) {
    return std::system_category().message(code) + " (error " + std::to_string(code) + ")";
}

} // namespace autodeploy
