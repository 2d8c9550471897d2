#include "installer/detection.h"
#include "installer/platform_fields.h"

#include <string>

namespace autodeploy {

// Versions are stored as people write them.
Json to_own_json(const ClientVersion& version) {
    return text(version);
}

void from_own_json(const Json& json, ClientVersion& version) {
    const std::optional<ClientVersion> read = parse_client_version(json.string());
    if (!read)
        throw Error("metadata_malformed", "cannot use the JSON value: \"" + json.string() + "\" is no version V.R.M.F");
    version = *read;
}

template<Like<Process> T> void fields(T& process, auto&& visit) {
    visit("id", process.id);
    visit("parent", process.parent);
    visit("started", process.started);
    visit("program", process.program);
    visit("arguments", process.arguments);
}

template<Like<HostFacts> T> void fields(T& host, auto&& visit) {
    visit("name", host.name);
    visit("system", host.system);
    visit("architecture", host.architecture);
    visit("distribution", host.distribution);
    visit("is_64_bit", host.is_64_bit);
}

template<Like<EffectiveOption> T> void fields(T& option, auto&& visit) {
    visit("value", option.value);
    visit("keyword", option.keyword);
    visit("evidence", option.evidence);
    visit("problem", option.problem);
}

template<Like<EffectiveOptions> T> void fields(T& options, auto&& visit) {
    visit("unreadable", options.unreadable);
    visit("user_file", options.user_file);
    visit("system_file", options.system_file);
    visit("chosen_by", options.chosen_by);
    visit("stanza", options.stanza);
    visit("stanza_evidence", options.stanza_evidence);
    visit("values", options.values);
    visit("repeated", options.repeated);
    visit("problems", options.problems);
    visit("referenced_files", options.referenced_files);
}

template<Like<ScheduledEvent> T> void fields(T& event, auto&& visit) {
    visit("name", event.name);
    visit("scheduled_start", event.scheduled_start);
    visit("action", event.action);
    visit("command", event.command);
    visit("counted", event.counted);
    visit("ended", event.ended);
    visit("over", event.over);
    visit("failed", event.failed);
    visit("return_code", event.return_code);
    visit("began_at", event.began_at);
    visit("ended_at", event.ended_at);
}

template<Like<SchedulerLog> T> void fields(T& log, auto&& visit) {
    visit("path", log.path);
    visit("activity", log.activity);
    visit("why", log.why);
    visit("events", log.events);
    visit("last_query_begin", log.last_query_begin);
    visit("last_query_end", log.last_query_end);
    visit("modified", log.modified);
    visit("end", log.end);
}

template<Like<ClientService> T> void fields(T& service, auto&& visit) {
    visit("service", service.service);
    visit("role", service.role);
    visit("options", service.options);
    visit("schedules", service.schedules);
    visit("log", service.log);
    visit("password_stored", service.password_stored);
    visit("password_evidence", service.password_evidence);
    visit("reached_server_lately", service.reached_server_lately);
    visit("reached_server_ever", service.reached_server_ever);
    visit("server_address", service.server_address);
    visit("server_port", service.server_port);
    visit("node_name", service.node_name);
}

template<Like<ClientFile> T> void fields(T& file, auto&& visit) {
    visit("path", file.path);
    visit("kind", file.kind);
    visit("secret", file.secret);
    visit("live", file.live);
}

template<Like<OtherProduct> T> void fields(T& product, auto&& visit) {
    visit("name", product.name);
    visit("evidence", product.evidence);
}

template<Like<ClientProcess> T> void fields(T& process, auto&& visit) {
    visit("process", process.process);
    visit("service", process.service);
    visit("maps_api", process.maps_api);
    visit("library", process.library);
}

template<Like<Volume> T> void fields(T& volume, auto&& visit) {
    visit("path", volume.path);
    visit("device", volume.device);
    visit("free_bytes", volume.free_bytes);
    visit("properties", volume.properties);
}

template<Like<Detection> T> void fields(T& detection, auto&& visit) {
    visit("taken_at", detection.taken_at);
    visit("host", detection.host);
    visit("administrator", detection.administrator);
    visit("platform", detection.platform);
    visit("service_manager", detection.service_manager);
    visit("program", detection.program);
    visit("bits", detection.bits);
    visit("program_architecture", detection.program_architecture);
    visit("installer", detection.installer);
    visit("owner_package", detection.owner_package);
    visit("packages", detection.packages);
    visit("database_version", detection.database_version);
    visit("binary_version", detection.binary_version);
    visit("binary_evidence", detection.binary_evidence);
    visit("server_version", detection.server_version);
    visit("services", detection.services);
    visit("other_products", detection.other_products);
    visit("processes", detection.processes);
    visit("volumes", detection.volumes);
    visit("installer_busy", detection.installer_busy);
    visit("pinned", detection.pinned);
    visit("cluster_software", detection.cluster_software);
    visit("pending_renames", detection.pending_renames);
    visit("hold_files", detection.hold_files);
    visit("facts", detection.facts);
    visit("files", detection.files);
    visit("unreadable", detection.unreadable);
}

Json detection_json(const Detection& detection) {
    return to_json(detection);
}

Detection detection_from_json(const Json& json) {
    return from_json<Detection>(json);
}

} // namespace autodeploy
