// Covers installer/journal.cpp
// Covers installer/plan_json.cpp
#include "installer/journal.h"
#include "platform/digest.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fuzz/fuzz.h"

#include <map>

using namespace autodeploy;

namespace {

const std::string folder = "/state/attempts/1";

Plan small_plan() {
    Plan plan;
    plan.attempt = "1";
    plan.steps.emplace_back(BackUpFiles{{"/etc/a"}});
    plan.steps.emplace_back(SettleFiles{{"/etc/a"}, {}});
    return plan;
}

/// Sequence number and check sum in front, so that the fuzzer need not guess a hash.
std::string sealed(std::size_t number, const std::string& mark) {
    const std::string text = std::to_string(number) + " " + mark;
    return std::to_string(number) + " " + sha256_hex(text).substr(0, 16) + " " + mark + "\n";
}

} // namespace

/// The first byte: 'p': the rest is plan.json; 'r': the rest is the journal as it lies there; else each line behind it
/// is a mark. Whatever lies there, what is written behind it must be readable.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    const char kind = input.empty() ? ' ' : input.front();
    const std::string_view rest = input.substr(input.empty() ? 0 : 1);
    static const std::map<std::string, std::string> begun = [] {
        FakeFileSystem files;
        files.put_directory("/state/attempts", 0700);
        Journal::begin(files, folder, small_plan());
        return files.everything();
    }();
    FakeFileSystem files;
    for (const char* name : {"/plan.json", "/journal"})
        files.put(folder + name, begun.at(folder + name), 0600);
    if (kind == 'p') {
        files.put(folder + "/plan.json", rest, 0600);
    } else if (kind == 'r') {
        files.put(folder + "/journal", rest, 0600);
    } else {
        std::string text = *files.content(folder + "/journal");
        std::size_t number = 1;
        for (const std::string& line : fuzz::lines_of(rest))
            if (!line.empty()) text += sealed(number++, line);
        files.put(folder + "/journal", text, 0600);
    }
    try {
        Journal journal = Journal::open(files, folder);
        const JournalState before = journal.state();
        const std::size_t steps = journal.plan().steps.size();
        fuzz::require(before.prepared <= steps && before.performed <= steps);
        fuzz::require(!before.begun || *before.begun < steps);
        fuzz::require(journal.going_back("cause", "why"));
        const Journal again = Journal::open(files, folder);
        fuzz::require(again.plan() == journal.plan() && again.state().going_back && again.state().cause == "cause");
        fuzz::require(again.state().committed == before.committed && again.state().resumes == before.resumes);
        if (steps > 0) journal.undone(0);
        journal.awaiting_restart("boot");
        journal.committed();
        journal.ended(Json("over"));
        const Journal over = Journal::open(files, folder);
        fuzz::require(over.state().committed && over.state().ended && over.state().damaged == again.state().damaged);
    } catch (const Error& error) {
        fuzz::require(error.cause() == "journal_unreadable");
    }
    return 0;
}
