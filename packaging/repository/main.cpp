#include "packaging/repository/command.h"

#include "platform/platform.h"

#include <iostream>

int main(int count, char** arguments) {
    const std::unique_ptr<autodeploy::NativePlatform> native =
        autodeploy::native_platform("/run/autodeploy-repository");
    return autodeploy::publisher::run(native->platform(), {arguments + 1, arguments + count}, std::cout, std::cerr);
}
