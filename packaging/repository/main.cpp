#include "packaging/repository/command.h"

#include "platform/platform.h"
#include "platform/service_host.h"

#include <csignal>
#include <iostream>

int main(int count, char** arguments) {
#ifdef SIGPIPE
    // A server that closes in the middle is an error with words, not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
#endif
    const std::unique_ptr<autodeploy::NativePlatform> native =
        autodeploy::native_platform("/run/autodeploy-repository");
    const std::string caller = autodeploy::native_service_host("/run/autodeploy-repository")->caller();
    return autodeploy::publisher::run(native->platform(), {arguments + 1, arguments + count}, std::cout, std::cerr,
                                      caller);
}
