#pragma once

#include "installer/client/versions.h"

#include <span>
#include <string_view>

namespace autodeploy {

/// How far something is proven.
enum class Confidence {
    documented, ///< the vendor says so
    experience, ///< administrators have seen it
    assumed,    ///< recalled or concluded
};

/// What an edge asks of a client before it may be crossed.
enum class EdgeKind {
    one_way,       ///< old packages alone do not lead back: needs an approval
    closed,        ///< nobody may cross it
    prepare,       ///< something has to be done first, if the condition is there
    watch,         ///< to be known; a warning at most
    removed_first, ///< the client's packages are removed before those of the new level are installed, and on the way
                   ///< back
};

/// What has to be seen on the client for an edge to concern it.
enum class EdgeCondition {
    always,
    option,  ///< `subject` is "name=keyword" in the options of a service
    package, ///< a package of the name (pattern) is installed
    fact,    ///< Detection::facts has "name=value"
    file,    ///< a file of the kind (ClientFile::kind) and name (pattern, lower case) is there: "kind:pattern"
    bits32,  ///< the installed program is a 32-bit one
};

struct UpgradeEdge {
    std::string_view id;     ///< stable: settings and manifests name it
    std::string_view system; ///< "linux", "aix", "windows"; empty: all
    ClientVersion from_at_least;
    ClientVersion from_at_most; ///< inclusive
    ClientVersion to_at_least;
    ClientVersion to_at_most;
    EdgeKind kind = EdgeKind::watch;
    EdgeCondition condition = EdgeCondition::always;
    std::string_view subject;
    Confidence confidence = Confidence::assumed;
    std::string_view reason; ///< what happens: a sentence
    std::string_view mend;   ///< what a person does about it: a sentence
};

std::span<const UpgradeEdge> upgrade_edges();

/// Whether the step from one level to the other crosses the edge on that system.
bool crosses(const UpgradeEdge& edge, std::string_view system, const ClientVersion& from, const ClientVersion& to);

} // namespace autodeploy
