#include "packaging/repository/vendor_package.h"

#include "installer/client/known_prerequisites.h"
#include "installer/client/products.h"
#include "installer/client/program_version.h"
#include "packaging/repository/aix_toc.h"
#include "packaging/repository/archive_inventory.h"
#include "packaging/repository/msi_facts.h"
#include "packaging/repository/vendor_platforms.h"
#include "packaging/repository/vendor_signature.h"
#include "platform/error.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace autodeploy {
namespace {

using Member = ArchiveInventory::Member;
constexpr std::uint64_t largest_toc = 4 << 20;
constexpr std::uint64_t largest_program = std::uint64_t(256) << 20;
constexpr const char* msiinfo = "/usr/bin/msiinfo";

std::string base_name(const std::string& path) {
    return path.substr(path.find_last_of('/') + 1);
}

/// With the slash; "" at the top.
std::string folder_of(const std::string& path) {
    return path.substr(0, path.find_last_of('/') + 1);
}

[[noreturn]] void unreadable(const std::string& reason) {
    throw Error("package_unreadable", "cannot add the package: " + reason);
}

Payload payload_of(const Member& member) {
    Payload payload;
    payload.path = member.path;
    payload.sha256 = member.sha256;
    payload.size = member.size;
    return payload;
}

/// An installer of Windows does not say; it is compressed about so much.
std::uint64_t unpacked_estimate(const Member& member) {
    return member.size * 3;
}

PayloadUse use_of(const ClientPackageRow& row, const std::string& name) {
    const bool needed = is_main(row) || row.part == PackagePart::shared || name == "TIVsm-API64" ||
                        name == "tivsm-api64" || name == "tivoli.tsm.client.api.64bit" || name.ends_with(".common");
    return needed ? PayloadUse::required : PayloadUse::if_installed;
}

/// One reading of one vendor's archive.
class Reading {
  public:
    Reading(Platform& platform, const AddRequest& request, const ArchiveInventory& inventory, VendorPackage& package)
        : platform_(platform), request_(request), inventory_(inventory), package_(package),
          manifest_(package.manifest) {}

    void describe_payloads() {
        if (manifest_.installer == "installp")
            describe_filesets();
        else if (manifest_.installer == "msi")
            describe_msi();
        else
            describe_native_packages();
    }

    /// The main package must be the release that the file's name says.
    void check_release() const {
        bool has_client = false;
        for (const Payload& payload : manifest_.payloads) {
            const ClientPackageRow* row = find_client_package(manifest_.installer, payload.id.name);
            if (row == nullptr || !is_main(*row)) continue;
            has_client = true;
            const auto version = parse_package_version(payload.id.version);
            // An MSI counts in three parts, in the vendor's own way: its name alone tells the release.
            if (manifest_.installer != "msi" && version != manifest_.release)
                unreadable("its name says " + text(manifest_.release) + ", but " + payload.path + " in it is " +
                           payload.id.version);
        }
        if (!has_client) unreadable("there is no package of the client in " + request_.path);
    }

    /// A manifest that was written by hand tells the truth about the archive, or is refused.
    void check_payloads() const {
        for (const Payload& payload : manifest_.payloads) {
            const Member* member = inventory_.find(payload.path);
            if (member == nullptr || member->sha256 != payload.sha256 || member->size != payload.size)
                throw Error("payload_mismatch", "cannot add the package: the manifest says of " + payload.path +
                                                    (member == nullptr ? " what is not in the archive"
                                                                       : " another size or hash than it has"));
        }
    }

