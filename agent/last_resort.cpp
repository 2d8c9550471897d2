#include "agent/last_resort.h"

#include "installer/rescue_list.h"
#include "platform/error.h"

#include <exception>

namespace autodeploy {

namespace {

constexpr Milliseconds start_deadline{120000};

} // namespace

std::vector<std::string> start_listed_services(Platform& platform, const std::string& rescue_list) {
    std::vector<std::string> failures;
    try {
        for (const std::string& name : read_rescue_list(platform.files, rescue_list)) {
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
