#include "installer/step.h"

#include "platform/error.h"
#include "platform/platform.h"

#include <algorithm>
#include <map>
#include <utility>

namespace autodeploy {

namespace {

constexpr Milliseconds look_every{1000};
constexpr Milliseconds connect_deadline{10000};

void verify_packages(const Verify& step, StepContext& context) {
    NativeInstaller& installer = context.platform.installer(step.installer);
    std::vector<std::string> names;
    for (const PackageId& wanted : step.packages) {
        names.push_back(wanted.name);
        bool found = false;
        for (const InstalledPackage& package : installer.installed({wanted.name})) {
            if (package.id.name != wanted.name) continue;
            if (package.id != wanted || !package.healthy)
                throw Error("wrong_package_state", "cannot accept the update: " + package.id.name + " is " +
                                                       package.id.version + " (" + package.state + "), wanted is " +
                                                       wanted.version);
            found = true;
        }
        if (!found)
            throw Error("wrong_package_state", "cannot accept the update: " + wanted.name + " is not installed");
    }
    if (const std::vector<std::string> differences = installer.verify(names); !differences.empty())
        throw Error("package_files_differ", "cannot accept the update: installed files differ from the packages: " +
                                                differences[0] + (differences.size() > 1 ? " and others" : ""));
}

void verify_program(const Verify& step, StepContext& context) {
    const std::optional<std::string> version = context.client.version();
    if (version && *version == step.version) return;
    throw Error("wrong_client_version", "cannot accept the update: the client's program says it is " +
                                            version.value_or("of no known version") + ", wanted is " + step.version);
}

/// processes: of each service as first seen after the start. Another one later means that it died and that its manager
/// started it again.
void require_running(const Verify& step, StepContext& context, std::map<std::string, std::int64_t>& processes) {
    for (const Service& service : step.services) {
        if (!service.running) continue;
        const std::optional<Service> now = context.platform.services.find(service.name);
        if (!now || !now->running)
            throw Error("service_did_not_stay_up", "cannot accept the update: the service " + service.name +
                                                       " was started and does not run any more");
        const auto [first, is_new] = processes.emplace(service.name, now->process);
        if (!is_new && first->second != 0 && now->process != 0 && first->second != now->process)
            throw Error("service_did_not_stay_up", "cannot accept the update: the service " + service.name +
                                                       " died after its start and was started again by its manager");
    }
}

/// As captured before the start. What is missing there counts from now.
std::map<std::string, ContactMark> marks_of_start(const Verify& step, StepContext& context) {
    std::map<std::string, ContactMark> marks;
    const std::optional<Captures> start = captures_of_kind(context, "start-services");
    const std::optional<Json> saved = start ? start->load("contact-marks") : std::nullopt;
    for (const Service& service : step.services) {
        const Json* mark = saved ? saved->find(service.name) : nullptr;
        marks[service.name] = mark ? ContactMark{mark->at("at").integer(), mark->at("log_end").integer()}
                                   : context.client.contact_mark(service);
    }
    return marks;
}

/// Schedulers that have not reached their server since. What cannot be told is not held against them.
std::vector<ServerContact> without_contact(const Verify& step, StepContext& context,
                                           const std::map<std::string, ContactMark>& since) {
    std::vector<ServerContact> missing;
    for (const ServerContact& contact : step.contacts)
        for (const Service& service : step.services)
            if (service.name == contact.service && service.running &&
                !context.client.reached_server(service, since.at(service.name)).value_or(true))
                missing.push_back(contact);
    return missing;
}

} // namespace

void prepare(const Verify&, Captures&, StepContext&) {}

Performed perform(const Verify& step, Captures& captures, StepContext& context) {
    Clock& clock = context.platform.clock;
    const std::map<std::string, ContactMark> since = marks_of_start(step, context);
    const Milliseconds begin = clock.elapsed();
    std::map<std::string, std::int64_t> processes;
    require_running(step, context, processes);
    verify_packages(step, context);
    verify_program(step, context);
    std::vector<ServerContact> missing;
    bool told = false;
    while (true) {
        require_running(step, context, processes);
        const Milliseconds passed = clock.elapsed() - begin;
        missing = without_contact(step, context, since);
        if (passed >= Milliseconds(step.watch_ms) && missing.empty()) return {};
        if (passed >= Milliseconds(std::max(step.watch_ms, step.contact_deadline_ms))) break;
        if (passed >= Milliseconds(step.watch_ms) && !std::exchange(told, true))
            context.progress("the services stayed up; waiting for " + missing.front().service +
                             " to reach its server, for " +
                             std::to_string((step.contact_deadline_ms - passed.count()) / 1000) + " s at most");
        clock.sleep(look_every);
    }
    // The scheduler does not reach its server: is it the new release, or can nobody from here?
    Json::Array notes;
    for (const ServerContact& contact : missing) {
        if (!contact.address.empty() && context.platform.host.reaches(contact.address, contact.port, connect_deadline))
            throw Error("server_not_reached", "cannot accept the update: the new client's scheduler " +
                                                  contact.service + " does not reach its server " + contact.address +
                                                  ", though a connection from here comes about");
        notes.emplace_back(contact.address.empty()
                               ? "the scheduler " + contact.service +
                                     " has not reached its server since, and whether it could before is not known"
                               : "the server " + contact.address + " of " + contact.service +
                                     " cannot be reached from here by anyone");
    }
    captures.save("unconfirmed", true);
    captures.save("notes", notes);
    return {};
}

void undo(const Verify&, Captures&, StepContext&) {}

std::string describe(const Verify& step) {
    return "verify: packages and program say " + step.version + ", services stay up for " +
           std::to_string(step.watch_ms / 1000) + " s" +
           (step.contacts.empty() ? "" : ", the scheduler reaches its server");
}

std::string describe_undo(const Verify&) {
    return "";
}

} // namespace autodeploy
