#include "installer/repository/partial_file.h"

#include "installer/json_fields.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

constexpr std::uint64_t keep_every = std::uint64_t(32) << 20;
constexpr std::size_t buffer_size = 128 << 10;
constexpr std::uint64_t record_limit = 16384;

struct PartRecord {
    std::string path;
    std::uint64_t length = 0;
    std::map<std::string, std::string> hashes;
    std::vector<std::string> sources;
    std::string validator;
    std::uint64_t kept = 0; ///< bytes of the part that have reached the disk
    std::string sha256;     ///< of those
};

template<Like<PartRecord> T> void fields(T& record, auto&& visit) {
    visit("path", record.path);
    visit("length", record.length);
    visit("hashes", record.hashes);
    visit("sources", record.sources);
    visit("validator", record.validator);
    visit("kept", record.kept);
    visit("sha256", record.sha256);
}

std::string beside(const std::string& destination, const std::string& ending) {
    const std::size_t name = destination.find_last_of("/\\") + 1;
    return destination.substr(0, name) + "." + destination.substr(name) + ending;
}

} // namespace

PartialFile::PartialFile(FileSystem& files, const TargetFile& target, const std::string& remote_path,
                         const std::string& destination)
    : files_(files), target_(target), remote_path_(remote_path), destination_(destination),
      part_path_(beside(destination, ".part")), record_path_(beside(destination, ".part.json")),
      digests_(target.hashes) {
    try {
        take_up();
    } catch (const Error& error) {
        // A record that cannot be read, a part that is gone: then there is simply nothing to go on with.
        if (error.cause() != "metadata_malformed" && error.cause() != "file_not_found" &&
            error.cause() != "file_too_large")
            throw;
        forget();
    }
}

void PartialFile::take_up() {
    PartRecord record;
    from_json(parse_json(files_.read(record_path_, record_limit)), record);
    const bool same = record.path == remote_path_ && record.length == target_.length && record.hashes == target_.hashes;
    if (!same || record.kept == 0 || record.kept > target_.length) return forget();

    const auto reader = files_.reader(part_path_);
    std::string buffer(buffer_size, '\0');
    std::uint64_t left = record.kept;
    while (left > 0) {
        const std::size_t got = reader->read(buffer.data(), std::size_t(std::min<std::uint64_t>(left, buffer.size())));
        if (got == 0) return forget();
        digests_.update(std::string_view(buffer).substr(0, got));
        left -= got;
    }
    if (digests_.sha256_so_far() != record.sha256) return forget();
    size_ = kept_ = record.kept;
    validator_ = record.validator;
    sources_ = record.sources;
}

void PartialFile::forget() {
    writer_.reset();
    digests_.reset();
    size_ = kept_ = 0;
    validator_.clear();
    sources_.clear();
    one_piece_ = false;
    // The record goes first: it must never vouch for bytes of another beginning.
    files_.remove_durably(record_path_);
    files_.remove_durably(part_path_);
}

std::string PartialFile::validator(const std::string& source) const {
    return !sources_.empty() && sources_.back() == source ? validator_ : "";
}

void PartialFile::begin(std::uint64_t offset, const std::string& source, const std::string& validator) {
    if (offset != size_ && offset != 0)
        throw WrongBytes("transport_failed", "cannot go on with " + remote_path_ + ": " + source +
                                                 " gives bytes from " + std::to_string(offset) + ", " +
                                                 std::to_string(size_) + " was asked for");
    if (offset == 0) forget();
    one_piece_ = offset == 0;
    if (!writer_) {
        writer_ = files_.writer(part_path_, offset == 0 ? WriteMode::truncate : WriteMode::append);
        writer_->cut(offset);
    }
    std::erase(sources_, source);
    sources_.push_back(source);
    validator_ = validator;
}

void PartialFile::write(std::string_view bytes) {
    if (bytes.size() > target_.length - size_)
        throw WrongBytes("target_mismatch", "cannot accept " + remote_path_ + ": more than the signed " +
                                                std::to_string(target_.length) + " bytes arrive");
    writer_->write(bytes);
    digests_.update(bytes);
    size_ += bytes.size();
    if (size_ - kept_ >= keep_every) keep();
}

void PartialFile::keep() {
    if (!writer_ || size_ == kept_) return;
    writer_->sync();
    const PartRecord record{remote_path_, target_.length, target_.hashes,          sources_,
                            validator_,   size_,          digests_.sha256_so_far()};
    files_.write_durably(record_path_, compact_json(to_json(record)));
    kept_ = size_;
}

void PartialFile::drop() {
    forget();
}

bool PartialFile::is_whole() const {
    return size_ == target_.length && digests_.match();
}

void PartialFile::remove_leftovers(FileSystem& files, const std::string& destination) {
    for (const char* ending : {".part.json", ".part"})
        if (files.status(beside(destination, ending))) files.remove_durably(beside(destination, ending));
}

void PartialFile::move_to_destination() {
    if (!writer_) writer_ = files_.writer(part_path_, size_ == 0 ? WriteMode::truncate : WriteMode::append);
    writer_->cut(size_);
    writer_->sync();
    writer_.reset();
    files_.rename_durably(part_path_, destination_);
    files_.remove_durably(record_path_);
}

} // namespace autodeploy
