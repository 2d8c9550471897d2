// Covers installer/package/archive.cpp
// Covers installer/package/dictionary_need.cpp
// Covers installer/package/seven_zip.cpp
#include "installer/package/staging.h"
#include "platform/digest.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fuzz/fuzz.h"

#include <optional>
#include <set>

using namespace autodeploy;

namespace {

const std::set<std::string> known_causes{"archive_refused",  "archive_damaged", "archive_unknown",
                                         "payload_mismatch", "payload_missing", "target_mismatch"};

/// Wants everything.
class Everything final : public MemberSink {
  public:
    bool begin(const ArchiveMember& member) override {
        fuzz::require(!unsafe_member_name(member.path));
        fuzz::require(paths_.insert(member.path).second && !open_);
        open_ = true;
        return true;
    }
    void write(std::string_view bytes) override {
        fuzz::require(open_);
        bytes_ += bytes.size();
        touched_ += bytes.empty() ? 0 : unsigned(bytes.front()) + unsigned(bytes.back());
    }
    void end() override {
        fuzz::require(open_);
        open_ = false;
    }
    std::uint64_t bytes() const { return bytes_; }

  private:
    std::set<std::string> paths_;
    std::uint64_t bytes_ = 0;
    unsigned touched_ = 0; ///< every piece can be read
    bool open_ = false;
};

StageRequest request_for(std::string_view bytes) {
    StageRequest request;
    request.archive = "/state/package";
    request.sha256 = sha256_hex(bytes);
    request.length = bytes.size();
    request.directory = "/state/staging";
    for (const auto& [path, content] : {std::pair{"pkg/a.rpm", "hello"}, std::pair{"b", ""}}) {
        Payload payload;
        payload.path = path;
        payload.sha256 = sha256_hex(content);
        payload.size = std::string_view(content).size();
        payload.id = {path, "1", ""};
        request.manifest.payloads.push_back(payload);
    }
    request.installed = std::vector<std::string>{"pkg/a.rpm"};
    request.manifest.payloads[1].use = PayloadUse::if_installed;
    request.manifest.release = {8, 1, 27, 0};
    request.manifest.product = "client";
    request.manifest.platform = "linux";
    request.manifest.installer = "rpm";
    request.manifest.entries = 16;
    request.manifest.unpacked_bytes = 1 << 20;
    request.limits.dictionary_bytes = 8 << 20;
    return request;
}

/// Of an archive with the hash that was signed. What is in its files is looked at right before they are used.
void check_staged(FakeFileSystem& files, const StageRequest& request, const StagedRelease& staged) {
    fuzz::require(files.list("/state/staging/payloads").size() == 1);
    fuzz::require(find_staged(files, request.directory) == staged);
    const bool right = files.content("/state/staging/payloads/pkg/a.rpm") == "hello";
    try {
        reverify(files, staged);
        fuzz::require(right);
    } catch (const Error& error) {
        fuzz::require(!right && error.cause() == "payload_mismatch");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    FakeFileSystem files;
    files.put("/state/package", bytes, 0600);
    const StageRequest request = request_for(bytes);
    std::optional<StagedRelease> staged;
    try {
        staged = stage(files, request);
    } catch (const Error& error) {
        fuzz::require(known_causes.contains(error.cause()));
        fuzz::require(!files.status(request.directory));
    }
    if (staged) check_staged(files, request, *staged);
    ArchiveLimits limits = request.limits;
    limits.entries = 16;
    limits.unpacked_bytes = 1 << 20;
    Everything everything;
    try {
        const ArchiveTotals totals = read_archive(*files.reader("/state/package"), "package", limits, everything);
        fuzz::require(totals.sha256 == request.sha256 && totals.bytes == size);
        fuzz::require(totals.unpacked_bytes == everything.bytes() && totals.entries <= 16);
    } catch (const Error& error) {
        fuzz::require(known_causes.contains(error.cause()));
    }
    fuzz::require(everything.bytes() <= limits.unpacked_bytes);
    return 0;
}
