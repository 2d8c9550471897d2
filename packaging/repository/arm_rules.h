#pragma once

#include "installer/package/offers.h"

#include <string>
#include <vector>

namespace autodeploy::publisher {

// How the rules of `arm` stand beside each other; which of them decides for a client is effective_mode's. Pure.

/// "observe for the nodes WEB*, DB1, the platforms aix, channel slow", "armed for all".
std::string in_words(const ArmRule& rule);

/// What a shell has to be given to take it away. repository: its folder; empty where that is the working directory.
std::string command_that_cancels(const ArmRule& rule, const std::string& repository);

/// Whether they name the same clients: in any order, nodes in any letter case.
bool same_clients(const ArmRule& one, const ArmRule& other);

/// The rules of that mode that can fit a client which `rule` fits too.
std::vector<ArmRule> meeting(const ArmRule& rule, const std::vector<ArmRule>& rules, Mode mode);

} // namespace autodeploy::publisher
