#pragma once

#include <string>
#include <vector>

namespace standin {

/// What the programs look for before anything else. Returns the message of what is missing; empty: all there.
std::string missing_part();

/// The product's title, the interface and the version, as every command prints them first.
std::string banner(const std::string& interface, const std::string& release, const std::string& date);

} // namespace standin
