#include "installer/journal.h"

#include "installer/any_bytes_json.h"
#include "platform/digest.h"
#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_journal = 4 << 20;
constexpr std::uint64_t largest_plan = 16 << 20;
constexpr std::uint64_t reserved_bytes = 1 << 20;

std::string check_sum(const std::string& text) {
    return sha256_hex(text).substr(0, 16);
}

std::string line_of(std::size_t sequence, const Json& mark) {
    const std::string text = std::to_string(sequence) + " " + compact_json(mark);
    return std::to_string(sequence) + " " + check_sum(text) + " " + compact_json(mark) + "\n";
}

/// The mark in a whole line, or nothing if it is not the one of that sequence number.
std::optional<Json> mark_of(std::size_t sequence, std::string_view line) {
    const std::string number = std::to_string(sequence) + " ";
    if (!line.starts_with(number) || line.size() < number.size() + 17) return std::nullopt;
    const std::string_view sum = line.substr(number.size(), 16);
    const std::string text(line.substr(number.size() + 17));
    if (line[number.size() + 16] != ' ' || check_sum(number + text) != sum) return std::nullopt;
    try {
        Json mark = parse_json(text);
        mark.at("mark").string();
        return mark;
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace

Journal::Journal(FileSystem& files, std::string folder, Plan plan)
    : files_(&files), folder_(std::move(folder)), plan_(std::move(plan)) {}

Journal Journal::begin(FileSystem& files, const std::string& folder, const Plan& plan) {
    Journal journal(files, folder, plan);
    if (files.status(folder + "/journal"))
        throw Error("attempt_exists",
                    "cannot begin a deployment in " + folder + ": there is the journal of another one");
    files.make_private_directory(folder);
    const std::string text = pretty_any_bytes_json(plan_json(plan));
    files.write_durably(folder + "/reserve", "");
    files.reserve(folder + "/reserve", reserved_bytes);
    files.write_durably(folder + "/plan.json", text);
    Json begun;
    begun["attempt"] = plan.attempt;
    begun["format"] = 1;
    begun["plan"] = sha256_hex(text);
    journal.add("begun", std::nullopt, begun);
    journal.fresh_ = true;
    return journal;
}

bool waits_for_restart(const JournalState& state, const std::string& boot_id) {
    return state.awaits_restart && !state.ended && state.awaiting_restart_of == boot_id;
}

Journal Journal::open(FileSystem& files, const std::string& folder) {
    std::string text;
    try {
        text = files.read(folder + "/plan.json", largest_plan);
        Journal journal(files, folder, plan_from_json(parse_any_bytes_json(text)));
        journal.read();
        return journal;
    } catch (const Error& error) {
        if (error.cause() == "io_error") throw; // a disk that cannot be read now may be read later
        throw Error("journal_unreadable", "cannot read the plan of the deployment in " + folder + ": " + error.what());
    }
}

void Journal::read() {
    if (!files_->status(folder_ + "/journal")) return; // interrupted before the first mark: nothing was done
    const std::string text = files_->read(folder_ + "/journal", largest_journal);
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) {
            torn_tail_ = true;
            return;
        }
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        const std::optional<Json> mark = mark_of(next_, line);
        if (!mark) {
            // A torn append may have ended in a newline of its own; anything behind it means real damage.
            if (rest.empty()) {
                torn_tail_ = true;
            } else {
                state_.damaged = true;
                torn_tail_ = true;
            }
            return;
        }
        take(*mark);
        ++next_;
    }
}

void Journal::take(const Json& mark) {
    const std::string& kind = mark.at("mark").string();
    const Json* step = mark.find("step");
    const std::size_t number = step != nullptr ? std::size_t(step->integer()) : 0;
    if (step != nullptr && number >= plan_.steps.size()) {
        state_.damaged = true;
    } else if (kind == "prepared") {
        state_.prepared = std::max(state_.prepared, number + 1);
    } else if (kind == "performing") {
        state_.begun = number;
    } else if (kind == "performed") {
        state_.performed = std::max(state_.performed, number + 1);
    } else if (kind == "resumed") {
        ++state_.resumes;
    } else if (kind == "restarted") {
        state_.awaits_restart = false;
    } else if (kind == "going back") {
        state_.going_back = true;
        state_.awaits_restart = false;
        state_.cause = mark.at("detail").at("cause").string();
        state_.message = mark.at("detail").at("message").string();
    } else if (kind == "awaiting restart") {
        state_.awaiting_restart_of = mark.at("detail").at("boot").string();
        state_.awaits_restart = true;
    } else if (kind == "committed") {
        state_.committed = true;
    } else if (kind == "ended") {
        state_.ended = mark.at("detail");
    } else if (kind == "begun") {
        if (mark.at("detail").at("attempt").string() != plan_.attempt) state_.damaged = true;
    }
}

void Journal::add(const std::string& mark, std::optional<std::size_t> step, Json detail) {
    Json json;
    json["mark"] = mark;
    if (step) json["step"] = std::uint64_t(*step);
    if (!detail.is_null()) json["detail"] = std::move(detail);
    append(line_of(next_, json));
    ++next_;
    take(json);
}

void Journal::append(const std::string& line) {
    const std::string path = folder_ + "/journal";
    if (torn_tail_) {
        // What is behind the last whole line goes, else the next mark would be glued to it.
        std::string text = files_->read(path, largest_journal);
        if (state_.damaged) files_->write_durably(path + ".damaged", text);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < next_; ++i)
            kept = text.find('\n', kept) + 1;
        text.resize(kept);
        files_->write_durably(path, text);
        torn_tail_ = false;
    }
    try {
        files_->append_durably(path, line);
    } catch (const Error& error) {
        torn_tail_ = true;
        if (error.cause() != "disk_full" || !files_->status(folder_ + "/reserve")) throw;
        files_->remove_durably(folder_ + "/reserve"); // that is what it was reserved for
        append(line);
    }
}

void Journal::awaiting_restart(const std::string& boot_id) {
    Json detail;
    detail["boot"] = boot_id;
    add("awaiting restart", std::nullopt, detail);
}

void Journal::committed() {
    try {
        add("committed", std::nullopt);
    } catch (const Error&) {
        // Going back from a mark that a later run could find would leave the machine half old and called new.
        Journal again(*files_, folder_, plan_);
        again.read();
        if (!again.state_.committed) throw;
        *this = std::move(again);
    }
}

void Journal::ended(const Json& result) {
    add("ended", std::nullopt, result);
    files_->remove_durably(folder_ + "/reserve");
}

bool Journal::going_back(const std::string& cause, const std::string& message) {
    state_.going_back = true;
    state_.awaits_restart = false;
    Json detail;
    detail["cause"] = cause;
    detail["message"] = message;
    try {
        add("going back", std::nullopt, detail);
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool Journal::undone(std::size_t step) {
    try {
        add("undone", step);
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace autodeploy
