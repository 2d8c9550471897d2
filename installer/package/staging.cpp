#include "installer/package/staging.h"

#include "installer/contains.h"
#include "installer/package/choose_packages.h"
#include "platform/digest.h"
#include "platform/error.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace autodeploy {

namespace {

constexpr std::uint64_t record_limit = 4 << 20;
constexpr int record_format = 1;

std::string record_path(const std::string& directory) {
    return directory + "/staged.json";
}

std::string payloads_directory(const std::string& directory) {
    return directory + "/payloads";
}

/// The files to be written, by path: several packages of one file stand once.
std::map<std::string, const Payload*> wanted_payloads(const StageRequest& request) {
    std::map<std::string, const Payload*> wanted;
    for (const Payload& payload : request.manifest.payloads)
        if (payload.use != PayloadUse::if_installed || !request.installed ||
            has_place(request.manifest, payload, *request.installed))
            wanted.emplace(payload.path, &payload);
    return wanted;
}

Error mismatch(const std::string& path, const std::string& what) {
    return Error("payload_mismatch", "cannot use " + path + ": " + what);
}

/// Writes what is wanted, and nothing else, below a private directory.
class PayloadSink final : public MemberSink {
  public:
    PayloadSink(FileSystem& files, const std::string& archive, const std::string& directory,
                const std::map<std::string, const Payload*>& wanted)
        : files_(files), archive_(archive), directory_(directory), wanted_(wanted) {}

    bool begin(const ArchiveMember& member) override {
        const auto found = wanted_.find(member.path);
        if (found == wanted_.end()) return false;
        payload_ = found->second;
        if (member.size != 0 && member.size != payload_->size) refuse_size(member.size);
        make_directories(member.path);
        writer_ = files_.writer(directory_ + "/" + member.path, WriteMode::truncate);
        size_ = 0;
        return true;
    }

    void write(std::string_view bytes) override {
        size_ += bytes.size();
        if (size_ > payload_->size) refuse_size(size_);
        writer_->write(bytes);
    }

    void end() override {
        writer_.reset();
        if (size_ != payload_->size) refuse_size(size_);
        written_.push_back(payload_->path);
    }

    void link(const std::string& path) override {
        if (wanted_.contains(path)) throw mismatch(place_of(path), "the archive has a link in its place");
    }

    /// Sorted.
    std::vector<std::string> written() const {
        std::vector<std::string> sorted = written_;
        std::sort(sorted.begin(), sorted.end());
        return sorted;
    }

  private:
    [[noreturn]] void refuse_size(std::uint64_t found) const {
        throw mismatch(place_of(payload_->path), "it has " + std::to_string(found) +
                                                     " bytes or more, the manifest says " +
                                                     std::to_string(payload_->size));
    }

    std::string place_of(const std::string& path) const { return path + " in " + archive_; }

    void make_directories(const std::string& path) {
        for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
            if (made_.insert(path.substr(0, slash)).second)
                files_.make_directory(directory_ + "/" + path.substr(0, slash));
    }