    VendorSignature judge_signatures() {
        VendorSignature signature;
        if (manifest_.installer == "dpkg" || manifest_.installer == "installp") return signature; // carry none
        const std::string ending = manifest_.installer == "rpm" ? ".rpm" : ".msi";
        VendorSigners signers(platform_, request_.signers, request_.work);
        std::string first_bad;
        for (const Payload& payload : manifest_.payloads) {
            const Member* member = inventory_.find(payload.path);
            // Programs that come along are not run by us and not signed like packages, but for prerequisites.
            const bool counts = payload.path.ends_with(ending) || payload.use == PayloadUse::prerequisite;
            if (!counts || member->unpacked.empty()) continue;
            const auto signer = signers.signer_of(manifest_.installer, member->unpacked);
            if (!signer && first_bad.empty()) first_bad = payload.path;
            if (signer && signature.signer.find(*signer) == std::string::npos)
                signature.signer += (signature.signer.empty() ? "" : ", ") + *signer;
        }
        if (first_bad.empty()) {
            signature.result = SignatureResult::verified;
            return signature;
        }
        if (request_.waived_by.empty() || request_.waiver_reason.empty())
            throw Error("signature_missing",
                        "cannot add the package: " + first_bad +
                            " has no good signature of a pinned signer; put the vendor's public keys or certificates "
                            "into the folder signers of the repository or give them with --signer FILE, or let "
                            "somebody answer for it with --waive NAME --reason TEXT");
        signature.signer.clear();
        signature.result = SignatureResult::waived;
        signature.waived_by = request_.waived_by;
        signature.waiver_reason = request_.waiver_reason;
        return signature;
    }

  private:
    void describe_native_packages() {
        NativeInstaller& installer = platform_.installer(manifest_.installer);
        for (const Member& member : inventory_.members()) {
            if (member.unpacked.empty()) continue;
            if (member.path.find("_pd.") != std::string::npos) { // debug variants
                pass_over(member.path);
                continue;
            }
            const PackageFile file = installer.describe(member.unpacked);
            const ClientPackageRow* row = find_client_package(manifest_.installer, file.id.name);
            if (row == nullptr)
                unreadable(member.path + " holds " + file.id.name +
                           ", which is not known to belong to the backup-archive client");
            Payload payload = payload_of(member);
            payload.id = file.id;
            payload.digest = file.digest;
            payload.installed_bytes = file.installed_bytes;
            payload.shared = row->part == PackagePart::shared;
            payload.use = use_of(*row, file.id.name);
            if (row->part == PackagePart::main && file.id.architecture.ends_with("86") &&
                file.id.architecture.starts_with("i"))
                manifest_.bits = 32;
            manifest_.payloads.push_back(payload);
        }
    }

    void describe_filesets() {
        std::string folder;
        std::string toc = request_.toc;
        if (toc.empty()) {
            for (const Member& member : inventory_.members())
                if (base_name(member.path) == ".toc") {
                    folder = folder_of(member.path);
                    toc = platform_.files.read(member.unpacked, largest_toc);
                    break;
                }
        }
        if (toc.empty())
            unreadable("there is no .toc in " + request_.path +
                       "; make one with 'inutoc' on AIX and give it with --toc FILE, or describe the package with "
                       "--manifest FILE");
        const std::vector<AixFileset> filesets = parse_aix_toc(toc);
        // An archive with a 64-bit client is of that one, whatever else is in it.
        const bool old_set = std::none_of(filesets.begin(), filesets.end(), [](const AixFileset& fileset) {
            const ClientPackageRow* row = find_client_package("installp", fileset.name);
            return row != nullptr && row->part == PackagePart::main;
        });
        if (old_set) manifest_.bits = 32;
        for (const AixFileset& fileset : filesets) {
            const Member* image = find_image(folder, fileset.image);
            const ClientPackageRow* row = find_client_package("installp", fileset.name);
            const bool wanted = row != nullptr && (old_set || row->part == PackagePart::main ||
                                                   row->part == PackagePart::part || row->part == PackagePart::shared);
            if (image == nullptr) unreadable("the .toc names the image " + fileset.image + ", which is not there");
            if (!wanted) {
                pass_over(fileset.name);
                continue;
            }
            Payload payload = payload_of(*image);
            payload.id = {fileset.name, fileset.version, ""};
            payload.installed_bytes = fileset.installed_bytes;
            payload.shared = row->part == PackagePart::shared;
            payload.use = use_of(*row, fileset.name);
            payload.prerequisites = fileset.prerequisites;
            manifest_.payloads.push_back(payload);
        }
    }

