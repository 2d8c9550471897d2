#include "installer/repository/trust_store.h"

#include "installer/repository/metadata.h"
#include "installer/repository/safe_name.h"
#include "platform/error.h"

#include <utility>

namespace autodeploy {

namespace {

// None of these ends in ".json", so no role's file can be one of them.
constexpr const char* lock_file = "/lock";
constexpr const char* record_file = "/record";
constexpr const char* forget_file = "/forget";
constexpr std::uint64_t small = 4096;
constexpr std::uint64_t largest_root = 16 * 1024 * 1024;
constexpr Milliseconds pause{100};

} // namespace

TrustStore::TrustStore(FileSystem& files, Clock& clock, std::string directory)
    : files_(files), clock_(clock), directory_(std::move(directory)) {}

std::string TrustStore::path(const std::string& role) const {
    return directory_ + "/" + safe_file_name(role) + ".json";
}

std::unique_ptr<FileLock> TrustStore::lock(Milliseconds patience) {
    files_.make_private_directory(directory_);
    const Milliseconds start = clock_.elapsed();
    while (true) {
        if (auto lock = files_.try_lock(directory_ + lock_file)) {
            finish_forgetting();
            return lock;
        }
        if (clock_.elapsed() - start >= patience)
            throw Error("trust_store_busy", "cannot use the trust store " + directory_ + ": another process holds it",
                        Retry::later);
        clock_.sleep(pause);
    }
}

std::optional<std::string> TrustStore::read(const std::string& role, std::uint64_t limit) {
    const std::optional<FileStatus> status = files_.status(path(role));
    if (!status || status->type != FileType::regular || status->size > limit) return std::nullopt;
    return files_.read(path(role), limit);
}

void TrustStore::write(const std::string& role, std::string_view bytes) {
    files_.write_durably(path(role), bytes);
}

void TrustStore::write_root(std::string_view bytes, std::int64_t version, bool forget_floors) {
    // The intention first: a crash behind the new root must not leave floors that only the old one had.
    if (forget_floors) files_.write_durably(directory_ + forget_file, std::to_string(version));
    write("root", bytes);
    if (forget_floors) finish_forgetting();
}

void TrustStore::finish_forgetting() {
    const std::string mark = directory_ + forget_file;
    if (!files_.status(mark)) return;
    const std::string version = files_.read(mark, small);
    if (std::to_string(stored_root_version()) == version) {
        files_.remove_durably(path("timestamp"));
        files_.remove_durably(path("snapshot"));
    }
    files_.remove_durably(mark);
}

std::int64_t TrustStore::stored_root_version() {
    try {
        const std::optional<std::string> root = read("root", largest_root);
        return root ? read_root(*root, "the stored root").version : 0;
    } catch (const Error& error) {
        if (error.cause() != "metadata_malformed" && error.cause() != "keyid_mismatch") throw;
        return 0;
    }
}

TrustRecord TrustStore::record() {
    TrustRecord record;
    const std::string file = directory_ + record_file;
    if (!files_.status(file)) return record;
    try {
        const Json value = parse_json(files_.read(file, small));
        record.time_floor = value.at("time_floor").integer();
        record.timestamp_version = value.at("timestamp_version").integer();
        record.timestamp_since = value.at("timestamp_since").integer();
        record.refreshed = value.at("refreshed").integer();
    } catch (const Error& error) {
        if (error.cause() != "metadata_malformed" && error.cause() != "file_too_large") throw;
        return {};
    }
    return record;
}

void TrustStore::write_record(const TrustRecord& record) {
    files_.write_durably(directory_ + record_file,
                         compact_json(Json::Object{{"refreshed", record.refreshed},
                                                   {"time_floor", record.time_floor},
                                                   {"timestamp_since", record.timestamp_since},
                                                   {"timestamp_version", record.timestamp_version}}));
}

} // namespace autodeploy
