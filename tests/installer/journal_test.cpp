#include "installer/journal.h"

#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string folder = "/state/attempts/1";

Plan small_plan() {
    Plan plan;
    plan.attempt = "1";
    plan.from_release = "8.1.25.0";
    plan.to_release = "8.1.27.0";
    plan.steps.emplace_back(BackUpFiles{{"/etc/a"}});
    plan.steps.emplace_back(SettleFiles{{"/etc/a"}, {}});
    return plan;
}

struct Disk {
    FakeFileSystem files;
    Disk() {
        files.put_directory("/state", 0700);
        files.make_private_directory("/state/attempts");
    }
    void write_marks() {
        Journal journal = Journal::begin(files, folder, small_plan());
        journal.preparing(0);
        journal.prepared(0);
        journal.performing(0);
        journal.performed(0);
    }
    std::string text() { return *files.content(folder + "/journal"); }
    void put(const std::string& content) { files.put(folder + "/journal", content, 0600); }
};

} // namespace

TEST_CASE("a journal says after a restart what it was told before") {
    Disk disk;
    disk.write_marks();
    const Journal journal = Journal::open(disk.files, folder);
    CHECK(journal.plan() == small_plan());
    CHECK(journal.state().prepared == 1);
    CHECK(journal.state().begun == 0);
    CHECK(journal.state().performed == 1);
    CHECK_FALSE(journal.state().damaged);
    CHECK_FALSE(journal.is_fresh());
}

TEST_CASE("names of files and words of tools that are no UTF-8 leave the journal readable") {
    Disk disk;
    Plan plan = small_plan();
    plan.steps[0] = BackUpFiles{{"/etc/caf\xE9.opt"}};
    Journal written = Journal::begin(disk.files, folder, plan);
    written.performing(0);
    CHECK(written.going_back("tool_failed", "cannot run \xFF"));
    const Journal journal = Journal::open(disk.files, folder);
    CHECK(journal.plan() == plan);
    CHECK_FALSE(journal.state().damaged);
    CHECK(journal.state().going_back);
    CHECK(journal.state().message == "cannot run \xEF\xBF\xBD");
}

TEST_CASE("a torn last line is ignored at every length, and the next mark does not stick to it") {
    Disk disk;
    disk.write_marks();
    const std::string whole = disk.text();
    const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
    for (std::size_t size = last; size < whole.size(); ++size) {
        disk.put(whole.substr(0, size));
        Journal journal = Journal::open(disk.files, folder);
        CHECK_FALSE(journal.state().damaged);
        CHECK(journal.state().performed == 0);
        journal.performed(0);
        CHECK(Journal::open(disk.files, folder).state().performed == 1);
    }
}

TEST_CASE("damage before the last line is noticed wherever it is") {
    Disk disk;
    disk.write_marks();
    const std::string whole = disk.text();
    const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
    for (std::size_t at = 0; at + 1 < last; ++at) {
        std::string damaged = whole;
        damaged[at] = damaged[at] == 'x' ? 'y' : 'x';
        disk.put(damaged);
        CAPTURE(at);
        CHECK(Journal::open(disk.files, folder).state().damaged);
    }
}

TEST_CASE("lines in another order, twice or missing are damage") {
    Disk disk;
    disk.write_marks();
    const std::string whole = disk.text();
    const std::size_t first = whole.find('\n') + 1;
    const std::size_t second = whole.find('\n', first) + 1;
    for (const std::string& bad :
         {whole.substr(first), whole.substr(0, second) + whole.substr(first),
          whole.substr(first, second - first) + whole.substr(0, first) + whole.substr(second)}) {
        disk.put(bad);
        CHECK(Journal::open(disk.files, folder).state().damaged);
    }
}

