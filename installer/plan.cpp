#include "installer/plan.h"

#include "installer/client/layout.h"
#include "installer/client/relocation.h"
#include "installer/detection.h"
#include "platform/error.h"

#include <algorithm>
#include <functional>

namespace autodeploy {

namespace {

std::vector<Service> services_in_order_of_stopping(const Detection& detection) {
    std::vector<Service> services;
    for (const ClientService& service : detection.services)
        services.push_back(service.service);
    return services;
}

std::vector<std::string> package_names(const Detection& detection, const PackageSet& target) {
    std::vector<std::string> names;
    for (const InstalledPackage& package : detection.packages)
        names.push_back(package.id.name);
    for (const PackageFile& file : target.present)
        names.push_back(file.id.name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

BackUpFiles back_up(const Detection& detection) {
    BackUpFiles step;
    for (const ClientFile& file : detection.files)
        step.paths.push_back(file.path);
    for (const ClientService& service : detection.services)
        step.paths.insert(step.paths.end(), service.service.definition_files.begin(),
                          service.service.definition_files.end());
    std::sort(step.paths.begin(), step.paths.end());
    step.paths.erase(std::unique(step.paths.begin(), step.paths.end()), step.paths.end());
    return step;
}

StopServices stop(const std::vector<Service>& services, const Detection& detection, const PlanPolicy& policy) {
    StopServices step;
    step.services = services;
    step.deadline_ms = policy.stop_deadline_ms;
    step.kill_at_deadline = policy.kill_at_deadline;
    step.end_remaining = policy.end_remaining;
    step.await_remaining = policy.await_remaining;
    step.process_deadline_ms = policy.process_deadline_ms;
    if (const std::size_t slash = detection.program.find_last_of("/\\"); slash != std::string::npos)
        step.program_directories.push_back(detection.program.substr(0, slash));
    return step;
}

ConvergePackages converge(const std::vector<Service>& stopped, const Detection& detection, const PlanTarget& target,
                          const PlanPolicy& policy) {
    ConvergePackages step;
    step.installer = detection.installer;
    step.target = target.target;
    step.way_back = target.way_back;
    for (const Service& service : stopped)
        step.stopped_services.push_back(service.name);
    step.overrun_ms = policy.overrun_ms;
    step.scriptlet_limit_ms = policy.scriptlet_limit_ms;
    step.scriptlets_must_succeed = policy.scriptlets_must_succeed;
    return step;
}

/// Units and init scripts may be changed by a release; drop-ins are the administrator's.
SettleFiles settle(const Detection& detection) {
    SettleFiles step;
    for (const ClientService& service : detection.services)
        for (const std::string& path : service.service.definition_files)
            (path.find(".d/") == std::string::npos ? step.definitions : step.paths).push_back(path);
    for (const ClientFile& file : detection.files)
        if (std::find(step.definitions.begin(), step.definitions.end(), file.path) == step.definitions.end())
            step.paths.push_back(file.path);
    return step;
}

Verify verification(const Detection& detection, const PlanTarget& target, const PlanPolicy& policy,
                    const std::vector<Service>& services) {
    Verify step;
    step.services = services;
    step.installer = detection.installer;
    for (const PackageFile& file : target.target.present)
        step.packages.push_back(file.id);
    step.version = target.release;
    step.watch_ms = policy.watch_ms;
    step.contact_deadline_ms = policy.contact_deadline_ms;
    // Where none reached its server before, none is the update's fault, and yet nothing proves the new client: without
    // an address it can only be told to be unconfirmed.
    std::vector<ServerContact> unproven;
    for (const ClientService& service : detection.services) {
        if (!service.schedules || !service.service.running) continue;
        if (service.reached_server_lately == Tell::yes)
            step.contacts.push_back({service.service.name, service.server_address, service.server_port});
        else
            unproven.push_back({service.service.name, "", 0});
    }
    if (step.contacts.empty()) step.contacts = std::move(unproven);
    return step;
}

/// The services as the new client has them.
std::vector<Service> relocated(const std::vector<Relocation>& relocations, const std::vector<Service>& services) {
    std::vector<Service> moved;
    for (const Service& service : services)
        moved.push_back(relocated(relocations, service));
    return moved;
}

RelocateFiles relocate(const Detection& detection, const std::vector<Relocation>& relocations) {
    RelocateFiles step;
    for (const ClientFile& file : detection.files)
        if (const auto to = relocated(relocations, file.path)) step.files.push_back({file.path, *to});
    return step;
}

RepointServices repoint(const std::vector<Service>& before, const std::vector<Service>& after) {
    RepointServices step;
    for (std::size_t i = 0; i < before.size(); ++i)
        if (before[i] != after[i]) {
            step.before.push_back(before[i]);
            step.after.push_back(after[i]);
        }
    return step;
}

std::vector<FileMove> as_moves(const std::vector<Relocation>& relocations) {
    std::vector<FileMove> moves;
    for (const Relocation& each : relocations)
        moves.push_back({each.from, each.to});
    return moves;
}

BackUpSettings back_up(const std::vector<Relocation>& settings) {
    BackUpSettings step;
    for (const Relocation& each : settings)
        for (const std::string& key : {each.from, each.to})
            if (std::find(step.keys.begin(), step.keys.end(), key) == step.keys.end()) step.keys.push_back(key);
    return step;
}

ClearOldPlaces clear_old_places(const Detection& detection, const std::vector<Relocation>& moves) {
    ClearOldPlaces step;
    for (const ClientFile& file : detection.files) {
        const std::optional<std::string> to = relocated(moves, file.path);
        if (to) step.files.push_back(file.path);
        if (file.kind == "options") step.options.push_back(to.value_or(file.path));
    }
    for (const Relocation& each : moves)
        for (std::string directory = each.from; is_of_family(directory); directory = directory_of(directory))
            step.directories.push_back(directory);
    // Deepest first, each once.
    std::sort(step.directories.begin(), step.directories.end(), std::greater<>());
    step.directories.erase(std::unique(step.directories.begin(), step.directories.end()), step.directories.end());
    step.settings = abandoned_settings(detection.host.system, detection.bits);
    return step;
}

Direction direction_of(const ClientVersion& from, const ClientVersion& to) {
    return from < to ? Direction::up : from == to ? Direction::same : Direction::down;
}

} // namespace

Plan make_plan(const Detection& detection, const PlanTarget& target, const PlanPolicy& policy) {
    const std::optional<ClientVersion> to = parse_client_version(target.release);
    if (!to) throw Error("wrong_release", "cannot plan for the release '" + target.release + "': expected V.R.M.F");
    if (!detection.database_version || detection.installer.empty())
        throw Error("nothing_installed", "cannot plan an update: no installed client is known to a package database");
    if (target.way_back.present.empty() && !policy.allow_without_way_back)
        throw Error("no_way_back", "cannot plan an update: the packages of the installed release " +
                                       text(*detection.database_version) +
                                       " are not at hand; add them to the repository with 'add --way-back-only'");

    Plan plan;
    plan.attempt = target.attempt;
    plan.from_release = text(*detection.database_version);
    plan.to_release = target.release;
    plan.direction = direction_of(*detection.database_version, *to);
    plan.restart_allowed = policy.restart_allowed;

    // A 64-bit client may have elsewhere what the 32-bit one has.
    const std::vector<Relocation> moves =
        relocations(detection.host.system, detection.bits, target.bits, directory_of(detection.program));
    const std::vector<Relocation> settings = settings_relocations(detection.host.system, detection.bits, target.bits);

    const std::vector<Service> before = services_in_order_of_stopping(detection);
    const std::vector<Service> after = relocated(moves, before);
    std::vector<Service> starting(after.rbegin(), after.rend());
    for (const Service& service : starting)
        if (service.running) plan.restart_services.push_back(service.name);

    plan.steps.emplace_back(
        ConfirmBefore{detection.installer, detection.packages, package_names(detection, target.target)});
    // Whatever needs no stop costs no time without backups.
    if (!target.prerequisites.empty())
        plan.steps.emplace_back(
            InstallPrerequisites{target.prerequisites, policy.overrun_ms, policy.scriptlet_limit_ms});
    // Files are captured before the stop; performing it behind the stop captures again what the scheduler still
    // changed.
    plan.steps.emplace_back(stop(before, detection, policy));
    plan.steps.emplace_back(back_up(detection));
    if (!settings.empty()) plan.steps.emplace_back(back_up(settings));
    plan.steps.emplace_back(converge(before, detection, target, policy));
    plan.steps.emplace_back(settle(detection));
    if (RelocateFiles files = relocate(detection, moves); !files.files.empty())
        plan.steps.emplace_back(std::move(files));
    if (!settings.empty()) plan.steps.emplace_back(SettleSettings{as_moves(settings), as_moves(moves)});
    if (RepointServices services = repoint(before, after); !services.after.empty())
        plan.steps.emplace_back(std::move(services));
    // Its work comes with the commit. It stands before the start, as an interruption in the last step repeats the one
    // before it, and that has to be the start of the services.
    if (!moves.empty() && abandons_old_files(detection.host.system))
        plan.steps.emplace_back(clear_old_places(detection, moves));
    plan.steps.emplace_back(StartServices{std::move(starting), policy.start_deadline_ms});
    plan.steps.emplace_back(verification(detection, target, policy, after));
    return plan;
}

} // namespace autodeploy
