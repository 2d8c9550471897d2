#pragma once

#include <string>
#include <vector>

namespace autodeploy {

/// What the program was called with, in UTF-8, its own name left out.
std::vector<std::string> program_arguments(int argc, char** argv);

} // namespace autodeploy
