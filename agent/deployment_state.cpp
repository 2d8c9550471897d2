#include "agent/deployment_state.h"

#include "agent/reports/json_members.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

bool by_person(const Request& request) {
    return request.kind == RequestKind::deploy || request.kind == RequestKind::rollback;
}

DeploymentState state_from_json(const Json& json) {
    DeploymentState state;
    if (json.at("format").integer() != DeploymentState::format)
        throw Error("metadata_malformed", "cannot use the state of the deployment: it is of another format");
    state.request = request_from_json(json.at("request"));
    for (const Json& request : json.at("joined").array())
        state.joined.push_back(request_from_json(request));
    state.deadline = number_member(json, "deadline");
    if (const Json& opening = json.at("opening"); !opening.is_null())
        state.opening = Opening{number_member(opening, "from"), number_member(opening, "to")};
    state.seen_open = flag_member(json, "seen_open");
    state.attempts = int(number_member(json, "attempts"));
    state.attempt = text_member(json, "attempt");
    // An older agent wrote none.
    if (const Json* restart = json.find("restart"); restart != nullptr && !restart->is_null())
        state.restart = AwaitedRestart{number_member(*restart, "since"), number_member(*restart, "deadline"),
                                       number_member(*restart, "asked_at"), number_member(*restart, "due"),
                                       flag_member(*restart, "services_run")};
    return state;
}

} // namespace

bool DeploymentState::skips_window() const {
    return by_person(request) || std::any_of(joined.begin(), joined.end(), by_person);
}

std::optional<DeploymentState> load_deployment_state(FileSystem& files, const std::string& path, std::string& damaged) {
    if (!files.status(path)) return std::nullopt;
    try {
        return state_from_json(parse_json(files.read(path, 1 << 20)));
    } catch (const Error& error) {
        if (error.cause() == "io_error") throw;
        files.rename_durably(path, path + ".damaged");
        damaged = std::string(error.what()) + "; put aside as " + path + ".damaged";
        return std::nullopt;
    }
}

std::optional<DeploymentState> peek_deployment_state(FileSystem& files, const std::string& path) {
    try {
        return state_from_json(parse_json(files.read(path, 1 << 20)));
    } catch (const Error&) {
        if (!files.status(path)) return std::nullopt;
        throw;
    }
}

void save_deployment_state(FileSystem& files, const std::string& path, const DeploymentState& state) {
    Json::Array joined;
    for (const Request& request : state.joined)
        joined.push_back(request_json(request));
    Json opening;
    if (state.opening) opening = Json::Object{{"from", state.opening->from}, {"to", state.opening->to}};
    Json restart;
    if (const auto& awaited = state.restart)
        restart = Json::Object{{"since", awaited->since},
                               {"deadline", awaited->deadline},
                               {"asked_at", awaited->asked_at},
                               {"due", awaited->due},
                               {"services_run", awaited->services_run}};
    files.write_durably(path, compact_json(Json::Object{{"format", DeploymentState::format},
                                                        {"request", request_json(state.request)},
                                                        {"joined", joined},
                                                        {"deadline", state.deadline},
                                                        {"opening", opening},
                                                        {"seen_open", state.seen_open},
                                                        {"attempts", state.attempts},
                                                        {"attempt", state.attempt},
                                                        {"restart", restart}}) +
                                  "\n");
}

} // namespace autodeploy
