#pragma once

#include "installer/json_fields.h"
#include "platform/package.h"
#include "platform/prerequisite.h"
#include "platform/service.h"

namespace autodeploy {

// The members of the platform's plain data, for every file that stores them.

template<Like<PackageId> T> void fields(T& id, auto&& visit) {
    visit("name", id.name);
    visit("version", id.version);
    visit("architecture", id.architecture);
}

template<Like<InstalledPackage> T> void fields(T& package, auto&& visit) {
    visit("id", package.id);
    visit("healthy", package.healthy);
    visit("state", package.state);
    visit("digest", package.digest);
}

template<Like<PackageFile> T> void fields(T& file, auto&& visit) {
    visit("id", file.id);
    visit("path", file.path);
    visit("sha256", file.sha256);
    visit("digest", file.digest);
    visit("installed_bytes", file.installed_bytes);
}

template<Like<PackageSet> T> void fields(T& set, auto&& visit) {
    visit("present", set.present);
    visit("absent", set.absent);
}

template<Like<Prerequisite> T> void fields(T& prerequisite, auto&& visit) {
    visit("kind", prerequisite.kind);
    visit("keys", prerequisite.keys);
    visit("display_name", prerequisite.display_name);
    visit("installed_value", prerequisite.installed_value);
    visit("version_value", prerequisite.version_value);
    visit("files", prerequisite.files);
}

template<Like<PrerequisiteFile> T> void fields(T& prerequisite, auto&& visit) {
    visit("file", prerequisite.file);
    visit("how", prerequisite.how);
}

template<Like<Service> T> void fields(T& service, auto&& visit) {
    visit("name", service.name);
    visit("program", service.program);
    visit("arguments", service.arguments);
    visit("environment", service.environment);
    visit("enabled", service.enabled);
    visit("running", service.running);
    visit("process", service.process);
    visit("settings", service.settings);
    visit("definition_files", service.definition_files);
}

} // namespace autodeploy
