#include "agent/help/help.h"

#include "agent/requirements/requirement_table.h"
#include "tests/installer/client/options_case.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

using namespace autodeploy;

namespace {

/// Cause codes that the program's sources give to errors, refusals and results.
std::set<std::string> causes_in_sources() {
    std::set<std::string> causes;
    const std::string code = "\"([a-z]+_[a-z_]+|busy|cancelled)\"";
    const std::regex given("(?:\\bError\\(|\\bError\\([^\";]*\\? |\\bError\\([^;:]*\\? \"[a-z_]+\" : |"
                           "Outcome::[a-z_]+, |cause = |\\bRefusal\\{|\\bStopped\\{|\\bstay\\(|"
                           "go_back\\(\\s*journal, context, )\\s*" +
                           code);
    for (const char* part : {"/../agent", "/../installer", "/../platform"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(tests_directory() + part)) {
            if (entry.path().extension() != ".cpp" || entry.path().filename() == "outcome.cpp") continue;
            std::ifstream in(entry.path());
            const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
            for (auto at = std::sregex_iterator(text.begin(), text.end(), given); at != std::sregex_iterator(); ++at)
                causes.insert((*at)[1]);
        }
    return causes;
}

} // namespace

TEST_CASE("every requirement has a page of help") {
    for (const RequirementRow* row : requirement_table()) {
        CAPTURE(row->id);
        CHECK(find_help(row->id) != nullptr);
    }
    for (const HelpPage& page : requirement_pages()) {
        CAPTURE(page.id);
        CHECK(find_requirement(page.id) != nullptr);
    }
}

TEST_CASE("every cause of an error has a page of help") {
    const std::set<std::string> causes = causes_in_sources();
    CHECK(causes.size() > 60);
    for (const char* cause : {"restart_needed", "journal_damaged", "not_in_share", "package_database_damaged"})
        CHECK(causes.contains(cause));
    std::string missing;
    for (const std::string& cause : causes)
        if (find_help(cause) == nullptr) missing += cause + " ";
    CHECK(missing == "");
}

TEST_CASE("pages are unique, complete and found however they are spelled") {
    std::set<std::string_view> ids;
    for (const HelpPage* page : help_pages()) {
        CAPTURE(page->id);
        CHECK(ids.insert(page->id).second);
        CHECK_FALSE(page->title.empty());
        CHECK_FALSE(page->means.empty());
        CHECK_FALSE(page->why.empty());
        CHECK_FALSE(page->mend.empty());
        CHECK_FALSE(page->title.ends_with('.'));
        CHECK(page->means.ends_with('.'));
        CHECK(page->mend.ends_with('.'));
    }
    CHECK(find_help("Client-Option-Autodeploy") != nullptr);
    CHECK(find_help("disk-full") == find_help("disk_full"));
    CHECK(find_help("nonsense") == nullptr);
    CHECK(nearest_help("client-option-autodeplo") == "client-option-autodeploy");
    CHECK(nearest_help("disk_fool") == "disk_full");
    CHECK(nearest_help("xyzzy").empty());
    CHECK(nearest_help("").empty());
}

TEST_CASE("a page is printed for a terminal") {
    const HelpPage page{"some-id", "A title", "It means a b c.", "Because.", "Do it."};
    CHECK(help_text(page, 10) ==
          "some-id\n  A title\n\nWhat it means\n  It means\n  a b c.\n\nWhy\n  Because.\n\nWhat to do\n  Do it.\n");
    for (const HelpPage* each : help_pages()) {
        std::size_t column = 0;
        for (const char c : help_text(*each, 79)) {
            column = c == '\n' ? 0 : column + 1;
            if (column > 79) FAIL_CHECK(each->id);
        }
    }
}
