#include "agent/last_resort.h"

#include "platform/error.h"

#include <exception>
#include <sstream>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_list = 65536;
constexpr Milliseconds start_deadline{120000};

} // namespace

std::vector<std::string> start_listed_services(Platform& platform, const std::string& rescue_list) {
    std::vector<std::string> failures;
    try {
        if (!platform.files.status(rescue_list)) return failures;
        std::istringstream lines(platform.files.read(rescue_list, largest_list));
        for (std::string name; std::getline(lines, name);) {
            if (name.empty()) continue;
            try {
                // Damaged, the list may name anything; what the manager does not know is not asked for.
                if (!platform.services.find(name)) continue;
                platform.services.release(name);
                platform.services.start(name, start_deadline);
            } catch (const Error& error) {
                failures.emplace_back(error.what());
            }
        }
    } catch (const std::exception& error) {
        failures.emplace_back(error.what());
    }
    return failures;
}

} // namespace autodeploy
