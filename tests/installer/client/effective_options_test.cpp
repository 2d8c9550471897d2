#include "installer/client/effective_options.h"

#include "tests/fakes/fake_file_system.h"
#include "tests/installer/client/options_case.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("each options file of the collection means what its case says") {
    const std::vector<OptionsCase> cases = read_options_cases();
    CHECK(cases.size() >= 40);
    for (const OptionsCase& options_case : cases) {
        CAPTURE(options_case.name);
        FakeFileSystem files;
        for (const auto& [path, content] : options_case.files)
            files.put(path, content);
        CHECK(options_text(effective_options(files, options_case.sources)) == options_case.expected);
    }
}
