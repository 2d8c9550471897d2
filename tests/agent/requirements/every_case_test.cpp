#include "agent/requirements/requirement_table.h"
#include "tests/agent/requirements/requirement_cases.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <set>

using namespace autodeploy;

namespace {

using enum RequirementState;

/// A state that a requirement never has; of one system, or of all.
struct Never {
    std::string_view id;
    RequirementState state;
    std::string_view system; ///< "linux", "aix", "windows"; empty: all
    std::string_view why;
};

constexpr std::array nevers{
    Never{"administrator-files", not_met, "", "what cannot be captured is what cannot be read"},
    Never{"administrator-rights", cannot_tell, "", "the agent knows with which rights it runs"},
    Never{"trigger-rights", cannot_tell, "", "the request says who made it"},
    Never{"detection-complete", cannot_tell, "", "it is the list of what nobody can tell"},
    Never{"restart-keys", not_met, "", "it only tells what will happen"},
    Never{"server-options-unseen", met, "", "without a session nobody can see them"},
    Never{"server-options-unseen", not_met, "", "without a session nobody can see them"},
    Never{"scheduler-as-service", not_met, "linux",
          "one outside of it is work of the client, which an update waits for"},
    Never{"scheduler-as-service", cannot_tell, "linux",
          "one outside of it is work of the client, which an update waits for"},
    Never{"scheduler-as-service", not_met, "aix", "a process of its own is a service there, too"},
    Never{"scheduler-as-service", cannot_tell, "aix", "a process of its own is a service there, too"},
    Never{"service-manager-present", not_met, "windows", "no Windows is without one"},
    Never{"shared-parts", not_met, "windows", "shared parts lie within the client's own package"},
    Never{"access-control", not_met, "windows", "SELinux and fapolicyd are Linux', Trusted Execution is AIX'"},
    Never{"access-control", cannot_tell, "windows", "SELinux and fapolicyd are Linux', Trusted Execution is AIX'"},
};

std::string name_of(RequirementState state) {
    return state == met ? "met" : state == not_met ? "not met" : "cannot tell";
}

using States = std::map<std::string, std::set<RequirementState>>; ///< by id

std::map<std::string, States> states_seen() {
    std::map<std::string, States> seen;
    for (const RequirementCase& one : requirement_cases())
        for (const char* system : {"linux", "aix"})
            if (one.only.empty() || one.only == system) seen[system][one.id].insert(one.state);
    for (const WindowsCase& one : windows_cases())
        seen["windows"][one.id].insert(one.state);
    return seen;
}

} // namespace

TEST_CASE("each requirement has a case where it is met, not met and cannot be told on each system, or a reason") {
    std::map<std::string, States> seen = states_seen();
    std::set<const Never*> used;
    for (auto& entry : seen) {
        const std::string& system = entry.first;
        States& states = entry.second;
        for (const auto& of_id : states)
            CHECK_MESSAGE(find_requirement(of_id.first) != nullptr, of_id.first);
        for (const RequirementRow* row : requirement_table())
            for (const RequirementState state : {met, not_met, cannot_tell}) {
                const Never* never = nullptr;
                for (const Never& one : nevers)
                    if (one.id == row->id && one.state == state && (one.system.empty() || one.system == system))
                        never = &one;
                const bool has_case = states[std::string(row->id)].contains(state);
                if (never != nullptr) used.insert(never);
                CAPTURE(system);
                CAPTURE(row->id);
                CAPTURE(name_of(state));
                // A case, or a reason; both would be one too many.
                CHECK(has_case == (never == nullptr));
            }
    }
    CHECK(used.size() == nevers.size());
}
