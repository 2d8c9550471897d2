#include "packaging/repository/vendor_package.h"

#include "installer/client/products.h"
#include "installer/package/archive.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <memory>

namespace autodeploy {

namespace {

struct PlatformName {
    std::string_view vendor;
    std::string_view ours;
    std::string_view installer;
};

// The vendor's names on the download site; longer ones first.
constexpr std::array<PlatformName, 7> platform_names{{
    {"LinuxX86_DEB", "linux-x86_64-deb", "dpkg"},
    {"LinuxX86", "linux-x86_64", "rpm"},
    {"LinuxPLE_DEB", "linux-ppc64le-deb", "dpkg"},
    {"LinuxPLE", "linux-ppc64le", "rpm"},
    {"LinuxS390", "linux-s390x", "rpm"},
    {"WinX64", "windows-x64", "msi"},
    {"AIX", "aix", "installp"},
}};

const PlatformName* find_platform(const std::string& name) {
    for (const PlatformName& platform : platform_names)
        if (name.find("-" + std::string(platform.vendor)) != std::string::npos) return &platform;
    return nullptr;
}

std::string base_name(const std::string& path) {
    return path.substr(path.find_last_of('/') + 1);
}

/// Unpacks the native packages, flat, into the work folder.
class PackageCollector : public MemberSink {
  public:
    PackageCollector(FileSystem& files, std::string directory, std::string ending)
        : files_(files), directory_(std::move(directory)), ending_(std::move(ending)) {}

    struct Found {
        std::string member;
        std::string path;
    };
    std::vector<Found> found;

    bool begin(const ArchiveMember& member) override {
        const std::string name = base_name(member.path);
        if (!name.ends_with(ending_) || name.find("_pd.") != std::string::npos) return false; // *_pd: debug variants
        found.push_back({member.path, directory_ + "/" + std::to_string(found.size()) + ending_});
        writer_ = files_.writer(found.back().path, WriteMode::truncate);
        return true;
    }
    void write(std::string_view bytes) override { writer_->write(bytes); }
    void end() override { writer_.reset(); }

