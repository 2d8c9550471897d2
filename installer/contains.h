#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace autodeploy {

inline bool contains(const std::vector<std::string>& list, const std::string& element) {
    return std::find(list.begin(), list.end(), element) != list.end();
}

} // namespace autodeploy
