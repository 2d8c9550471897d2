#include "installer/plan.h"
#include "installer/platform_fields.h"

#include <utility>

namespace autodeploy {

template<Like<ConfirmBefore> T> void fields(T& step, auto&& visit) {
    visit("installer", step.installer);
    visit("packages", step.packages);
    visit("names", step.names);
}

template<Like<InstallPrerequisites> T> void fields(T& step, auto&& visit) {
    visit("prerequisites", step.prerequisites);
    visit("overrun_ms", step.overrun_ms);
    visit("scriptlet_limit_ms", step.scriptlet_limit_ms);
}

template<Like<BackUpFiles> T> void fields(T& step, auto&& visit) {
    visit("paths", step.paths);
}

template<Like<StopServices> T> void fields(T& step, auto&& visit) {
    visit("services", step.services);
    visit("deadline_ms", step.deadline_ms);
    visit("kill_at_deadline", step.kill_at_deadline);
    visit("program_directories", step.program_directories);
    visit("end_remaining", step.end_remaining);
    visit("await_remaining", step.await_remaining);
    visit("process_deadline_ms", step.process_deadline_ms);
}

template<Like<ConvergePackages> T> void fields(T& step, auto&& visit) {
    visit("installer", step.installer);
    visit("target", step.target);
    visit("way_back", step.way_back);
    visit("stopped_services", step.stopped_services);
    visit("overrun_ms", step.overrun_ms);
    visit("scriptlet_limit_ms", step.scriptlet_limit_ms);
    visit("scriptlets_must_succeed", step.scriptlets_must_succeed);
}

template<Like<SettleFiles> T> void fields(T& step, auto&& visit) {
    visit("paths", step.paths);
    visit("definitions", step.definitions);
}

template<Like<FileMove> T> void fields(T& move, auto&& visit) {
    visit("from", move.from);
    visit("to", move.to);
}

template<Like<RelocateFiles> T> void fields(T& step, auto&& visit) {
    visit("files", step.files);
}

template<Like<RepointServices> T> void fields(T& step, auto&& visit) {
    visit("before", step.before);
    visit("after", step.after);
}

template<Like<BackUpSettings> T> void fields(T& step, auto&& visit) {
    visit("keys", step.keys);
}

template<Like<SettleSettings> T> void fields(T& step, auto&& visit) {
    visit("keys", step.keys);
    visit("directories", step.directories);
}

template<Like<ClearOldPlaces> T> void fields(T& step, auto&& visit) {
    visit("files", step.files);
    visit("directories", step.directories);
    visit("options", step.options);
    visit("settings", step.settings);
}

template<Like<StartServices> T> void fields(T& step, auto&& visit) {
    visit("services", step.services);
    visit("deadline_ms", step.deadline_ms);
}

template<Like<ServerContact> T> void fields(T& contact, auto&& visit) {
    visit("service", contact.service);
    visit("address", contact.address);
    visit("port", contact.port);
}

template<Like<Verify> T> void fields(T& step, auto&& visit) {
    visit("installer", step.installer);
    visit("packages", step.packages);
    visit("version", step.version);
    visit("services", step.services);
    visit("watch_ms", step.watch_ms);
    visit("contact_deadline_ms", step.contact_deadline_ms);
    visit("contacts", step.contacts);
}

namespace {

template<class Kind> constexpr const char* name_of = nullptr;
template<> constexpr const char* name_of<ConfirmBefore> = "confirm-before";
template<> constexpr const char* name_of<InstallPrerequisites> = "install-prerequisites";
template<> constexpr const char* name_of<BackUpFiles> = "back-up-files";
template<> constexpr const char* name_of<BackUpSettings> = "back-up-settings";
template<> constexpr const char* name_of<SettleSettings> = "settle-settings";
template<> constexpr const char* name_of<ClearOldPlaces> = "clear-old-places";
template<> constexpr const char* name_of<StopServices> = "stop-services";
template<> constexpr const char* name_of<ConvergePackages> = "converge-packages";
template<> constexpr const char* name_of<SettleFiles> = "settle-files";
template<> constexpr const char* name_of<RelocateFiles> = "relocate-files";
template<> constexpr const char* name_of<RepointServices> = "repoint-services";
template<> constexpr const char* name_of<StartServices> = "start-services";
template<> constexpr const char* name_of<Verify> = "verify";

template<std::size_t i = 0> Step step_of(const std::string& kind, const Json& json) {
    if constexpr (i == std::variant_size_v<Step>) {
        throw Error("metadata_malformed",
                    "cannot read the plan: unknown kind of step \"" + kind + "\"; was it made by a newer version?");
    } else {
        using Kind = std::variant_alternative_t<i, Step>;
        static_assert(name_of<Kind> != nullptr, "a kind of step needs a name");
        return kind == name_of<Kind> ? Step(from_json<Kind>(json)) : step_of<i + 1>(kind, json);
    }
}

} // namespace

Json to_own_json(const Step& step) {
    Json json;
    json["kind"] = kind_of(step);
    json["step"] = std::visit([](const auto& kind) { return to_json(kind); }, step);
    return json;
}

void from_own_json(const Json& json, Step& step) {
    step = step_of(json.at("kind").string(), json.at("step"));
}

template<Like<Plan> T> void fields(T& plan, auto&& visit) {
    visit("format", plan.format);
    visit("attempt", plan.attempt);
    visit("from_release", plan.from_release);
    visit("to_release", plan.to_release);
    visit("direction", plan.direction);
    visit("restart_allowed", plan.restart_allowed);
    visit("restart_services", plan.restart_services);
    visit("steps", plan.steps);
}

std::string kind_of(const Step& step) {
    return std::visit([](const auto& kind) { return std::string(name_of<std::remove_cvref_t<decltype(kind)>>); }, step);
}

Json plan_json(const Plan& plan) {
    return to_json(plan);
}

Plan plan_from_json(const Json& json) {
    if (const std::int64_t format = json.at("format").integer(); format != 1)
        throw Error("metadata_malformed", "cannot read the plan: its format is " + std::to_string(format) +
                                              ", this version knows 1; was it made by a newer version?");
    return from_json<Plan>(json);
}

} // namespace autodeploy
