#include "installer/detection.h"

#include "agent/commands/commands.h"
#include "agent/machine_parts.h"

namespace autodeploy {
namespace {

std::string word(Tell tell) {
    return tell == Tell::yes ? "yes" : tell == Tell::no ? "no" : "cannot tell";
}

std::string inventory_text(const Detection& found) {
    std::string text =
        "host        " + found.host.name + ", " + found.host.distribution + ", " + found.host.architecture + "\n";
    text += "client      " + (found.program.empty() ? std::string("not found") : found.program) + "\n";
    if (found.database_version)
        text += "level       " + autodeploy::text(*found.database_version) + " by " + found.installer + ", " +
                (found.binary_version ? autodeploy::text(*found.binary_version) : "unknown") + " by the program\n";
    if (!found.platform.empty()) text += "platform    " + found.platform + "\n";
    for (const InstalledPackage& package : found.packages)
        text += "package     " + package.id.name + " " + package.id.version + " " + package.id.architecture +
                (package.healthy ? "" : "  (" + package.state + ")") + "\n";
    for (const ClientService& service : found.services) {
        text += "service     " + service.service.name + ": " + (service.service.running ? "running" : "stopped") +
                (service.service.enabled ? ", starts at boot" : "") + (service.schedules ? ", schedules" : "") + "\n";
        text += "    options " + service.options.user_file +
                (service.options.system_file.empty() ? "" : " and " + service.options.system_file) + "\n";
        text += "    node    " + service.node_name + ", server " + service.server_address + ":" +
                std::to_string(service.server_port) + ", password stored: " + word(service.password_stored) + "\n";
        if (!service.log.path.empty()) text += "    log     " + service.log.path + "\n";
    }
    for (const OtherProduct& product : found.other_products)
        text += "product     " + product.name + " (" + product.evidence + ")\n";
    for (const ClientProcess& process : found.processes)
        text += "process     " + std::to_string(process.process.id) + " " + process.process.program +
                (process.library.empty() ? "" : ", uses " + process.library) + "\n";
    for (const auto& [name, value] : found.facts)
        text += "fact        " + name + ": " + value + "\n";
    for (const auto& [subject, why] : found.unreadable)
        text += "not read    " + subject + ": " + why + "\n";
    return text;
}

std::string version_text(const std::optional<ClientVersion>& version) {
    return version ? autodeploy::text(*version) : "";
}

Json services_json(const Detection& found) {
    Json::Array services;
    for (const ClientService& service : found.services)
        services.emplace_back(Json::Object{{"name", service.service.name},
                                           {"program", service.service.program},
                                           {"running", service.service.running},
                                           {"enabled", service.service.enabled},
                                           {"schedules", service.schedules},
                                           {"options_file", service.options.user_file},
                                           {"system_options_file", service.options.system_file},
                                           {"node", service.node_name},
                                           {"server", service.server_address},
                                           {"port", service.server_port},
                                           {"password_stored", word(service.password_stored)},
                                           {"reached_server_lately", word(service.reached_server_lately)},
                                           {"log", service.log.path}});
    return services;
}

Json texts_json(const std::map<std::string, std::string>& texts) {
    Json::Object object;
    for (const auto& [name, text] : texts)
        object.emplace(name, text);
    return object;
}

/// A promise (agent/schemas): what is detected besides may change from version to version.
Json inventory_json(const Detection& found) {
    Json::Array packages;
    for (const InstalledPackage& package : found.packages)
        packages.emplace_back(Json::Object{{"name", package.id.name},
                                           {"version", package.id.version},
                                           {"architecture", package.id.architecture},
                                           {"healthy", package.healthy},
                                           {"state", package.state}});
    Json::Array products;
    for (const OtherProduct& product : found.other_products)
        products.emplace_back(Json::Object{{"name", product.name}, {"evidence", product.evidence}});
    Json::Array processes;
    for (const ClientProcess& process : found.processes)
        processes.emplace_back(Json::Object{{"id", process.process.id},
                                            {"program", process.process.program},
                                            {"service", process.service},
                                            {"library", process.library}});
    return Json::Object{{"format", 1},
                        {"taken_at", found.taken_at},
                        {"host", Json::Object{{"name", found.host.name},
                                              {"system", found.host.system},
                                              {"distribution", found.host.distribution},
                                              {"architecture", found.host.architecture}}},
                        {"client", Json::Object{{"found", found.client_found()},
                                                {"platform", found.platform},
                                                {"program", found.program},
                                                {"bits", found.bits},
                                                {"installer", found.installer},
                                                {"package_version", version_text(found.database_version)},
                                                {"program_version", version_text(found.binary_version)},
                                                {"server_version", version_text(found.server_version)}}},
                        {"packages", packages},
                        {"services", services_json(found)},
                        {"other_products", products},
                        {"processes", processes},
                        {"facts", texts_json(found.facts)},
                        {"unreadable", texts_json(found.unreadable)}};
}

int run(CommandContext& context) {
    context.need_administrator();
    const Detection found = detect(context.platform, detect_settings(context.settings(), context.paths));
    context.answer(inventory_json(found), inventory_text(found));
    return 0;
}

} // namespace

CommandDescription inventory_command() {
    CommandDescription command;
    command.name = "inventory";
    command.purpose = "the client as it is found on this machine";
    command.details = "Reads only.";
    command.example = "autodeploy inventory --json";
    command.only_tells = true;
    command.run = run;
    return command;
}

} // namespace autodeploy
