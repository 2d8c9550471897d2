#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

/// Ids of processes that have one of the files open now, as Windows' Restart Manager says; it is asked and nothing
/// else. Blocks for ten seconds at most; empty where it does not answer or is not there.
std::vector<std::int64_t> holders_of(const std::vector<std::string>& paths);

} // namespace autodeploy
