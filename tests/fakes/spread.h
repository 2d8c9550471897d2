#pragma once

namespace autodeploy {

/// Whether this point of a long sweep is tried: each in the build that is shipped, one of seven where sanitizers watch,
/// one of nine on Windows (what they look for, and what a system does, does not hang on the point), each again with
/// AUTODEPLOY_ALL_FAULTS set. Numbers that differ by one take turns, so a sweep whose rows shift theirs tries every
/// point in some row.
bool is_due(int number);
/// All that there is, however long it takes.
bool everything_is_due();

} // namespace autodeploy
