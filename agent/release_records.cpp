#include "agent/release_records.h"

#include "agent/reports/json_members.h"
#include "installer/json.h"
#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

ReleaseRecords::ReleaseRecords(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}

std::map<std::string, ReleaseRecord> ReleaseRecords::all() const {
    std::map<std::string, ReleaseRecord> records;
    try {
        if (!files_.status(path_)) return records;
        const Json json = parse_json(files_.read(path_, 1 << 20));
        for (const auto& [release, value] : json.at("releases").object())
            records[release] = {texts_member(value, "failed"), number_member(value, "last_failed_at"),
                                flag_member(value, "left")};
    } catch (const Error& error) {
        // It bounds attempts and nothing else; forgetting them costs some attempts, refusing would stop updates.
        if (error.cause() != "metadata_malformed") throw;
        records.clear();
    }
    return records;
}

ReleaseRecord ReleaseRecords::of(const std::string& release) const {
    const auto records = all();
    const auto found = records.find(release);
    return found == records.end() ? ReleaseRecord{} : found->second;
}

void ReleaseRecords::write(const std::map<std::string, ReleaseRecord>& records) {
    Json::Object releases;
    for (const auto& [release, record] : records)
        releases.emplace(
            release,
            Json::Object{{"failed", record.failed}, {"last_failed_at", record.last_failed_at}, {"left", record.left}});
    files_.write_durably(path_, pretty_json(Json::Object{{"format", 1}, {"releases", releases}}) + "\n");
}

void ReleaseRecords::failed(const std::string& release, const std::string& deployment, UnixTime at) {
    auto records = all();
    ReleaseRecord& record = records[release];
    if (std::find(record.failed.begin(), record.failed.end(), deployment) != record.failed.end()) return;
    record.failed.push_back(deployment);
    record.last_failed_at = at;
    write(records);
}

void ReleaseRecords::left(const std::string& release) {
    auto records = all();
    if (std::exchange(records[release].left, true)) return;
    write(records);
}

void ReleaseRecords::clear(const std::string& release) {
    auto records = all();
    if (records.empty()) return;
    if (release.empty())
        records.clear();
    else if (records.erase(release) == 0)
        return;
    write(records);
}

UnixTime next_attempt_at(const ReleaseRecord& record, const RetrySettings& settings) {
    if (record.failed.empty()) return 0;
    Seconds pause = settings.pause;
    for (std::size_t count = 1; count < record.failed.size() && pause < settings.longest_pause; ++count)
        pause *= 2;
    return record.last_failed_at + std::min(pause, settings.longest_pause).count();
}

} // namespace autodeploy
