// Covers installer/client/scheduler_log.cpp
#include "installer/client/scheduler_log.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

namespace {

constexpr UnixTime now = 1795896000;

SchedulerContext context_of(unsigned bits) {
    SchedulerContext context;
    context.now = now;
    context.modified = now - ((bits & 1) != 0 ? 10 : 100);
    context.whole = (bits & 2) != 0;
    context.scheduler_lives = (bits & 4) != 0;
    context.shared = (bits & 8) != 0;
    // Far away, and where the clock is put back in the hour before now.
    context.local_offset = [bits](UnixTime at) {
        return Seconds((bits & 16) == 0 ? -7200 : at < now - 1800 ? 7200 : 3600);
    };
    return context;
}

void check(const SchedulerLog& log) {
    fuzz::require(log.events.size() <= 64);
    fuzz::require(!log.why.empty());
    for (const ScheduledEvent& event : log.events)
        fuzz::require(!is_backup(event) || event.counted || !event.action.empty());
    if (log.activity != Activity::quiet) return;
    for (const ScheduledEvent& event : log.events)
        fuzz::require(event.over);
}

} // namespace

/// A byte of circumstances, then the log.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const unsigned bits = data[0];
    const std::string text(fuzz::text_of(data + 1, size - 1));
    SchedulerContext context = context_of(bits);
    check(parse_scheduler_log(text, context));
    FakeFileSystem files;
    files.put("/logs/dsmsched.log", text);
    files.put_link("/dsmsched.log", "logs/dsmsched.log");
    const SchedulerLog read = read_scheduler_log(files, "/dsmsched.log", (bits & 32) != 0 ? 100 : 4096, context);
    check(read);
    fuzz::require(read.end >= 0 && std::size_t(read.end) <= text.size());

    // Whatever stands before it, an event that has just begun makes a living scheduler busy.
    if (text.find("END OF DATA") != std::string::npos || text.find('\0') != std::string::npos) return 0;
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return 0;
    context.scheduler_lives = true;
    const std::string begun = text + "\n11/28/2026 20:00:00 --- SCHEDULEREC OBJECT BEGIN FUZZ 11/28/2026 20:00:00\n";
    fuzz::require(parse_scheduler_log(begun, context).activity == Activity::busy);
    return 0;
}
