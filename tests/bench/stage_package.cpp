// The agent's way of staging one update package, as a program of its own that can be timed:
//   stage_package describe ARCHIVE                         prints what signed metadata would say of it
//   stage_package stage ARCHIVE DESCRIPTION DIRECTORY [DICTIONARY_BYTES [--peak]]
#include "installer/package/staging.h"
#include "platform/digest.h"
#include "platform/error.h"
#include "platform/platform.h"

#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace autodeploy;

constexpr std::uint64_t largest_description = 16 << 20;

/// Hashes every file of the archive.
class Describing final : public MemberSink {
  public:
    std::vector<Payload> payloads;
    bool begin(const ArchiveMember& member) override {
        payloads.emplace_back();
        payloads.back().path = member.path;
        payloads.back().id = {"package" + std::to_string(payloads.size()), "1-1", "x86_64"};
        hash_ = std::make_unique<Sha256>();
        return true;
    }
    void write(std::string_view bytes) override {
        payloads.back().size += bytes.size();
        hash_->update(bytes.data(), bytes.size());
    }
    void end() override { payloads.back().sha256 = hash_->hex(); }

  private:
    std::unique_ptr<Sha256> hash_;
};

int describe(FileSystem& files, const std::string& archive) {
    Describing sink;
    ArchiveLimits limits;
    limits.dictionary_bytes = std::uint64_t(1) << 30;
    const auto file = files.reader(archive);
    const ArchiveTotals totals = read_archive(*file, archive, limits, sink, {});
    Manifest manifest;
    manifest.product = "backup-archive-client";
    manifest.release = *parse_client_version("8.1.27.0");
    manifest.platform = "linux-x86_64";
    manifest.installer = "rpm";
    manifest.payloads = sink.payloads;
    manifest.signature.result = SignatureResult::absent;
    manifest.entries = totals.entries;
    manifest.unpacked_bytes = totals.unpacked_bytes;
    std::cout << pretty_json(Json::Object{
        {"sha256", totals.sha256}, {"length", file->status().size}, {"manifest", manifest_json(manifest)}});
    return 0;
}

/// Kilobytes that this process held at most.
std::string most_memory(FileSystem& files) {
    const std::string status = files.read("/proc/self/status", 65536);
    const std::size_t at = status.find_first_of("0123456789", status.find("VmHWM:"));
    return status.substr(at, status.find_first_not_of("0123456789", at) - at);
}

int stage_it(FileSystem& files, const std::vector<std::string>& arguments) {
    const Json description = parse_json(files.read(arguments[2], largest_description));
    StageRequest request;
    request.archive = arguments[1];
    request.sha256 = description.at("sha256").string();
    request.length = std::uint64_t(description.at("length").integer());
    request.manifest = manifest_from_json(description.at("manifest"));
    request.directory = arguments[3];
    if (arguments.size() > 4) request.limits.dictionary_bytes = std::stoull(arguments[4]);
    stage(files, request);
    if (arguments.size() > 5 && arguments[5] == "--peak") std::cout << most_memory(files) << "\n";
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        const auto machine = native_platform("/var/lib/autodeploy");
        FileSystem& files = machine->platform().files;
        if (arguments.size() == 2 && arguments[0] == "describe") return describe(files, arguments[1]);
        if (arguments.size() > 3 && arguments[0] == "stage") return stage_it(files, arguments);
        std::cerr << "usage: stage_package describe ARCHIVE | stage ARCHIVE DESCRIPTION DIRECTORY [DICTIONARY_BYTES]\n";
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "stage_package: " << error.what() << "\n";
        return 1;
    }
}
