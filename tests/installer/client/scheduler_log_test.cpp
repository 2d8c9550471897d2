#include "installer/client/scheduler_log.h"

#include "installer/client/log_time.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

// 2026-11-22 21:00:00 UTC
constexpr UnixTime nine = 1795381200;

SchedulerContext context_at(UnixTime now, UnixTime modified) {
    SchedulerContext context;
    context.now = now;
    context.modified = modified;
    return context;
}

std::string stamp(const char* time) {
    return std::string("11/22/2026 ") + time + " ";
}

const std::string query =
    stamp("20:58:00") + "--- SCHEDULEREC QUERY BEGIN\n" + stamp("20:58:01") + "--- SCHEDULEREC QUERY END\n";
const std::string begin = stamp("21:00:00") + "--- SCHEDULEREC OBJECT BEGIN NIGHTLY 11/22/2026 21:00:00\n";
const std::string end = stamp("21:10:00") + "--- SCHEDULEREC OBJECT END NIGHTLY 11/22/2026 21:00:00\n";

struct LogCase {
    std::string name;
    std::string text;
    Activity activity;
    std::string why;
    std::int64_t silent = 10; ///< seconds since the log was last written
    bool scheduler_lives = true;
    bool whole = true;
    bool shared = false;
};

} // namespace

TEST_CASE("a scheduler's log tells quiet, busy and unknown by its markers") {
    const std::string results = stamp("21:10:01") + "Sending results for scheduled event 'NIGHTLY'.\n";
    const std::vector<LogCase> cases{
        {"empty", "", Activity::unknown, "it has no record of the scheduler"},
        {"words without markers", stamp("21:00:00") + "Scheduler has been started by Dsmcad.\n", Activity::unknown,
         "it has no record of the scheduler"},
        {"asked its server", query, Activity::quiet, "it has no event"},
        {"in an event", query + begin, Activity::busy, "the event NIGHTLY began and has not ended"},
        {"in an event for days", query + begin + "Normal File--> 1,024 /a [Sent]\n", Activity::busy,
         "the event NIGHTLY began and has not ended", 900000},
        {"ended just now", query + begin + end, Activity::busy,
         "the event NIGHTLY has ended, and its result may not have reached the server yet"},
        {"ended and sending", query + begin + end + results, Activity::busy,
         "the event NIGHTLY has ended, and its result may not have reached the server yet"},
        {"ended and silent since", query + begin + end + results, Activity::quiet, "its last event NIGHTLY is over",
         60},
        {"ended and asked again", query + begin + end + results + query, Activity::quiet,
         "its last event NIGHTLY is over"},
        {"asking just now", query + begin + end + stamp("21:10:05") + "--- SCHEDULEREC QUERY BEGIN\n", Activity::quiet,
         "its last event NIGHTLY is over"},
        {"cut off and started anew", begin + query, Activity::quiet, "its last event NIGHTLY is over"},
        {"cut off, and no scheduler lives", begin, Activity::quiet,
         "the scheduler does not run, so nothing that it began goes on", 10, false},
        {"second event", query + begin + end + query + begin, Activity::busy,
         "the event NIGHTLY began and has not ended"},
        {"translated",
         "22.11.2026 21:00:00 --- SCHEDULEREC OBJECT BEGIN N\xC3\x84"
         "CHTLICH 22.11.2026 21:00:00\n"
         "22.11.2026 21:00:00 Geplanter Befehl wird jetzt ausgef\xC3\xBChrt.\n",
         Activity::busy,
         "the event N\xC3\x84"
         "CHTLICH began and has not ended"},
        {"codes in front of the lines", "11/22/2026 21:00:00 ANS1814E x\n" + query, Activity::quiet, "it has no event"},
        {"CR LF",
         "11/22/2026 21:00:00 --- SCHEDULEREC OBJECT BEGIN A 1\r\n11/22/2026 21:00:00 --- SCHEDULEREC OBJECT "
         "END A 1\r\n11/22/2026 21:00:00 --- SCHEDULEREC QUERY BEGIN\r\n",
         Activity::quiet, "its last event A is over"},
        {"end is being written", query + begin + stamp("21:10:00") + "--- SCHEDULEREC OBJECT END NIGH", Activity::busy,
         "the event NIGHTLY began and has not ended"},
        {"marker is being written", query + stamp("21:10:00") + "--- SCHEDULEREC", Activity::busy,
         "its last record is being written"},
        {"only a torn marker", stamp("21:10:00") + "--- SCHEDULEREC OBJ", Activity::unknown,
         "its only record of the scheduler is cut off"},
        {"begin lies before the part that was read", "x\n" + end + query, Activity::quiet,
         "its last event NIGHTLY is over", 10, true, false},
        {"no marker in the part that was read", "x\nNormal File--> 1 /a\n", Activity::unknown,
         "its last part has no record of the scheduler", 10, true, false},
        {"first line of a part is cut", "--- SCHEDULEREC OBJECT BEGIN NIGHTLY x\n" + query, Activity::quiet,
         "it has no event", 10, true, false},
        {"two schedulers in one log", begin + query, Activity::busy, "the event NIGHTLY began and has not ended", 10,
         true, true, true},
        {"statistics are no events", query + stamp("21:00:00") + "--- SCHEDULEREC STATUS BEGIN NIGHTLY x\n",
         Activity::quiet, "it has no event"},
        {"wrapped", query + begin + end + query + "END OF DATA\n" + begin, Activity::quiet,
         "its last event NIGHTLY is over"},
        {"a file name that looks like a marker", query + "Normal File--> 3 /tmp/SCHEDULEREC OBJECT BEGIN A [Sent]\n",
         Activity::quiet, "it has no event"},
    };
    for (const LogCase& log_case : cases) {
        CAPTURE(log_case.name);
        SchedulerContext context = context_at(nine + 600 + log_case.silent, nine + 600);
        context.scheduler_lives = log_case.scheduler_lives;
        context.whole = log_case.whole;
        context.shared = log_case.shared;
        const SchedulerLog log = parse_scheduler_log(log_case.text, context);
        CHECK(log.activity == log_case.activity);
        CHECK(log.why == log_case.why);
    }
}

