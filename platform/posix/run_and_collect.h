#pragma once

#include "platform/command_runner.h"

namespace autodeploy {

/// Runs a program in a session of its own and collects what it says; the run() of every Unix.
CommandResult run_and_collect(const Command& command);

} // namespace autodeploy
