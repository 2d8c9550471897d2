#include "agent/commands/commands.h"
#include "platform/error.h"
#include "platform/platform.h"
#include "platform/program_arguments.h"
#include "platform/service_host.h"
#include "platform/standard_paths.h"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace autodeploy;
    try {
        const StandardPaths paths = standard_paths();
        const auto machine = native_platform(paths.state);
        const auto host = native_service_host(paths.runtime);
        return run_command(program_arguments(argc, argv), machine->platform(), *host, paths, std::cout, std::cerr);
    } catch (const std::exception& error) {
        std::cerr << "autodeploy: " << error.what() << "\n";
        return 1;
    }
}