TEST_CASE("times are read in every form that the client writes") {
    for (const char* line :
         {"11/22/2026 21:00:00 x", "2026-11-22 21:00:00 x", "2026/11/22 21:00:00 x", "22.11.2026 21:00:00 x",
          "22-11-2026 21:00:00 x", "22/11/2026 21:00:00 x", "2026.11.22 21.00.00 x", "2026.11.22. 21:00:00 x",
          "22.11.26 21,00,00 x", "11/22/2026 09:00:00 PM x", "11/22/2026 P 09:00:00 x", "2026-11-22T21:00:00 x",
          "11/22/2026   9:00:00 p.m. x"}) {
        CAPTURE(line);
        const bool day_first = std::string(line).starts_with("22");
        CHECK(log_line_time(line, day_first) == nine);
    }
    for (const char* line : {"", "x", "Normal File--> 1", "11/22/2026", "13/32/2026 21:00:00", "11/22/2026 25:00:00",
                             "1/2", "0000-00-00 00:00:00"}) {
        CAPTURE(line);
        CHECK_FALSE(log_line_time(line, false));
    }
}

TEST_CASE("day and month are told apart by the time at which the log was written") {
    const std::string text = "10/11/2026 21:00:00 --- SCHEDULEREC QUERY END\n";
    constexpr UnixTime tenth_of_november = 1794344400;
    constexpr UnixTime eleventh_of_october = 1791752400;
    CHECK(parse_scheduler_log(text, context_at(tenth_of_november + 5, tenth_of_november)).last_query_end ==
          tenth_of_november);
    CHECK(parse_scheduler_log(text, context_at(eleventh_of_october + 5, eleventh_of_october)).last_query_end ==
          eleventh_of_october);
}

TEST_CASE("a log in local time becomes UTC") {
    SchedulerContext context = context_at(nine, nine);
    context.local_offset = [](UnixTime) { return Seconds(3600); };
    CHECK(parse_scheduler_log("11/22/2026 22:00:00 --- SCHEDULEREC QUERY END\n", context).last_query_end == nine);
}

TEST_CASE(
    "in the hour that an autumn night has twice, lines are told apart by those behind them and by the file's time") {
    constexpr UnixTime change = 1792890000; // 2026-10-25T01:00:00Z: in Berlin 3:00 becomes 2:00
    const auto berlin = [](UnixTime at) { return Seconds(at < change ? 7200 : 3600); };
    const auto read = [&](const std::string& text, UnixTime modified) {
        SchedulerContext context = context_at(modified, modified);
        context.local_offset = berlin;
        return parse_scheduler_log(text, context);
    };
    const std::string at = "10/25/2026 ";
    const std::string queried = at + "02:30:00 --- SCHEDULEREC QUERY END\n";
    CHECK(read(queried, change - 1800).last_query_end == change - 1800);
    CHECK(read(queried, change + 1800).last_query_end == change + 1800);
    CHECK(read(queried, change + 1799).last_query_end == change - 1800);
    // Written before the change, the file later.
    const std::string begun = at + "02:50:00 --- SCHEDULEREC OBJECT BEGIN NIGHTLY 10/25/2026 02:50:00\n";
    const std::string ended = at + "02:10:00 --- SCHEDULEREC OBJECT END NIGHTLY 10/25/2026 02:50:00\n";
    const SchedulerLog log = read(begun + ended, change + 10 * 60);
    REQUIRE(log.events.size() == 1);
    CHECK(log.events[0].began_at == change - 10 * 60);
    CHECK(log.events[0].ended_at == change + 10 * 60);
    CHECK(log.activity == Activity::busy); // it ended just now
    // Of the summer before, as of the winter now.
    CHECK(read("10/24/2026 23:00:00 --- SCHEDULEREC QUERY END\n", change + 86400).last_query_end == change - 4 * 3600);
}