    /// Beside the .toc; wherever it lies where the .toc came from elsewhere.
    const Member* find_image(const std::string& folder, const std::string& image) const {
        if (request_.toc.empty()) return inventory_.find(folder + image);
        for (const Member& member : inventory_.members())
            if (base_name(member.path) == image) return &member;
        return nullptr;
    }

    void describe_msi() {
        if (!platform_.files.status(msiinfo))
            throw Error("tool_missing",
                        "cannot read an MSI: " + std::string(msiinfo) + " is not there; install the package msitools");
        for (const Member& member : inventory_.members()) {
            if (member.unpacked.empty() || !member.path.ends_with(".msi") || is_below_prerequisites(member.path))
                continue;
            const MsiFacts facts = msi_facts(msi_output({"export", member.unpacked, "Property"}),
                                             msi_output({"suminfo", member.unpacked}), member.path);
            const ClientPackageRow* row = find_client_package("msi", facts.product_name);
            if (row == nullptr || row->part != PackagePart::main) {
                pass_over(member.path);
                continue;
            }
            if (!manifest_.payloads.empty()) unreadable("there are two installers of the client in " + request_.path);
            Payload payload = payload_of(member);
            payload.id = {facts.product_name, facts.product_version, facts.architecture};
            payload.digest = facts.package_code;
            payload.installed_bytes = unpacked_estimate(member);
            manifest_.bits = facts.architecture == "x64" ? 64 : 32;
            if (manifest_.bits == 32) {
                manifest_.way_back_only = true;
                package_.notes.push_back(
                    "a 32-bit client is kept for the way back only: there is nothing to go to it for");
            }
            manifest_.payloads.push_back(payload);
        }
        if (manifest_.payloads.empty()) return;
        // Cabinets, transforms, languages: all that lies beside and below the installer.
        const std::string main = manifest_.payloads.front().path;
        for (const Member& member : inventory_.members()) {
            if (member.path == main || !member.path.starts_with(folder_of(main)) || is_below_prerequisites(member.path))
                continue;
            add_support(member);
        }
        describe_prerequisites();
    }

    void add_support(const Member& member) {
        Payload payload = payload_of(member);
        payload.use = PayloadUse::support;
        manifest_.payloads.push_back(payload);
    }

    static Payload prerequisite_of(const Member& member, const PackageId& id, const Prerequisite& how,
                                   std::uint64_t installed_bytes) {
        Payload payload = payload_of(member);
        payload.use = PayloadUse::prerequisite;
        payload.id = id;
        payload.installed_bytes = installed_bytes;
        payload.how = how;
        return payload;
    }

    /// Those that the publisher describes, wherever they lie.
    std::vector<Payload> described_prerequisites() const {
        std::vector<Payload> found;
        for (const Payload& by_hand : request_.prerequisites) {
            const Member* member = inventory_.find(by_hand.path);
            if (member == nullptr)
                throw Error("payload_mismatch", "cannot add the package: the prerequisite " + by_hand.path +
                                                    " that was described is not in it");
            found.push_back(prerequisite_of(*member, by_hand.id, by_hand.how.value(), by_hand.installed_bytes));
        }
        return found;
    }

    std::optional<Payload> known_by_itself(const Member& member) const {
        if (member.unpacked.empty() || !is_below_prerequisites(member.path)) return std::nullopt;
        const std::string version =
            windows_program_version(platform_.files.read(member.unpacked, largest_program)).value_or("");
        const auto known = known_prerequisite(member.path, version);
        if (!known) return std::nullopt;
        return prerequisite_of(member, known->id, known->how, unpacked_estimate(member));
    }

