#include "agent/requirements/requirement_table.h"

#include <algorithm>

namespace autodeploy {

void Findings::met(const std::string& evidence) {
    findings_.push_back({RequirementState::met, evidence, {}, {}});
}

void Findings::not_met(const std::string& evidence, const std::string& mend, std::optional<Severity> weight) {
    findings_.push_back({RequirementState::not_met, evidence, mend, weight});
}

void Findings::cannot_tell(const std::string& evidence, const std::string& mend, std::optional<Severity> weight) {
    findings_.push_back({RequirementState::cannot_tell, evidence, mend, weight});
}

std::vector<const RequirementRow*> requirement_table() {
    std::vector<const RequirementRow*> rows;
    for (const auto& table : {client_requirements(), option_requirements(), service_requirements(),
                              release_requirements(), machine_requirements(), coexistence_requirements()})
        for (const RequirementRow& row : table)
            rows.push_back(&row);
    return rows;
}

const RequirementRow* find_requirement(std::string_view id) {
    for (const RequirementRow* row : requirement_table())
        if (row->id == id) return row;
    return nullptr;
}

bool in_use(const Detection& detection, const ClientService& service) {
    if (service.service.enabled || service.service.running) return true;
    const auto start = service.service.settings.find("start");
    const bool on_demand = start != service.service.settings.end() && start->second == "demand";
    return is_windows(detection) && service.role == ServiceRole::scheduler && on_demand &&
           std::any_of(detection.services.begin(), detection.services.end(), [](const ClientService& other) {
               return other.role == ServiceRole::acceptor && other.schedules &&
                      (other.service.enabled || other.service.running);
           });
}

bool is_windows(const Detection& detection) {
    return detection.host.system == "windows";
}

std::string repair_database(const Detection& detection) {
    return is_windows(detection) ? "see that Windows Installer (the service msiserver) answers, then check again"
                                 : "repair the package database, then check again";
}

std::string set_up_scheduler(const Detection& detection) {
    return is_windows(detection)
               ? "set up the scheduler as a service: dsmcutil install scheduler /name:\"TSM Client Scheduler\", with "
                 "/node, /password and /optfile"
               : "set up the scheduler as a service: dsmcad with MANAGEDSERVICES schedule, or dsmc sched";
}

std::string store_password(const ClientService& service) {
    return "dsmcutil updatepw /node:" + service.node_name + " /optfile:\"" + service.options.user_file +
           "\" /password:…";
}

bool reads_options(const ClientService& service) {
    return service.role == ServiceRole::acceptor || service.role == ServiceRole::scheduler ||
           service.role == ServiceRole::remote_agent;
}

std::string listed(const std::vector<std::string>& texts, std::size_t most, std::string_view separator) {
    std::string all;
    for (std::size_t i = 0; i < texts.size() && i < most; ++i) {
        if (i > 0) all += separator;
        all += texts[i];
    }
    if (texts.size() > most) all += " and " + std::to_string(texts.size() - most) + " more";
    return all;
}

const std::string* unreadable(const Detection& detection, const std::string& subject) {
    const auto found = detection.unreadable.find(subject);
    return found == detection.unreadable.end() ? nullptr : &found->second;
}

} // namespace autodeploy
