#include "platform/linux/combined_service_manager.h"

#include <algorithm>

namespace autodeploy {

namespace {

bool is_unit(const std::string& name) {
    return name.ends_with(".service");
}

} // namespace

ServiceManager& CombinedServiceManager::manager_of(const std::string& name) {
    return is_unit(name) ? systemd_ : scripts_;
}

std::vector<Service> CombinedServiceManager::services_of(const std::vector<std::string>& directories) {
    std::vector<Service> services = systemd_.services_of(directories);
    const std::size_t units = services.size();
    for (Service& script : scripts_.services_of(directories)) {
        // Systemd makes a unit of a script, and a unit of that name takes the script's place.
        const bool known =
            std::any_of(services.begin(), services.begin() + std::ptrdiff_t(units),
                        [&](const Service& unit) {
                            return std::find(unit.definition_files.begin(), unit.definition_files.end(),
                                             script.definition_files.front()) != unit.definition_files.end();
                        }) ||
            systemd_.find(script.name + ".service");
        if (!known) services.push_back(std::move(script));
    }
    std::sort(services.begin(), services.end(), [](const Service& a, const Service& b) { return a.name < b.name; });
    return services;
}

std::optional<Service> CombinedServiceManager::find(const std::string& name) {
    return manager_of(name).find(name);
}
void CombinedServiceManager::start(const std::string& name, Milliseconds deadline) {
    manager_of(name).start(name, deadline);
}
void CombinedServiceManager::stop(const std::string& name, Milliseconds deadline, bool kill_at_deadline) {
    manager_of(name).stop(name, deadline, kill_at_deadline);
}
bool CombinedServiceManager::hold(const std::string& name) {
    return manager_of(name).hold(name);
}
void CombinedServiceManager::release(const std::string& name) {
    manager_of(name).release(name);
}
void CombinedServiceManager::reload() {
    systemd_.reload();
    scripts_.reload();
}
void CombinedServiceManager::restore(const Service& service) {
    manager_of(service.name).restore(service);
}

} // namespace autodeploy
