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

int run(CommandContext& context) {
    context.need_administrator();
    const Detection found = detect(context.platform, detect_settings(context.settings(), context.paths));
    context.answer(Json::Object{{"format", 1}, {"detection", detection_json(found)}}, inventory_text(found));
    return 0;
}

} // namespace

CommandDescription inventory_command() {
    CommandDescription command;
    command.name = "inventory";
    command.purpose = "the client as it is found on this machine";
    command.details = "Reads only.";
    command.example = "autodeploy inventory --json";
    command.run = run;
    return command;
}

} // namespace autodeploy
