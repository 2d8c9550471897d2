#include "installer/client/scheduler_log.h"

#include "installer/client/ascii.h"
#include "installer/client/links.h"
#include "installer/client/log_time.h"
#include "installer/client/text_encoding.h"
#include "platform/error.h"
#include "platform/file_system.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::string_view marker = "SCHEDULEREC ";
constexpr std::string_view end_of_data = "END OF DATA"; ///< behind it a wrapped log goes on with older lines
constexpr std::string_view wrapping_header = "LOGHEADERREC";
constexpr std::size_t events_kept = 64;

struct Record {
    enum class Kind { query_begin, query_end, object_begin, object_end } kind = Kind::query_begin;
    std::string name;
    std::string start;
};

std::string_view take_word(std::string_view& text) {
    text = without_blanks(text);
    const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_blank) - text.begin());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

/// "--- SCHEDULEREC OBJECT BEGIN NIGHTLY 2026-11-22 21:00:00" at the end of any line.
std::optional<Record> read_record(std::string_view line) {
    const std::size_t at = line.find(marker);
    if (at == std::string_view::npos || line.substr(0, at).find("---") == std::string_view::npos) return std::nullopt;
    std::string_view rest = line.substr(at + marker.size());
    const std::string_view subject = take_word(rest);
    const std::string_view verb = take_word(rest);
    const bool begin = verb == "BEGIN";
    if (!begin && verb != "END") return std::nullopt;
    if (subject == "QUERY") return Record{begin ? Record::Kind::query_begin : Record::Kind::query_end, {}, {}};
    if (subject != "OBJECT") return std::nullopt;
    Record record{begin ? Record::Kind::object_begin : Record::Kind::object_end, std::string(take_word(rest)), {}};
    record.start = std::string(without_blanks(rest));
    return record;
}

/// "11/22/2026 21:00:00 --- SCHEDULEREC STATUS BEGIN": what a client writes when it has sent something.
bool is_count(std::string_view line) {
    const std::size_t at = line.find(marker);
    if (at == std::string_view::npos) return false;
    line.remove_prefix(at + marker.size());
    return take_word(line) == "STATUS";
}

/// "-----…" with or without the time before it.
bool is_rule(std::string_view line) {
    constexpr std::size_t shortest = 20;
    const std::size_t text = line.find_last_not_of('-');
    return line.size() - (text == std::string_view::npos ? 0 : text + 1) >= shortest;
}

/// Behind its label, which may be of any language.
std::string labelled(std::string_view line) {
    const std::size_t at = line.rfind(':');
    return at == std::string_view::npos ? "" : std::string(without_blanks(line.substr(at + 1)));
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// 11/12/2026 is read so that the last line comes nearest to the time at which the file was written.
bool choose_day_first(const std::vector<std::string_view>& lines, const SchedulerContext& context) {
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        const std::optional<std::int64_t> month_first = log_line_time(*line, false);
        const std::optional<std::int64_t> day_first = log_line_time(*line, true);
        if (!month_first && !day_first) continue;
        if (!month_first || !day_first) return !month_first;
        if (*month_first == *day_first) continue;
        const UnixTime modified = context.modified.value_or(context.now);
        const std::int64_t written = modified + context.local_offset(modified).count();
        return std::abs(*day_first - written) < std::abs(*month_first - written);
    }
    return false;
}

struct WrittenRecord {
    Record record;
    std::optional<UnixTime> time;
};

/// Of each line its record, if it is one, and when that was written.
std::vector<std::optional<WrittenRecord>> records_of(const std::vector<std::string_view>& lines,
                                                     const SchedulerContext& context) {
    const bool day_first = choose_day_first(lines, context);
    std::vector<std::optional<WrittenRecord>> records(lines.size());
    // An hour that is shown twice is told apart from the end: no line was written after the next one or after the file.
    UnixTime latest = context.modified.value_or(context.now);
    for (std::size_t i = lines.size(); i-- > 0;) {
        std::optional<Record> record = read_record(lines[i]);
        if (!record) continue;
        records[i] = WrittenRecord{std::move(*record), std::nullopt};
        const std::optional<std::int64_t> local = log_line_time(lines[i], day_first);
        if (!local) continue;
        const UnixTime second = utc_of_local(*local, WhenTwice::second, context.local_offset);
        const UnixTime written =
            second <= latest ? second : utc_of_local(*local, WhenTwice::first, context.local_offset);
        records[i]->time = written;
        latest = std::min(latest, written);
    }
    return records;
}

class LogReader {
  public:
    explicit LogReader(const SchedulerContext& context) : context_(context) {}