TEST_CASE("events are told with their command, code and end") {
    const std::string text = query + stamp("21:00:00") + "--- SCHEDULEREC OBJECT BEGIN W48 11/22/2026 21:00:00\n" +
                             stamp("21:00:00") +
                             "Executing Operating System command or script: /usr/bin/autodeploy trigger\n" +
                             stamp("21:00:01") + "Finished command.  Return code is: 12\n" + stamp("21:00:01") +
                             "--- SCHEDULEREC OBJECT END W48 11/22/2026 21:00:00\n" + stamp("21:00:01") +
                             "ANS1512E Scheduled event 'W48' failed.  Return code = 12.\n" + query;
    const SchedulerLog log = parse_scheduler_log(text, context_at(nine + 2, nine + 2));
    REQUIRE(log.events.size() == 1);
    CHECK(log.events[0] == ScheduledEvent{"W48", "11/22/2026 21:00:00", "", "/usr/bin/autodeploy trigger", false, true,
                                          true, true, 12, nine, nine + 1});
    CHECK(log.last_query_end == nine - 119);
}

TEST_CASE("a backup is told from a command by what was announced, else by what was counted, in any language") {
    const auto announced = [](const std::string& name, const std::string& action) {
        const std::string rule = std::string(60, '-') + "\n";
        return query + stamp("20:58:01") + "Nächste geplante Operation:\n" + stamp("20:58:01") + rule +
               stamp("20:58:01") + "Zeitplanname:          " + name + "\n" + stamp("20:58:01") +
               "Aktion:                " + action + "\n" + stamp("20:58:01") + "Objekte:               x\n" +
               stamp("20:58:01") + rule + stamp("20:58:01") + "Der Zeitplan wird in 2 Stunden aktualisiert: x\n" +
               stamp("20:58:01") + "Warten: y\n";
    };
    const std::string counts = stamp("21:09:00") + "--- SCHEDULEREC STATUS BEGIN\n" + stamp("21:09:00") +
                               "Gesamtzahl der überprüften Objekte:        1.234\n" + stamp("21:09:00") +
                               "--- SCHEDULEREC STATUS END\n";
    const std::string failed = stamp("21:10:00") + "ANS1512E Geplantes Ereignis 'NIGHTLY' fehlgeschlagen.\n";
    const std::string command = stamp("21:00:00") + "Executing Operating System command or script: x\n";
    const auto backup = [](const std::string& text) {
        const SchedulerLog log = parse_scheduler_log(text, context_at(nine + 900, nine + 900));
        REQUIRE(log.events.size() == 1);
        return is_backup(log.events[0]);
    };
    CHECK(backup(announced("NIGHTLY", "Incremental") + begin + counts + end));
    CHECK(backup(announced("NIGHTLY", "Image Backup") + begin + end + failed));  // it came to no counts
    CHECK_FALSE(backup(announced("NIGHTLY", "Command") + begin + end + failed)); // SCHEDCMDDISABLED
    CHECK_FALSE(backup(announced("NIGHTLY", "Restore") + begin + counts + end));
    // Another event was announced, or nothing, or in words that nobody here knows.
    CHECK_FALSE(backup(announced("TRIGGER", "Incremental") + begin + end + failed));
    CHECK(backup(announced("TRIGGER", "Command") + begin + counts + end));
    CHECK(backup(announced("NIGHTLY", "Zuwachssicherung") + begin + counts + end));
    CHECK(backup(query + begin + counts + end));
    CHECK_FALSE(backup(query + begin + end));
    CHECK_FALSE(backup(query + begin + end + counts)); // of whatever came behind it
    CHECK_FALSE(backup(query + begin + command + counts + end));
    // An announcement that is cut off says nothing of what comes later.
    const std::string cut = announced("NIGHTLY", "Incremental");
    CHECK_FALSE(backup(cut.substr(0, cut.find("Aktion")) + "\n" + query + begin + end + failed));
}

