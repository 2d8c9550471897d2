#include "agent/requirements/requirement_table.h"

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

bool in_use(const ClientService& service) {
    return service.service.enabled || service.service.running;
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
