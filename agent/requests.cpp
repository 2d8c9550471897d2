#include "agent/requests.h"

#include "installer/client/versions.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <utility>

namespace autodeploy {
namespace {

constexpr std::uint64_t largest = 65536;
constexpr std::size_t most_requests = 64;
constexpr std::array<const char*, 5> kinds{"trigger", "deploy", "rollback", "retry", "cancel"};

RequestKind kind_from(const std::string& text) {
    const auto* const found = std::find(kinds.begin(), kinds.end(), text);
    if (found == kinds.end())
        throw Error("request_malformed", "cannot use the request: \"kind\" is \"" + text +
                                             "\", not one of trigger, deploy, rollback, retry, cancel");
    return RequestKind(found - kinds.begin());
}

bool good_id(const std::string& id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
    });
}

bool same(const Request& a, const Request& b) {
    return a.kind == b.kind && a.release == b.release && a.started_by == b.started_by;
}

/// Where even that fails it stays where it is, and keeps no other request from being taken up.
RefusedRequest put_aside(FileSystem& files, const std::string& directory, const std::string& name,
                         const std::string& why) {
    try {
        const std::string folder = directory + "/refused";
        files.make_private_directory(folder);
        std::string target = folder + "/" + name;
        for (int number = 1; files.status(target); ++number)
            target = folder + "/" + name + "." + std::to_string(number);
        files.rename_durably(directory + "/" + name, target);
        return {name, target, why};
    } catch (const Error& error) {
        return {name, "", why + "; " + error.what()};
    }
}

std::string with_number(const std::string& start, int number) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), "-%04d", number);
    return start + digits.data();
}

} // namespace

std::string text(RequestKind kind) {
    return kinds.at(std::size_t(kind));
}

std::string compact_time(UnixTime time) {
    std::string text = utc_text(time);
    std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
    return text;
}

Report report_of(const Request& request, UnixTime now) {
    Report report;
    report.id = request.id;
    report.kind = text(request.kind);
    report.requested_by = request.requested_by;
    report.accepted_at = request.accepted_at;
    report.ended_at = now;
    return report;
}

Json request_json(const Request& request) {
    Json started;
    if (request.started_by)
        started = Json::Object{{"process", request.started_by->id},
                               {"started", request.started_by->started},
                               {"program", request.started_by->program}};
    return Json::Object{{"format", Request::format},
                        {"id", request.id},
                        {"kind", text(request.kind)},
                        {"accepted_at", request.accepted_at},
                        {"requested_by", request.requested_by},
                        {"release", request.release},
                        {"started_by", started}};
}

Request request_from_json(const Json& json) {
    static const std::set<std::string> known{"format",       "id",      "kind",      "accepted_at",
                                             "requested_by", "release", "started_by"};
    try {
        for (const auto& [key, value] : json.object())
            if (!known.contains(key))
                throw Error("request_malformed", "cannot use the request: unknown member \"" + key + "\"");
        if (json.at("format").integer() != Request::format)
            throw Error("request_malformed", "cannot use the request: its format is " +
                                                 std::to_string(json.at("format").integer()) +
                                                 ", this agent knows format 1");
        Request request;
        request.id = json.at("id").string();
        if (!good_id(request.id))
            throw Error("request_malformed", "cannot use the request: its id holds more than letters, digits and -");
        request.kind = kind_from(json.at("kind").string());
        request.accepted_at = json.at("accepted_at").integer();
        if (request.accepted_at < 0)
            throw Error("request_malformed", "cannot use the request: it was accepted before 1970");
        request.requested_by = json.at("requested_by").string();
        request.release = json.at("release").string();
        // What nobody can read as a release would otherwise be taken for the newest one.
        if (!request.release.empty() && !parse_client_version(request.release))
            throw Error("request_malformed",
                        "cannot use the request: its release is no version like 8.1.27.0: \"" + request.release + "\"");
        if (const Json& started = json.at("started_by"); !started.is_null())
            request.started_by = StartingProcess{started.at("process").integer(), started.at("started").string(),
                                                 started.at("program").string()};
        return request;
    } catch (const Error& error) {
        if (error.cause() == "request_malformed") throw;
        throw Error("request_malformed", error.what());
    }
}

