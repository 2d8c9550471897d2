#pragma once

#include "installer/detection.h"
#include "platform/platform.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace autodeploy {

// The parts of detect(), in the order in which they are called; each fills its own members of the Detection and may use
// those that are filled. A part that throws Error is noted under its subject in `unreadable`.

/// program, bits, program_architecture.
void detect_program(Platform& platform, const DetectSettings& settings, Detection& detection);
/// installer, owner_package, packages, database_version, platform, other_products, pinned, installer_busy.
void detect_packages(Platform& platform, Detection& detection);
/// services and all that belongs to them; processes.
void detect_services(Platform& platform, const DetectSettings& settings, Detection& detection);
/// binary_version, server_version.
void detect_binary_version(Platform& platform, const DetectSettings& settings, Detection& detection);
/// volumes, cluster_software, pending_renames, hold_files, facts.
void detect_machine(Platform& platform, const DetectSettings& settings, Detection& detection);
/// files.
void detect_files(Platform& platform, Detection& detection);

/// Runs it; an Error of it goes to `unreadable` under that subject.
void look(Detection& detection, const std::string& subject, const std::function<void()>& part);

/// The directories of the client's programs: the one that was found first, those of the layout, those of the settings.
std::vector<std::string> program_directories(const Detection& detection, const DetectSettings& settings);

/// The environment that a service works with: of its running process where that can be told, else as defined.
std::map<std::string, std::string> service_environment(Platform& platform, const Service& service);

/// The options and the state of one service; used again to watch it after its start.
EffectiveOptions service_options(Platform& platform, const HostFacts& host, const Service& service);
/// Whether it is, or starts, a scheduler.
bool runs_schedules(const Service& service, const EffectiveOptions& options);
/// Where its scheduler writes its log.
std::string scheduler_log_path(Platform& platform, const HostFacts& host, const Service& service,
                               const EffectiveOptions& options);

} // namespace autodeploy
