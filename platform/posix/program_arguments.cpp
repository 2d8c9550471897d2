#include "platform/program_arguments.h"

#include <algorithm>

namespace autodeploy {

std::vector<std::string> program_arguments(int argc, char** argv) {
    return std::vector<std::string>(argv + std::min(argc, 1), argv + argc);
}

} // namespace autodeploy