    /// With one of them, all that lies beside and below it.
    void describe_prerequisites() {
        std::vector<Payload> found = described_prerequisites();
        const auto is_found = [&](const Member& member) {
            return std::any_of(found.begin(), found.end(), [&](const Payload& one) { return one.path == member.path; });
        };
        for (const Member& member : inventory_.members())
            if (!is_found(member))
                if (auto payload = known_by_itself(member)) found.push_back(std::move(*payload));
        for (const Member& member : inventory_.members()) {
            if (is_found(member) || !is_below_prerequisites(member.path)) continue;
            const bool is_beside = std::any_of(found.begin(), found.end(), [&](const Payload& one) {
                return is_below_prerequisites(one.path) && member.path.starts_with(folder_of(one.path));
            });
            if (is_beside)
                add_support(member);
            else
                pass_over(member.path + (member.unpacked.empty()
                                             ? ""
                                             : ", as it is not known how it is installed; where clients need it first, "
                                               "describe it with --prerequisites FILE"));
        }
        for (const Payload& payload : found) {
            package_.notes.push_back("installed before the client where it is missing or older: " + payload.id.name +
                                     " " + payload.id.version + " (" + payload.path + ")");
            manifest_.payloads.push_back(payload);
        }
    }

    std::string msi_output(const std::vector<std::string>& arguments) {
        Command command;
        command.program = msiinfo;
        command.arguments = arguments;
        const CommandResult result = platform_.commands.run(command);
        if (!result.succeeded()) unreadable("msiinfo cannot read an MSI in it: " + result.error);
        return result.output;
    }

    void pass_over(const std::string& what) { package_.notes.push_back("passed over: " + what); }

    Platform& platform_;
    const AddRequest& request_;
    const ArchiveInventory& inventory_;
    VendorPackage& package_;
    Manifest& manifest_;
};

std::vector<std::string> unpacked_endings(const std::string& installer) {
    if (installer == "dpkg") return {".deb"};
    if (installer == "rpm") return {".rpm"};
    if (installer == "msi") return {".msi", ".exe"};
    return {".toc"};
}

} // namespace

VendorPackage read_vendor_package(Platform& platform, const AddRequest& request) {
    VendorPackage package;
    Manifest& manifest = package.manifest;
    if (request.manifest) {
        manifest = *request.manifest;
    } else {
        const std::string name = base_name(request.path);
        const VendorPlatform* known = vendor_platform(name);
        const auto release = parse_file_name_version(name);
        if (known == nullptr || !release)
            throw Error("platform_unknown", "cannot add " + request.path +
                                                ": expected a vendor's file name such as "
                                                "8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar, or --manifest FILE");
        manifest.product = "backup-archive-client";
        manifest.release = *release;
        manifest.platform = known->platform;
        manifest.installer = known->installer;
    }

    FileSystem& files = platform.files;
    files.remove_tree(request.work);
    files.make_private_directory(request.work);
    ArchiveInventory inventory(files, request.work, unpacked_endings(manifest.installer));
    const std::unique_ptr<FileReader> reader = files.reader(request.path);
    const ArchiveTotals totals = read_archive(*reader, request.path, ArchiveLimits{}, inventory);
    package.sha256 = totals.sha256;
    package.length = totals.bytes;
    manifest.entries = totals.entries;
    manifest.unpacked_bytes = totals.unpacked_bytes;

    Reading reading(platform, request, inventory, package);
    if (!request.prerequisites.empty() && (request.manifest || manifest.installer != "msi"))
        throw Error("usage", "--prerequisites is for packages for Windows, and not beside --manifest");
    if (!request.manifest) {
        reading.describe_payloads();
        reading.check_release();
    }
    reading.check_payloads();
    manifest.signature = reading.judge_signatures();
    files.remove_tree(request.work);
    return package;
}

} // namespace autodeploy
