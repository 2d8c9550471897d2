#include "agent/mirrors.h"

#include "installer/repository/folder_transport.h"
#include "installer/repository/https_transport.h"
#include "installer/repository/retrieved_transport.h"
#include "platform/error.h"

namespace autodeploy {
namespace {

std::unique_ptr<Transport> web_mirror(Platform& platform, const RepositorySettings& settings, const std::string& url) {
    HttpsSource source = https_source(url);
    source.ca_file = settings.ca_file;
    source.client_certificate = settings.client_certificate;
    source.client_key = settings.client_key;
    source.proxy = settings.proxy;
    source.no_proxy = settings.no_proxy;
    source.timeouts.connect = settings.connect_timeout;
    source.timeouts.idle = settings.idle_timeout;
    source.timeouts.total = settings.total_timeout;
    return https_transport(platform.clock, source);
}

std::unique_ptr<Transport> retrieved_mirror(Platform& platform, const RepositorySettings& settings,
                                            const StandardPaths& paths) {
    RetrieveCommand command;
    command.command = settings.retrieve_command;
    command.directory = paths.state + "/retrieved";
    command.deadline = settings.retrieve_deadline;
    return retrieved_transport(platform.files, platform.commands, command);
}

} // namespace

std::vector<std::unique_ptr<Transport>> mirrors(Platform& platform, const RepositorySettings& settings,
                                                const StandardPaths& paths) {
    if (settings.mirrors.empty())
        throw Error("settings_invalid", "cannot ask a repository: repository.mirrors in " + paths.settings +
                                            " names none; set an https address, a folder or retrieve");
    std::vector<std::unique_ptr<Transport>> transports;
    for (const std::string& mirror : settings.mirrors) {
        if (mirror == "retrieve")
            transports.push_back(retrieved_mirror(platform, settings, paths));
        else if (mirror.find("://") != std::string::npos)
            transports.push_back(web_mirror(platform, settings, mirror));
        else
            transports.push_back(folder_transport(platform.files, mirror));
    }
    return transports;
}

} // namespace autodeploy