  private:
    FileSystem& files_;
    std::string directory_;
    std::string ending_;
    std::unique_ptr<FileWriter> writer_;
};

/// Whether rpm finds a good signature of one of the signers; the signer's key id as rpm says it.
std::optional<std::string> rpm_signer(Platform& platform, const std::string& path, const std::string& work,
                                      const std::vector<std::string>& signers) {
    if (signers.empty()) return std::nullopt;
    const std::string database = work + "/signers";
    Command import;
    import.program = "/usr/bin/rpmkeys";
    import.arguments = {"--dbpath", database, "--import"};
    import.arguments.insert(import.arguments.end(), signers.begin(), signers.end());
    if (!platform.files.status(database)) {
        platform.files.make_private_directory(database);
        if (const CommandResult result = platform.commands.run(import); !result.succeeded())
            throw Error("signature_missing", "cannot read the pinned signers: " + result.error + result.output);
    }
    Command check;
    check.program = "/usr/bin/rpmkeys";
    check.arguments = {"--dbpath", database, "--checksig", "--verbose", path};
    const CommandResult result = platform.commands.run(check);
    if (!result.succeeded()) return std::nullopt;
    const std::size_t line = result.output.find("Signature, key ID ");
    if (line == std::string::npos) return std::nullopt; // digests only: anybody could have made them
    const std::size_t begin = line + 18;
    const std::size_t end = result.output.find(':', begin);
    if (result.output.substr(end, 4) != ": OK") return std::nullopt;
    return result.output.substr(begin, end - begin);
}

VendorSignature judge_signatures(Platform& platform, const std::string& installer,
                                 const std::vector<PackageCollector::Found>& found, const std::string& work,
                                 const SignaturePolicyForAdding& policy) {
    VendorSignature signature;
    if (installer == "dpkg") return signature; // debs carry none
    bool all_good = true;
    std::string first_bad;
    for (const PackageCollector::Found& package : found) {
        if (const auto signer = rpm_signer(platform, package.path, work, policy.signers)) {
            signature.signer = *signer;
        } else {
            all_good = false;
            if (first_bad.empty()) first_bad = package.member;
        }
    }
    if (all_good) {
        signature.result = SignatureResult::verified;
        return signature;
    }
    if (policy.waived_by.empty() || policy.waiver_reason.empty())
        throw Error("signature_missing",
                    "cannot add the package: " + first_bad +
                        " has no good signature of a pinned signer; give the vendor's public keys "
                        "with --signer FILE, or let somebody answer for it with --waive NAME --reason TEXT");
    signature.result = SignatureResult::waived;
    signature.signer.clear();
    signature.waived_by = policy.waived_by;
    signature.waiver_reason = policy.waiver_reason;
    return signature;
}

Payload payload_of(const PackageFile& file, const std::string& member, std::uint64_t size,
                   const std::string& installer) {
    Payload payload;
    payload.path = member;
    payload.sha256 = file.sha256;
    payload.size = size;
    payload.id = file.id;
    payload.digest = file.digest;
    payload.installed_bytes = file.installed_bytes;
    const ClientPackageRow* row = find_client_package(installer, file.id.name);
    if (row == nullptr)
        throw Error("package_unreadable", "cannot add the package: " + member + " holds " + file.id.name +
                                              ", which is not known to belong to the backup-archive client");
    payload.shared = row->part == PackagePart::shared;
    const std::string& name = file.id.name;
    const bool needed = row->part == PackagePart::main || row->part == PackagePart::shared || name == "TIVsm-API64" ||
                        name == "tivsm-api64";
    payload.use = needed ? PayloadUse::required : PayloadUse::if_installed;
    return payload;
}

} // namespace

std::optional<std::string> platform_of_file_name(const std::string& name) {
    const PlatformName* platform = find_platform(name);
    return platform == nullptr ? std::nullopt : std::optional<std::string>(platform->ours);
}

VendorPackage read_vendor_package(Platform& platform, const std::string& path, const std::string& work,
                                  const SignaturePolicyForAdding& policy) {
    const PlatformName* name = find_platform(base_name(path));
    const auto release = parse_file_name_version(base_name(path));
    if (name == nullptr || !release)
        throw Error("platform_unknown", "cannot add " + path +
                                            ": expected a vendor's file name such as "
                                            "8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar");
    if (name->installer != "dpkg" && name->installer != "rpm")
        throw Error("platform_unknown",
                    "cannot read the packages in " + path + " here: give their description with --manifest FILE");
    NativeInstaller& installer = platform.installer(std::string(name->installer));
    platform.files.remove_tree(work);
    platform.files.make_private_directory(work);
    PackageCollector collector(platform.files, work, name->installer == "dpkg" ? ".deb" : ".rpm");
    const std::unique_ptr<FileReader> reader = platform.files.reader(path);
    const ArchiveTotals totals = read_archive(*reader, path, ArchiveLimits{}, collector);

    VendorPackage package;
    package.platform = name->ours;
    package.sha256 = totals.sha256;
    package.length = totals.bytes;
    Manifest& manifest = package.manifest;
    manifest.product = "backup-archive-client";
    manifest.release = *release;
    manifest.platform = package.platform;
    manifest.installer = name->installer;
    manifest.entries = totals.entries;
    manifest.unpacked_bytes = totals.unpacked_bytes;
    bool has_client = false;
    for (const PackageCollector::Found& found : collector.found) {
        const PackageFile file = installer.describe(found.path);
        manifest.payloads.push_back(
            payload_of(file, found.member, platform.files.status(found.path)->size, manifest.installer));
        const ClientPackageRow* row = find_client_package(manifest.installer, file.id.name);
        if (row->part != PackagePart::main) continue;
        has_client = true;
        if (parse_package_version(file.id.version) != release)
            throw Error("package_unreadable", "cannot add " + path + ": its name says " + text(*release) + ", but " +
                                                  found.member + " in it is " + file.id.version);
    }
    if (!has_client)
        throw Error("package_unreadable", "cannot add " + path + ": there is no package of the client in it");
    manifest.signature = judge_signatures(platform, manifest.installer, collector.found, work, policy);
    platform.files.remove_tree(work);
    return package;
}

} // namespace autodeploy