    SchedulerLog read(const std::vector<std::string_view>& lines, bool last_line_torn) {
        const std::vector<std::optional<WrittenRecord>> records = records_of(lines, context_);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const bool torn = last_line_torn && i + 1 == lines.size();
            if (const auto& written = records[i]) {
                seen_record_ = true;
                announced_lines_.reset();
                take(written->record, written->time, torn);
            } else if (torn && lines[i].find("SCHEDULEREC") != std::string_view::npos) {
                torn_record_ = true;
            } else {
                take_hint(lines[i]);
            }
        }
        judge();
        if (log_.events.size() > events_kept)
            log_.events.erase(log_.events.begin(), log_.events.end() - std::ptrdiff_t(events_kept));
        return std::move(log_);
    }

  private:
    void take(const Record& record, std::optional<UnixTime> time, bool torn) {
        switch (record.kind) {
        case Record::Kind::query_begin:
            log_.last_query_begin = time;
            if (context_.shared) break;
            for (ScheduledEvent& event : log_.events)
                event.over = true;
            break;
        case Record::Kind::query_end:
            log_.last_query_end = time;
            break;
        case Record::Kind::object_begin:
            log_.events.emplace_back();
            log_.events.back().name = record.name;
            log_.events.back().scheduled_start = record.start;
            log_.events.back().began_at = time;
            if (same_ignoring_case(announced_name_, record.name)) log_.events.back().action = announced_action_;
            break;
        case Record::Kind::object_end:
            // A name that is cut off ends nothing.
            if (!torn) end_event(record, time);
            break;
        }
    }

    void end_event(const Record& record, std::optional<UnixTime> time) {
        const auto begun =
            std::find_if(log_.events.rbegin(), log_.events.rend(), [&record](const ScheduledEvent& event) {
                return !event.ended && same_ignoring_case(event.name, record.name);
            });
        const bool began_before = begun == log_.events.rend(); // before the part that was read
        ScheduledEvent& event = began_before ? log_.events.emplace_back() : *begun;
        if (began_before) {
            event.name = record.name;
            event.scheduled_start = record.start;
        }
        event.ended = true;
        event.ended_at = time;
    }

    /// Between two rules the next event stands: its name in the first line, its action in the second.
    void take_announcement(std::string_view line) {
        if (is_rule(line)) {
            announced_lines_ = announced_lines_ ? std::nullopt : std::optional(0);
        } else if (announced_lines_) {
            ++*announced_lines_;
            if (announced_lines_ == 1) announced_name_ = labelled(line);
            if (announced_lines_ <= 2) announced_action_ = announced_lines_ == 2 ? lower_case(labelled(line)) : "";
        }
    }

    /// Never decides whether the scheduler is busy.
    void take_hint(std::string_view line) {
        take_announcement(line);
        if (log_.events.empty()) return;
        ScheduledEvent& event = log_.events.back();
        if (!event.ended && is_count(line)) event.counted = true;
        constexpr std::string_view finished = "Return code is:";
        if (const std::size_t at = line.find(finished); at != std::string_view::npos && !event.ended) {
            constexpr std::size_t most_digits = 4;
            const std::string_view rest = without_blanks(line.substr(at + finished.size())).substr(0, most_digits);
            unsigned code = 0;
            if (std::from_chars(rest.data(), rest.data() + rest.size(), code).ec == std::errc())
                event.return_code = static_cast<int>(code);
        }
        constexpr std::string_view command = "command or script:";
        if (const std::size_t at = line.find(command); at != std::string_view::npos && !event.ended)
            event.command = std::string(without_blanks(line.substr(at + command.size())));
        if (event.ended && line.find("ANS1512E") != std::string_view::npos) event.failed = true;
    }

    void judge() {
        if (!seen_record_) {
            log_.why = torn_record_      ? "its only record of the scheduler is cut off"
                       : !context_.whole ? "its last part has no record of the scheduler"
                                         : "it has no record of the scheduler";
            return;
        }
        if (!context_.scheduler_lives) {
            for (ScheduledEvent& event : log_.events)
                event.over = true;
            log_.activity = Activity::quiet;
            log_.why = "the scheduler does not run, so nothing that it began goes on";
            return;
        }
        if (torn_record_) {
            log_.activity = Activity::busy;
            log_.why = "its last record is being written";
            return;
        }
        settle();
        const auto open = std::find_if(log_.events.rbegin(), log_.events.rend(),
                                       [](const ScheduledEvent& event) { return !event.over; });
        if (open != log_.events.rend()) {
            log_.activity = Activity::busy;
            log_.why = "the event " + open->name +
                       (open->ended ? " has ended, and its result may not have reached the server yet"
                                    : " began and has not ended");
            return;
        }
        log_.activity = Activity::quiet;
        log_.why = log_.events.empty() ? "it has no event" : "its last event " + log_.events.back().name + " is over";
    }

    /// An event that ended, with nothing written since for long enough, is over without a query. In a shared log there
    /// is always something written: there the event's own time counts.
    void settle() {
        for (ScheduledEvent& event : log_.events) {
            if (!event.ended) continue;
            const std::optional<UnixTime> last = context_.shared ? event.ended_at : context_.modified;
            if (last && context_.now - *last >= context_.event_settled.count()) event.over = true;
        }
    }

    const SchedulerContext& context_;
    SchedulerLog log_;
    bool seen_record_ = false;
    bool torn_record_ = false;
    std::optional<int> announced_lines_; ///< of the announcement that is being read
    std::string announced_name_;
    std::string announced_action_;
};