Requests::Requests(FileSystem& files, Clock& clock, std::string directory)
    : files_(files), clock_(clock), directory_(std::move(directory)) {}

/// Of the files in the spool; what we are just writing is hidden.
std::vector<std::string> Requests::names() const {
    std::vector<std::string> names;
    if (!files_.status(directory_)) return names;
    for (std::string& name : files_.list(directory_))
        if (!name.starts_with(".") && name != "refused") names.push_back(std::move(name));
    return names;
}

int Requests::count() const {
    return int(names().size());
}

/// Later than every id that was given before, also when the spool was emptied since or the clock was put back.
std::string Requests::new_id() const {
    std::string start = compact_time(clock_.now());
    const std::size_t size = start.size() + 5;
    std::string last;
    for (const std::string& name : names())
        if (name.ends_with(".json") && name.size() == size + 5 && good_id(name.substr(0, size)))
            last = std::max(last, name.substr(0, size));
    try {
        if (const std::string given = files_.read(last_path(), size); given.size() == size && good_id(given))
            last = std::max(last, given);
    } catch (const Error&) {
        // The first request ever; or one that is damaged, and then the time alone has to do.
    }
    start = std::max(start, last.substr(0, start.size()));
    for (int number = 1; number <= 9999; ++number)
        if (std::string id = with_number(start, number); id > last) return id;
    throw Error("spool_full", "cannot accept the request: there is no id later than " + last + ", the last one in " +
                                  last_path() + "; see that the clock is right, then remove that file");
}

Request Requests::add(Request request) {
    files_.make_private_directory(directory_);
    std::unique_ptr<FileLock> lock;
    for (int attempt = 0; attempt < 50 && !(lock = files_.try_lock(directory_ + "/.lock")); ++attempt)
        clock_.sleep(Milliseconds(100));
    if (!lock)
        throw Error("spool_busy", "cannot write the request to " + directory_ + ": another process holds it for 5 s",
                    Retry::later);
    const std::vector<std::string> present = names();
    for (const std::string& name : present) {
        try {
            Request other = request_from_json(parse_json(files_.read(directory_ + "/" + name, largest)));
            if (same(other, request)) return other;
        } catch (const Error&) {
            // The service moves it aside and says so.
        }
    }
    if (present.size() >= most_requests)
        throw Error("spool_full",
                    "cannot accept the request: " + std::to_string(present.size()) + " wait in " + directory_ +
                        " already; look why the service does not take them",
                    Retry::later);
    request.id = new_id();
    files_.write_durably(last_path(), request.id);
    request.accepted_at = clock_.now();
    files_.write_durably(directory_ + "/" + request.id + ".json", compact_json(request_json(request)) + "\n");
    return request;
}

std::vector<Request> Requests::pending(std::vector<RefusedRequest>& refused) {
    std::vector<Request> requests;
    for (const std::string& name : names()) {
        const std::string path = directory_ + "/" + name;
        try {
            const auto status = files_.status(path);
            if (!status) continue;
            if (status->type != FileType::regular)
                throw Error("request_malformed", "cannot use the request: it is no regular file");
            Request request = request_from_json(parse_json(files_.read(path, largest)));
            if (name != request.id + ".json")
                throw Error("request_malformed", "cannot use the request: its id is " + request.id);
            requests.push_back(std::move(request));
        } catch (const Error& error) {
            // A disk that cannot be read now may be read later.
            if (error.cause() == "io_error" || error.cause() == "file_not_found") continue;
            refused.push_back(put_aside(files_, directory_, name, error.what()));
        }
    }
    std::sort(requests.begin(), requests.end(), [](const Request& a, const Request& b) { return a.id < b.id; });
    return requests;
}

void Requests::remove(const std::string& id) {
    files_.remove_durably(directory_ + "/" + id + ".json");
}

} // namespace autodeploy
