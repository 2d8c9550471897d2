#include "installer/detection_parts.h"

#include "installer/client/client_banner.h"
#include "installer/client/layout.h"
#include "installer/client/links.h"
#include "installer/client/program_header.h"
#include "installer/client/registered_client.h"
#include "platform/error.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace autodeploy {

namespace {

ProgramHeader read_header(FileSystem& files, const std::string& path) {
    const std::unique_ptr<FileReader> reader = files.reader(path);
    std::string bytes(program_header_size, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const std::size_t count = reader->read(bytes.data() + filled, bytes.size() - filled);
        if (count == 0) break;
        filled += count;
    }
    bytes.resize(filled);
    return parse_program_header(bytes);
}

} // namespace

std::vector<std::string> program_directories(const Detection& detection, const DetectSettings& settings) {
    std::vector<std::string> directories;
    const auto add = [&directories](const std::string& directory) {
        if (!directory.empty() && std::find(directories.begin(), directories.end(), directory) == directories.end())
            directories.push_back(directory);
    };
    if (!detection.program.empty()) add(directory_of(detection.program));
    for (const std::string& directory : settings.client_directories)
        add(directory);
    for (const std::string& directory : client_directories(detection.host.system, ClientPlace::program))
        add(directory);
    return directories;
}

void detect_program(Platform& platform, const DetectSettings& settings, Detection& detection) {
    look(detection, "program", [&] {
        for (const std::string& directory :
             possible_client_directories(platform.settings, detection.host.system, settings.client_directories)) {
            const std::string path =
                resolve_links(platform.files, in_directory(directory, client_program(detection.host.system)));
            const std::optional<FileStatus> status = platform.files.status(path);
            if (!status || status->type != FileType::regular) continue;
            detection.program = path;
            const ProgramHeader header = read_header(platform.files, path);
            detection.bits = header.bits;
            detection.program_architecture = header.architecture;
            return;
        }
    });
}

void detect_binary_version(Platform& platform, const DetectSettings& settings, Detection& detection) {
    if (detection.program.empty() || !settings.run_client) return;
    std::map<std::string, std::string> environment;
    for (const ClientService& service : detection.services)
        if (service.role <= ServiceRole::scheduler && environment.empty())
            look(detection, "program", [&] { environment = service_environment(platform, service.service); });
    const ClientBanner banner = ask_client(platform.commands, detection.program, environment, settings.client_deadline);
    detection.binary_version = banner.client;
    detection.server_version = banner.server;
    detection.binary_evidence = banner.evidence;
}

} // namespace autodeploy
