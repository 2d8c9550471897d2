#include "platform/prerequisite.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a runtime is missing, older, there or newer by its numbers, and left alone where it does not tell them") {
    using enum PrerequisiteNeed;
    struct Row {
        const char* wanted;
        std::optional<std::string> installed;
        PrerequisiteNeed need;
    };
    for (const Row& row : {Row{"14.38.33130", std::nullopt, missing}, Row{"14.38.33130", "v14.38.33129.00", older},
                           Row{"14.38.33130", "v14.38.33130.00", met}, Row{"14.38.33130", "14.38.33130", met},
                           Row{"14.38.33130", "v14.38.33131.00", met}, Row{"14.38.33130", "v14.9.99999.00", older},
                           Row{"14.38.33130", "v14.38", older}, Row{"14.38", "v14.38.0.0", met},
                           Row{"8.0.8.20", "8.0.10.0", met}, Row{"14.38.33130", "", unknown},
                           Row{"14.38.33130", "newest", unknown}, Row{"14.38.33130", "14.38.33130-1", unknown},
                           Row{"14.38.33130", "99999999999", unknown}, Row{"14.38.33130", "1.2.3.4.5", unknown}}) {
        CAPTURE(row.wanted);
        CAPTURE(row.installed.value_or("nothing"));
        CHECK(need_of(row.wanted, row.installed) == row.need);
    }
    for (const char* version : {"1", "1.2.3.4", "0"})
        CHECK(is_dotted_version(version));
    for (const char* version : {"", ".", "1.", ".1", "1..2", "v1", "1.2.3.4.5", "-1", "1.x"})
        CHECK_FALSE(is_dotted_version(version));
}
