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

TEST_CASE("what is not a plan of this version is told as such") {
    Disk disk;
    disk.write_marks();
    const std::string good = *disk.files.content(folder + "/plan.json");
    const auto replaced = [&good](const std::string& from, const std::string& to) {
        std::string text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    for (const std::string& bad :
         {std::string(), std::string("{}"), std::string("[]"), good.substr(0, good.size() / 2), good + good,
          replaced("\"format\": 1", "\"format\": 2"), replaced("settle-files", "no-such-step"),
          replaced("\"attempt\"", "\"attempd\""), replaced("\"direction\": 0", "\"direction\": \"up\""),
          replaced("\"paths\": [", "\"paths\": [7,")}) {
        disk.files.put(folder + "/plan.json", bad, 0600);
        CAPTURE(bad);
        CHECK_THROWS_WITH_AS(Journal::open(disk.files, folder),
                             doctest::Contains("cannot read the plan of the deployment in"), Error);
    }
    disk.files.put(folder + "/plan.json", good, 0600);
    CHECK_NOTHROW(Journal::open(disk.files, folder));
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