TEST_CASE("what is not a plan of this version is told with file, place and cure; its smallest neighbour is read") {
    Disk disk;
    disk.write_marks();
    const std::string good = *disk.files.content(folder + "/plan.json");
    const auto replaced = [&good](const std::string& from, const std::string& to) {
        std::string text = good;
        REQUIRE(text.find(from) != std::string::npos);
        return text.replace(text.find(from), from.size(), to);
    };
    const struct {
        std::string bad, why, neighbour;
    } rows[] = {
        {"", "line 1", good},
        {"{}", "format", good},
        {"[]", "object", good},
        {good.substr(0, good.size() / 2), "line", good},
        {good + good, "line", good + "\n"},
        {replaced("\"format\": 1", "\"format\": 2"), "format", good},
        {replaced("settle-files", "no-such-step"), "no-such-step", good},
        {replaced("\"attempt\"", "\"attempd\""), "attemp", good},
        {replaced("\"direction\": 0", "\"direction\": \"up\""), "direction: expected an integer",
         replaced("\"direction\": 0", "\"direction\": 1")},
        {replaced("\"paths\": [", "\"paths\": [7,"), "steps[0]: paths[0]: expected a string",
         replaced("\"paths\": [", "\"paths\": [\"/7\",")},
        {replaced("8.1.27.0\"", "8.1.27.0\"\"\""), "line", replaced("8.1.27.0", "8.1.27.1")},
    };
    for (const auto& row : rows) {
        disk.files.put(folder + "/plan.json", row.bad, 0600);
        CAPTURE(row.bad);
        std::string message = "read";
        try {
            Journal::open(disk.files, folder);
        } catch (const Error& error) {
            message = error.what();
        }
        CAPTURE(message);
        CHECK(message.starts_with("cannot read the plan of the deployment in " + folder + ": "));
        CHECK(message.find(row.why) != std::string::npos);
        CHECK(disk.files.content(folder + "/plan.json") == row.bad);
        disk.files.put(folder + "/plan.json", row.neighbour, 0600);
        CHECK_NOTHROW(Journal::open(disk.files, folder));
    }
}

TEST_CASE("marks that are not what was written are damage, kept beside the journal; the smallest neighbour is none") {
    Disk disk;
    disk.write_marks();
    const std::string good = disk.text();
    const auto replaced = [&good](const std::string& from, const std::string& to) {
        std::string text = good;
        REQUIRE(text.find(from) != std::string::npos);
        return text.replace(text.find(from), from.size(), to);
    };
    const std::size_t second = good.find('\n') + 1;
    const std::size_t third = good.find('\n', second) + 1;
    const std::size_t last = good.rfind('\n', good.size() - 2) + 1;
    const struct {
        const char* what;
        std::string bad, neighbour;
    } rows[] = {
        {"a line is missing", good.substr(0, second) + good.substr(third), good.substr(0, second)},
        {"a line stands twice", good.substr(0, third) + good.substr(second), good},
        {"the first is missing", good.substr(second), good},
        {"another number", "7" + good.substr(1), good},
        {"another step", replaced("\"step\":0", "\"step\":1"), good},
        {"no sum", good.substr(0, 2) + good.substr(18), good},
        {"an empty line", good.substr(0, second) + "\n" + good.substr(second), good},
        {"blanks in front", " " + good, good},
        {"lines of another system", replaced("\n", "\r\n"), good},
        {"zeros in its middle", good.substr(0, second) + std::string(16, '\0') + "\n" + good.substr(second),
         good + std::string(16, '\0')},
        {"torn before the last line", good.substr(0, second - 4) + "\n" + good.substr(second),
         good.substr(0, last + 9)},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        disk.files.put(folder + "/plan.json", *disk.files.content(folder + "/plan.json"), 0600);
        disk.put(row.bad);
        {
            Journal damaged = Journal::open(disk.files, folder);
            CHECK(damaged.state().damaged);
            CHECK(damaged.going_back("journal_damaged", "put back"));
            CHECK(disk.files.content(folder + "/journal.damaged") == row.bad);
        }
        disk.put(row.neighbour);
        CHECK_FALSE(Journal::open(disk.files, folder).state().damaged);
    }
}

TEST_CASE("the journal of another attempt is damage") {
    Disk disk;
    disk.write_marks();
    const std::string foreign = disk.text();
    Plan other = small_plan();
    other.attempt = "2";
    Journal::begin(disk.files, "/state/attempts/2", other);
    disk.files.put("/state/attempts/2/journal", foreign, 0600);
    CHECK(Journal::open(disk.files, "/state/attempts/2").state().damaged);
}

TEST_CASE("an attempt's folder is never used twice") {
    Disk disk;
    disk.write_marks();
    CHECK_THROWS_WITH_AS(Journal::begin(disk.files, folder, small_plan()),
                         doctest::Contains("there is the journal of another one"), Error);
}

TEST_CASE("a full disk takes the reserve and the mark is written all the same") {
    Disk disk;
    Journal journal = Journal::begin(disk.files, folder, small_plan());
    disk.files.fail_at(1, "disk_full");
    CHECK_NOTHROW(journal.preparing(0));
    CHECK_FALSE(disk.files.content(folder + "/reserve").has_value());
    CHECK_FALSE(Journal::open(disk.files, folder).state().damaged);
}

TEST_CASE("going back survives a journal that cannot be written") {
    Disk disk;
    disk.write_marks();
    Journal journal = Journal::open(disk.files, folder);
    disk.files.fail_path(folder + "/journal", "io_error");
    CHECK_FALSE(journal.going_back("x", "y"));
    CHECK(journal.state().going_back);
}
