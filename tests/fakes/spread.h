#pragma once

namespace autodeploy {

/// How many points of a long sweep are passed over for each that is tried: none in the build that is shipped, six
/// where sanitizers watch (what they look for does not hang on the point), none again with AUTODEPLOY_ALL_FAULTS set.
/// Numbers that differ by one take turns, so a sweep whose rows shift theirs tries every point in some row.
bool is_due(int number);
/// All that there is, however long it takes.
bool everything_is_due();

} // namespace autodeploy
