#pragma once

namespace autodeploy {

enum class LockAttempt { held, held_by_another, impossible };

/// Takes a lock on the whole open file, which goes with the descriptor; never waits. impossible: this file system has
/// no locks.
LockAttempt lock_whole_file(int descriptor);

} // namespace autodeploy