TEST_CASE("of a long log only the newest part is read") {
    FakeFileSystem files;
    files.set_time((nine + 600) * 1'000'000'000);
    files.put("/var/log/dsmsched.log", begin + std::string(100000, 'x') + "\n" + end + query);
    const SchedulerLog log = read_scheduler_log(files, "/var/log/dsmsched.log", 4096, context_at(nine + 610, 0));
    CHECK(log.activity == Activity::quiet);
    CHECK(log.modified == nine + 600);
    CHECK(log.path == "/var/log/dsmsched.log");
    REQUIRE(log.events.size() == 1);
    CHECK_FALSE(log.events[0].began_at);
}

TEST_CASE("a log that wraps within its file ends at its mark, wherever that is") {
    FakeFileSystem files;
    files.set_time((nine + 600) * 1'000'000'000);
    const std::string old = begin + std::string(3 << 20, 'o') + "\n" + begin;
    files.put("/dsmsched.log",
              "LOGHEADERREC 1 2 3\n" + std::string(2 << 20, 'n') + "\n" + query + "END OF DATA\n" + old);
    SchedulerContext context = context_at(nine + 610, 0);
    CHECK(read_scheduler_log(files, "/dsmsched.log", 65536, context).activity == Activity::quiet);
    // The mark may lie on the border of two pieces.
    for (int shift = -12; shift <= 12; ++shift) {
        const std::string head = "LOGHEADERREC 1 2 3\n" + query;
        const auto fill = static_cast<std::size_t>((1 << 20) + shift) - head.size();
        files.put("/dsmsched.log", head + std::string(fill - 1, 'n') + "\nEND OF DATA\n" + begin);
        CAPTURE(shift);
        CHECK(read_scheduler_log(files, "/dsmsched.log", 4 << 20, context).activity == Activity::quiet);
    }
}

TEST_CASE("what is kept of a log begins with the event that led to it, in whole lines") {
    FakeFileSystem files;
    files.set_time((nine + 600) * 1'000'000'000);
    const std::string yesterday = "11/21/2026 21:00:00 --- SCHEDULEREC OBJECT BEGIN OLD 11/21/2026 21:00:00\n"
                                  "11/21/2026 21:00:09 --- SCHEDULEREC OBJECT END OLD 11/21/2026 21:00:00\n";
    const std::string led_to_it = "11/22/2026 21:00:00 --- SCHEDULEREC OBJECT BEGIN W48 11/22/2026 21:00:00\n"
                                  "11/22/2026 21:00:00 Executing Operating System command or script:\n"
                                  "   /usr/bin/autodeploy trigger\n";
    const std::string after = "11/22/2026 21:00:03 --- SCHEDULEREC OBJECT END W48 11/22/2026 21:00:00\nlast line";
    const auto since = [&](std::int64_t moment, std::uint64_t limit) {
        return scheduler_log_since(files, "/dsmsched.log", limit, moment, context_at(nine + 610, 0));
    };
    files.put("/dsmsched.log", yesterday + led_to_it + after);
    CHECK(since(nine + 1, 4096) == led_to_it + after);
    CHECK(since(nine + 600, 4096) == after);
    CHECK(since(nine - 600, 4096) == yesterday.substr(yesterday.find('\n') + 1) + led_to_it + after);
    // Nothing that old is in it, or in what the limit leaves of it.
    CHECK(since(0, 4096) == yesterday + led_to_it + after);
    CHECK(since(nine + 1, after.size() + 5) == after);
    files.put("/dsmsched.log", "LOGHEADERREC 1 2 3\n" + led_to_it + "END OF DATA\nolder\n" + yesterday);
    CHECK(since(nine + 1, 4096) == led_to_it);
}

TEST_CASE("a log that is missing, unreadable or a link is unknown, unknown, and followed") {
    FakeFileSystem files;
    const SchedulerContext context = context_at(nine, nine);
    CHECK(read_scheduler_log(files, "/var/log/a.log", 4096, context).why == "it does not exist");
    CHECK(read_scheduler_log(files, "/var/log/a.log", 4096, context).activity == Activity::unknown);
    files.put("/srv/b.log", query);
    files.put_link("/var/log/a.log", "/srv/b.log");
    CHECK(read_scheduler_log(files, "/var/log/a.log", 4096, context).activity == Activity::quiet);
    files.put_link("/var/log/c.log", "../../srv/b.log");
    CHECK(read_scheduler_log(files, "/var/log/c.log", 4096, context).activity == Activity::quiet);
    files.fail_path("/srv/b.log", "access_denied");
    CHECK(read_scheduler_log(files, "/var/log/a.log", 4096, context).activity == Activity::unknown);
    files.put_link("/loop.log", "/loop.log");
    CHECK(read_scheduler_log(files, "/loop.log", 4096, context).activity == Activity::unknown);
}