    FileSystem& files_;
    const std::string& archive_;
    const std::string& directory_;
    const std::map<std::string, const Payload*>& wanted_;
    std::set<std::string> made_;
    std::vector<std::string> written_;
    const Payload* payload_ = nullptr;
    std::unique_ptr<FileWriter> writer_;
    std::uint64_t size_ = 0;
};

void check_room(FileSystem& files, const StageRequest& request, const std::map<std::string, const Payload*>& wanted) {
    std::uint64_t need = request.spare_bytes;
    for (const auto& [path, payload] : wanted)
        need += payload->size;
    const std::uint64_t free = files.free_bytes(request.directory);
    if (need > free)
        throw Error("disk_full",
                    "cannot unpack " + request.archive + " to " + request.directory + ": it needs " +
                        std::to_string(need) + " bytes with what is to be left free, and " + std::to_string(free) +
                        " are free; make room there",
                    Retry::later);
}

StagedRelease unpack(FileSystem& files, const StageRequest& request,
                     const std::map<std::string, const Payload*>& wanted) {
    const std::unique_ptr<FileReader> archive = files.reader(request.archive);
    const std::uint64_t length = archive->status().size;
    if (length != request.length)
        throw Error("target_mismatch", "cannot use " + request.archive + ": it has " + std::to_string(length) +
                                           " bytes, its signed metadata says " + std::to_string(request.length));
    ArchiveLimits limits = request.limits;
    limits.entries = std::min(limits.entries, request.manifest.entries);
    limits.unpacked_bytes = std::min(limits.unpacked_bytes, request.manifest.unpacked_bytes);

    const std::string directory = payloads_directory(request.directory);
    files.make_private_directory(directory);
    PayloadSink sink(files, request.archive, directory, wanted);
    std::function<void(std::uint64_t)> progress;
    if (request.progress) progress = [&](std::uint64_t bytes) { request.progress(bytes, length); };
    const ArchiveTotals totals = read_archive(*archive, request.archive, limits, sink, progress);
    if (totals.sha256 != request.sha256)
        throw Error("target_mismatch", "cannot use " + request.archive + ": its SHA-256 is " + totals.sha256 +
                                           ", its signed metadata says " + request.sha256);
    StagedRelease staged{request.directory, request.manifest, sink.written()};
    for (const auto& [path, payload] : wanted)
        if (!contains(staged.paths, path))
            throw Error("payload_missing", "cannot use " + request.archive + ": the payload " + path +
                                               " that its manifest names is not in it");
    // All at the end: the disk has been writing meanwhile, and each waits for less.
    for (const std::string& path : staged.paths)
        files.writer(payload_path(staged, path), WriteMode::append)->sync();
    return staged;
}

void write_record(FileSystem& files, const StagedRelease& staged) {
    Json record;
    record["format"] = record_format;
    record["manifest"] = manifest_json(staged.manifest);
    record["paths"] = staged.paths;
    files.write_durably(record_path(staged.directory), pretty_json(record));
}

const Payload& payload_of(const StagedRelease& staged, const std::string& path) {
    for (const Payload& payload : staged.manifest.payloads)
        if (payload.path == path) return payload;
    throw Error("payload_missing", "cannot use " + staged.directory + ": its record names " + path +
                                       ", which its manifest does not know; stage the release again");
}

constexpr const char* thrown_away = "; the next attempt unpacks the release anew";

void verify_payload(FileSystem& files, const StagedRelease& staged, const std::string& path,
                    std::vector<char>& buffer) {
    const Payload& payload = payload_of(staged, path);
    const std::string place = payload_path(staged, path);
    const std::unique_ptr<FileReader> reader = files.reader_below(payloads_directory(staged.directory), path);
    Sha256 hash;
    std::uint64_t size = 0;
    while (const std::size_t count = reader->read(buffer.data(), buffer.size())) {
        hash.update(buffer.data(), count);
        size += count;
    }
    if (size != payload.size)
        throw mismatch(place, "it has " + std::to_string(size) + " bytes, the manifest says " +
                                  std::to_string(payload.size) + thrown_away);
    const std::string found = hash.hex();
    if (found != payload.sha256)
        throw mismatch(place, "its SHA-256 is " + found + ", the manifest says " + payload.sha256 + thrown_away);
}

} // namespace

std::string payload_path(const StagedRelease& staged, const std::string& path) {
    return payloads_directory(staged.directory) + "/" + path;
}

StagedRelease stage(FileSystem& files, const StageRequest& request) {
    const std::map<std::string, const Payload*> wanted = wanted_payloads(request);
    discard_staged(files, request.directory);
    check_room(files, request, wanted);
    try {
        files.make_private_directory(request.directory);
        const StagedRelease staged = unpack(files, request, wanted);
        write_record(files, staged);
        return staged;
    } catch (...) {
        try {
            discard_staged(files, request.directory);
        } catch (...) { // the first failure is the one to tell
        }
        throw;
    }
}

std::optional<StagedRelease> find_staged(FileSystem& files, const std::string& directory) {
    try {
        const Json record = parse_json(files.read(record_path(directory), record_limit));
        if (record.at("format").integer() != record_format) return std::nullopt;
        StagedRelease staged{directory, manifest_from_json(record.at("manifest")), {}};
        for (const Json& path : record.at("paths").array()) {
            const std::optional<FileStatus> status = files.status(payload_path(staged, path.string()));
            if (!status || status->type != FileType::regular || status->size != payload_of(staged, path.string()).size)
                return std::nullopt;
            staged.paths.push_back(path.string());
        }
        return staged;
    } catch (const Error&) { // not there, torn, or of another version: not finished
        return std::nullopt;
    }
}

void reverify(FileSystem& files, const StagedRelease& staged) {
    try {
        files.make_private_directory(payloads_directory(staged.directory));
    } catch (const Error& error) {
        if (error.cause() != "access_denied") throw;
        throw Error("staging_insecure", "cannot use the packages in " + staged.directory +
                                            ": somebody else could have written there (" + error.what() + ")");
    }
    constexpr std::size_t piece_size = 256 * 1024;
    std::vector<char> buffer(piece_size);
    for (const std::string& path : staged.paths) {
        try {
            verify_payload(files, staged, path, buffer);
        } catch (const Error& error) {
            const bool gone = error.cause() == "file_not_found";
            if (gone || error.cause() == "payload_mismatch") files.remove_durably(record_path(staged.directory));
            if (!gone) throw;
            throw Error("payload_missing", "cannot use " + payload_path(staged, path) + ": it is gone" + thrown_away);
        }
    }
}

void discard_staged(FileSystem& files, const std::string& directory) {
    // The record first: half a tree must never look finished.
    if (files.status(directory)) files.remove_durably(record_path(directory));
    files.remove_tree(directory);
}

} // namespace autodeploy
