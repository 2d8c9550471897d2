#pragma once

namespace autodeploy {

enum class LockAttempt { held, held_by_another, impossible };

/// Takes a lock on the whole open file, which goes with the descriptor; never waits. impossible, with errno: this file
/// system has no locks. Defined in the system's folder: it is the kind of lock that the scripts of that system can see.
LockAttempt lock_whole_file(int descriptor);
/// Lets go at once, even where a program that is being started still has a copy of the descriptor.
void unlock_whole_file(int descriptor) noexcept;

} // namespace autodeploy