std::string read_part(FileReader& reader, std::uint64_t from, std::uint64_t size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    reader.seek(from);
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const std::size_t count = reader.read(bytes.data() + filled, bytes.size() - filled);
        if (count == 0) break;
        filled += count;
    }
    bytes.resize(filled);
    return bytes;
}

/// Where the newest line of a log ends that wraps within its file; nothing where it does not wrap.
std::optional<std::uint64_t> find_wrap(FileReader& reader, std::uint64_t size) {
    constexpr std::uint64_t piece = 1 << 20;
    constexpr std::uint64_t most = 256ULL << 20;
    std::string window;
    for (std::uint64_t at = 0; at < std::min(size, most); at += piece) {
        const std::string part = read_part(reader, at, std::min(piece, size - at));
        const std::uint64_t begins = at - window.size();
        window += part;
        if (const std::size_t found = window.find(end_of_data); found != std::string::npos) return begins + found;
        window = window.substr(window.size() - std::min(window.size(), end_of_data.size()));
    }
    return std::nullopt;
}

struct Part {
    std::string text;
    std::uint64_t end = 0; ///< where it ends in the file
};

/// At most limit bytes that end where the newest line does. Sets what the context says of the file.
Part read_newest(FileSystem& files, const std::string& path, std::uint64_t limit, SchedulerContext& context) {
    // A reader refuses links, and logs are often moved by one.
    const std::unique_ptr<FileReader> reader = files.reader(resolve_links(files, path));
    const FileStatus status = reader->status();
    constexpr std::int64_t nanoseconds = 1'000'000'000;
    context.modified = status.modified / nanoseconds;
    constexpr std::uint64_t head = 256;
    const std::string first = read_part(*reader, 0, std::min(status.size, head));
    const bool wraps = context.wraps || first.find(wrapping_header) != std::string::npos;
    const std::optional<std::uint64_t> wrap = wraps ? find_wrap(*reader, status.size) : std::nullopt;
    const std::uint64_t end = wrap.value_or(status.size);
    const std::uint64_t begin = end > limit ? end - limit : 0;
    context.whole = begin == 0;
    return {read_part(*reader, begin, end - begin), end};
}

/// Ahead of the place where a log wraps, and without the line that the text begins within.
std::string_view newest_lines(std::string_view text, bool whole) {
    if (const std::size_t wrap = text.find(end_of_data); wrap != std::string_view::npos) {
        // What follows is older and begins within a line.
        text = text.substr(0, wrap);
        text = text.substr(0, text.rfind('\n') + 1);
    }
    if (!whole) {
        const std::size_t first_end = text.find('\n');
        text.remove_prefix(first_end == std::string_view::npos ? text.size() : first_end + 1);
    }
    return text;
}

} // namespace

bool is_backup(const ScheduledEvent& event) {
    // From memory, as the whole announcement is.
    for (const char* action : {"incremental", "selective", "archive", "backup", "image backup", "imagebackup"})
        if (event.action == action) return true;
    for (const char* action : {"command", "macro", "restore", "retrieve", "image restore", "imagerestore", "deploy"})
        if (event.action == action) return false;
    return event.command.empty() && !event.return_code && event.counted;
}

SchedulerLog parse_scheduler_log(std::string_view text, const SchedulerContext& context) {
    const DecodedText decoded = decode_text(text);
    const std::string_view newest = newest_lines(decoded.text, context.whole);
    const bool last_line_torn = !newest.empty() && newest.back() != '\n';
    return LogReader(context).read(lines_of(newest), last_line_torn);
}

SchedulerLog read_scheduler_log(FileSystem& files, const std::string& path, std::uint64_t limit,
                                SchedulerContext context) {
    SchedulerLog log;
    log.path = path;
    try {
        const Part part = read_newest(files, path, limit, context);
        log = parse_scheduler_log(part.text, context);
        log.modified = context.modified;
        log.end = static_cast<std::int64_t>(part.end);
    } catch (const Error& error) {
        log.why = error.cause() == "file_not_found" ? "it does not exist" : error.what();
    }
    log.path = path;
    return log;
}

std::string scheduler_log_since(FileSystem& files, const std::string& path, std::uint64_t limit, UnixTime since,
                                SchedulerContext context) {
    const Part part = read_newest(files, path, limit, context);
    const DecodedText decoded = decode_text(part.text);
    const std::string_view newest = newest_lines(decoded.text, context.whole);
    const std::vector<std::string_view> lines = lines_of(newest);
    const std::vector<std::optional<WrittenRecord>> records = records_of(lines, context);
    std::string_view from = newest;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!records[i] || !records[i]->time) continue;
        if (*records[i]->time > since) break;
        from = newest.substr(static_cast<std::size_t>(lines[i].data() - newest.data()));
    }
    return std::string(from);
}

} // namespace autodeploy
