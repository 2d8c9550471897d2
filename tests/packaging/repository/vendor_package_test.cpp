#include "packaging/repository/aix_toc.h"
#include "packaging/repository/msi_facts.h"
#include "packaging/repository/vendor_package.h"
#include "packaging/repository/vendor_platforms.h"
#include "packaging/repository/vendor_signature.h"

#include "agent/reports/tar_writer.h"
#include "platform/digest.h"
#include "platform/error.h"
#include "tests/fakes/fake_command_runner.h"
#include "tests/installer/client/windows_program.h"
#include "tests/installer/repository/certificates.h"
#include "tests/installer/repository/repository_checks.h"
#include "tests/packaging/repository/publisher.h"

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace autodeploy;

namespace {

const std::string toc = R"(0 112320260000 2
tivoli.tsm.client.api.64bit 4 R S tivoli.tsm.client.api.64bit {
tivoli.tsm.client.api.64bit 08.01.0027.0000 1 N U en_US IBM Storage Protect API
[
*prereq bos.rte 7.1.0.0
%
/usr/tivoli/tsm/client/api/bin64 2000
/usr/lib 10
INSTWORK 200 100
%
%
%
]
}
tivoli.tsm.client.ba.64bit 4 R S tivoli.tsm.client.ba.64bit {
tivoli.tsm.client.ba.64bit.base 08.01.0027.0000 1 N B en_US IBM Storage Protect Client
[
*prereq tivoli.tsm.client.api.64bit 8.1.27.0
%
/usr/tivoli 4000
%
%
%
]
tivoli.tsm.client.ba.64bit.nas 08.01.0027.0000 1 N U en_US NAS
[
%
]
tivoli.tsm.client.hsm.gpfs 08.01.0027.0000 1 N U en_US something else
[
%
]
}
)";

/// A vendor's archive for AIX on the disk of a publisher.
std::string put_archive(Publisher& publisher, const std::string& with_toc = toc) {
    TarWriter tar(1 << 20);
    if (!with_toc.empty()) tar.add("usr/sys/inst.images/.toc", with_toc);
    tar.add("usr/sys/inst.images/tivoli.tsm.client.api.64bit", "the api's image");
    tar.add("usr/sys/inst.images/tivoli.tsm.client.ba.64bit", "the client's image");
    tar.add("README.htm", "read me");
    publisher.machine.platform().files.write_durably("/root/8.1.27.0-TIV-TSMBAC-AIX.tar", tar.finish());
    return "/root/8.1.27.0-TIV-TSMBAC-AIX.tar";
}

const std::string brought = "TSMClient/ISSetupPrerequisites/";

/// One for Windows, with runtimes, read on a machine where msiinfo says what the MSI is.
VendorPackage read_windows_package(Publisher& publisher, const std::vector<Payload>& described) {
    AddRequest request;
    request.path = "/root/8.1.27.0-TIV-TSMBAC-WinX64.exe";
    request.work = "/root/reading";
    request.waived_by = "bob";
    request.waiver_reason = "nothing here is signed";
    request.prerequisites = described;
    TarWriter tar(1 << 20);
    tar.add("TSMClient/IBM Storage Protect Client.msi", "an msi");
    tar.add("TSMClient/1033.mst", "a transform");
    tar.add(brought + "{1}/vc_redist.x64.exe", windows_program());
    tar.add(brought + "{2}/spinstall.exe", "the bootstrapper of java");
    tar.add(brought + "{2}/deeper/java.msi", "java");
    publisher.machine.platform().files.write_durably(request.path, tar.finish());
    publisher.machine.disk.put("/usr/bin/msiinfo", "");
    FakeCommandRunner commands("$ /usr/bin/msiinfo export /root/reading/1.msi Property\n"
                               "Property\tValue\ns72\tl0\nProperty\tProperty\n"
                               "ProductName\tIBM Storage Protect Client\nProductVersion\t8.1.2700\n"
                               "$ /usr/bin/msiinfo suminfo /root/reading/1.msi\n"
                               "Template: x64;1033\nRevision number (UUID): {67E5}\n");
    Platform& all = publisher.machine.platform();
    Platform own{all.files, all.clock, commands, all.processes, all.services, all.host, all.settings, {}};
    return read_vendor_package(own, request);
}

const Payload* payload_at(const VendorPackage& package, const std::string& path) {
    for (const Payload& payload : package.manifest.payloads)
        if (payload.path == path) return &payload;
    return nullptr;
}

} // namespace

TEST_CASE("the vendor's file names tell the platform") {
    CHECK(vendor_platform("8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar")->platform == "linux-x86_64-deb");
    CHECK(vendor_platform("8.1.27.0-TIV-TSMBAC-LinuxX86.tar")->platform == "linux-x86_64");
    CHECK(vendor_platform("8.1.27.0-TIV-TSMBAC-LinuxPLE_DEB.tar")->platform == "linux-ppc64le-deb");
    CHECK(vendor_platform("8.1.27.0-TIV-TSMBAC-LinuxPLE.tar")->platform == "linux-ppc64le");
    CHECK(vendor_platform("8.1.27.0-TIV-TSMBAC-LinuxS390.tar")->platform == "linux-s390x");
    CHECK(vendor_platform("8.1.27.0-TIV-TSMBAC-AIX.tar.Z")->installer == "installp");
    CHECK(vendor_platform("8.1.27.0-TIV-TSMBAC-WinX64.exe")->installer == "msi");
    CHECK(vendor_platform("8.1.25.0-TIV-TSMBAC-WinX32.exe")->platform == "windows-x64");
    CHECK(vendor_platform("something.tar") == nullptr);
}

TEST_CASE("an AIX table of contents is read with levels as lslpp shows them") {
    const std::vector<AixFileset> filesets = parse_aix_toc(toc);
    REQUIRE(filesets.size() == 4);
    CHECK(filesets[0].image == "tivoli.tsm.client.api.64bit");
    CHECK(filesets[0].version == "8.1.27.0");
    CHECK(filesets[0].installed_bytes == 2010 * 512);
    CHECK(filesets[0].prerequisites == std::vector<std::string>{"*prereq bos.rte 7.1.0.0"});
    CHECK(filesets[2].name == "tivoli.tsm.client.ba.64bit.nas");
    CHECK(filesets[2].image == "tivoli.tsm.client.ba.64bit");
    CHECK(filesets[2].installed_bytes == 0);
}

TEST_CASE("a damaged AIX table of contents is refused with its line") {
    CHECK(fails([] { parse_aix_toc(""); }, "package_unreadable", "no fileset"));
    CHECK(fails([] { parse_aix_toc(toc.substr(0, 200)); }, "package_unreadable", "in the middle of an image"));
    CHECK(
        fails([] { parse_aix_toc("0 1 2\nimage 4 R S x {\nfileset 8.1 1 N U\n}\n"); }, "package_unreadable", "line 3"));
    CHECK(fails([] { parse_aix_toc("0 1 2\nimage 4 R S x {\n[\n"); }, "package_unreadable", "without a fileset"));
    CHECK(fails([] { parse_aix_toc("0 1 2\nimage\n"); }, "package_unreadable", "line 2"));
}

TEST_CASE("an MSI says its name, version and package code") {
    const std::string table =
        "Property\tValue\r\ns72\tl0\r\nProperty\tProperty\r\nProductName\tIBM Storage Protect Client\r\n"
        "ProductVersion\t8.1.2700\r\n";
    const std::string summary = "Title: Installation Database\nTemplate: x64;1033\nRevision number (UUID): {67E5}\n";
    const MsiFacts facts = msi_facts(table, summary, "client.msi");
    CHECK(facts.product_name == "IBM Storage Protect Client");
    CHECK(facts.product_version == "8.1.2700");
    CHECK(facts.package_code == "{67E5}");
    CHECK(facts.architecture == "x64");
    CHECK(fails([&] { msi_facts(table, "Title: x\n", "client.msi"); }, "package_unreadable", "client.msi"));
}

TEST_CASE("only a good signature that covers the payload counts, digests do not") {
    const std::string digests =
        "x.rpm:\n    Header SHA256 digest: OK\n    Payload SHA256 digest: OK\n    MD5 digest: OK\n";
    CHECK_FALSE(signer_in_rpmkeys_output(digests).has_value());
    CHECK(signer_in_rpmkeys_output("x.rpm:\n    Header V4 RSA/SHA256 Signature, key ID e58157a3: OK\n" + digests) ==
          "key ID e58157a3");
    CHECK_FALSE(signer_in_rpmkeys_output("    Header V4 RSA/SHA256 Signature, key ID e58157a3: NOKEY\n" + digests));
    // The payload of such an old package stands under nothing but an MD5 that nobody signed.
    CHECK_FALSE(
        signer_in_rpmkeys_output("    Header V3 RSA/SHA1 Signature, key ID 96e7c766: OK\n    MD5 digest: OK\n"));
    CHECK(signer_in_rpmkeys_output("    Header V3 RSA/SHA1 Signature, key ID 96e7c766: OK\n"
                                   "    V3 RSA/SHA1 Signature, key ID 96e7c766: OK\n    MD5 digest: OK\n") ==
          "key ID 96e7c766");
}

TEST_CASE("pinned certificates are taken apart and told by their hash") {
    const auto text = [](const std::string& path) {
        std::ifstream stream(path);
        return std::string(std::istreambuf_iterator<char>(stream), {});
    };
    const Certificates& certificates = Certificates::shared();
    const std::string two = text(certificates.authority()) + "between\n" + text(certificates.certificate("client"));
    const auto found = certificates_in(two);
    REQUIRE(found.size() == 2);
    CHECK(certificate_facts(found[0])->subject == "CN=authority");
    CHECK(certificate_facts(found[1])->sha256.size() == 64);
    CHECK(certificates_in("no certificate").empty());
    CHECK_FALSE(certificate_facts("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").has_value());
}

TEST_CASE("an AIX package is added from its own table of contents, and it is said that nothing is signed") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    const std::string path = put_archive(publisher);
    const int code = publisher.run({"add", path});
    INFO(publisher.err.str());
    REQUIRE(code == 0);
    CHECK(publisher.out.str().find("this kind of package carries no vendor signature, 3 packages, 8.1.27.0 for aix") !=
          std::string::npos);
    CHECK(publisher.out.str().find("passed over: tivoli.tsm.client.hsm.gpfs") != std::string::npos);
    const auto packages = publisher.draft().packages();
    REQUIRE(packages.size() == 1);
    const Manifest& manifest = packages[0].manifest;
    CHECK(manifest.payloads.size() == 3);
    CHECK(manifest.payloads[1].path == "usr/sys/inst.images/tivoli.tsm.client.ba.64bit");
    CHECK(manifest.payloads[1].sha256 == sha256_hex("the client's image"));
    CHECK(manifest.payloads[1].use == PayloadUse::required);
    CHECK(manifest.payloads[2].use == PayloadUse::if_installed);
    CHECK(manifest.signature.result == SignatureResult::absent);
    CHECK(manifest.entries == 4);
    const std::string target =
        "published/targets/packages/aix/" + packages[0].file.hashes.at("sha256") + ".8.1.27.0-TIV-TSMBAC-AIX.tar";
    CHECK(sha256_hex(publisher.file(target)) == packages[0].file.hashes.at("sha256"));
    CHECK(publisher.machine.disk.status("/srv/updates/" + target)->mode == 0644);
    REQUIRE(publisher.run({"release", "8.1.27.0"}) == 0);
    REQUIRE(publisher.run({"publish"}) == 0);
    CHECK(publisher.run({"verify"}) == 0);
    // The same again is nothing new; other bytes under that name are refused.
    CHECK(publisher.run({"add", path}) == 0);
    put_archive(publisher, toc + "\n");
    CHECK(publisher.refuses({"add", path}, 1, "--replace takes its place"));
    CHECK(publisher.run({"add", path, "--replace"}) == 0);
}

TEST_CASE("a 32-bit client of AIX can be published, so that there is a way back to it") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    std::string old_toc = toc;
    for (std::size_t at = old_toc.find("64bit"); at != std::string::npos; at = old_toc.find("64bit", at))
        old_toc.replace(at, 5, "32bit");
    TarWriter tar(1 << 20);
    tar.add("images/.toc", old_toc);
    tar.add("images/tivoli.tsm.client.api.32bit", "the api's image");
    tar.add("images/tivoli.tsm.client.ba.32bit", "the client's image");
    publisher.machine.platform().files.write_durably("/root/8.1.27.0-TIV-TSMBAC-AIX.tar", tar.finish());
    const int code = publisher.run({"add", "/root/8.1.27.0-TIV-TSMBAC-AIX.tar", "--way-back-only"});
    INFO(publisher.err.str());
    REQUIRE(code == 0);
    const Manifest manifest = publisher.draft().packages().at(0).manifest;
    CHECK(manifest.bits == 32);
    REQUIRE(manifest.payloads.size() == 3);
    CHECK(manifest.payloads[1].id.name == "tivoli.tsm.client.ba.32bit.base");
    CHECK(manifest.payloads[1].use == PayloadUse::required);
    CHECK(manifest.payloads[2].use == PayloadUse::if_installed);
}

TEST_CASE("a 32-bit client of Windows can be published beside the 64-bit one, so that there is a way back to it") {
    Publisher publisher;
    REQUIRE(publisher.run({"init", "--platform", "windows-x64"}) == 0);
    TarWriter tar(1 << 20);
    tar.add("TSMClient/IBM Storage Protect Client.msi", "the client's installer");
    publisher.machine.platform().files.write_durably("/root/8.1.25.0-TIV-TSMBAC-WinX32.exe", tar.finish());
    publisher.machine.disk.put("/usr/bin/msiinfo", "a program", 0755);
    publisher.commands.add("$ /usr/bin/msiinfo export /srv/updates/reading/1.msi Property\n"
                           "ProductName\tIBM Storage Protect Client\n"
                           "ProductVersion\t8.1.25.0\n"
                           "$ /usr/bin/msiinfo suminfo /srv/updates/reading/1.msi\n"
                           "Template: Intel;1033\n"
                           "Revision number (UUID): {67E5}\n");
    const int code =
        publisher.run({"add", "/root/8.1.25.0-TIV-TSMBAC-WinX32.exe", "--waive", "bob", "--reason", "a test"});
    INFO(publisher.err.str());
    REQUIRE(code == 0);
    const Manifest manifest = publisher.draft().packages().at(0).manifest;
    CHECK(manifest.platform == "windows-x64");
    CHECK(manifest.bits == 32);
    CHECK(manifest.way_back_only);
    REQUIRE(manifest.payloads.size() == 1);
    CHECK(manifest.payloads[0].id.architecture == "Intel");
}

TEST_CASE("an AIX archive without a table of contents needs one, or a manifest, and both are held against it") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    const std::string path = put_archive(publisher, "");
    CHECK(publisher.refuses({"add", path}, 1, "there is no .toc"));
    publisher.machine.disk.put("/root/toc", toc);
    CHECK(publisher.run({"add", path, "--toc", "/root/toc"}) == 0);
    const Manifest good = publisher.draft().packages().at(0).manifest;
    Manifest lying = good;
    lying.signature.result = SignatureResult::verified;
    lying.signature.signer = "somebody";
    publisher.machine.disk.put("/root/manifest.json", pretty_json(manifest_json(lying)));
    CHECK(publisher.run({"add", path, "--manifest", "/root/manifest.json"}) == 0);
    CHECK(publisher.draft().packages().at(0).manifest == good);
    lying.payloads[0].sha256[0] = lying.payloads[0].sha256[0] == '0' ? '1' : '0';
    publisher.machine.disk.put("/root/manifest.json", pretty_json(manifest_json(lying)));
    CHECK(publisher.refuses({"add", path, "--manifest", "/root/manifest.json"}, 1, "another size or hash"));
    lying.payloads[0].path = "elsewhere";
    publisher.machine.disk.put("/root/manifest.json", pretty_json(manifest_json(lying)));
    CHECK(publisher.refuses({"add", path, "--manifest", "/root/manifest.json"}, 1, "not in the archive"));
}

TEST_CASE("a name that says another release than the packages in it is refused") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    put_archive(publisher);
    publisher.machine.disk.rename_durably("/root/8.1.27.0-TIV-TSMBAC-AIX.tar", "/root/8.1.28.0-TIV-TSMBAC-AIX.tar");
    CHECK(publisher.refuses({"add", "/root/8.1.28.0-TIV-TSMBAC-AIX.tar"}, 1, "its name says 8.1.28.0"));
    CHECK(publisher.refuses({"add", "/root/unknown.tar"}, 1, "no such file"));
    publisher.machine.disk.put("/root/unknown.tar", "x");
    CHECK(publisher.refuses({"add", "/root/unknown.tar"}, 1, "expected a vendor's file name"));
}

TEST_CASE("runtimes that a package for Windows brings are known by themselves, or passed over, or described by hand") {
    Publisher publisher;
    const VendorPackage package = read_windows_package(publisher, {});
    const Payload* runtime = payload_at(package, brought + "{1}/vc_redist.x64.exe");
    REQUIRE(runtime != nullptr);
    CHECK(runtime->use == PayloadUse::prerequisite);
    CHECK(runtime->id.version == "14.38.33130");
    CHECK(runtime->sha256 == sha256_hex(windows_program()));
    REQUIRE(runtime->how.has_value());
    CHECK(runtime->how->kind == PrerequisiteKind::vc_redist);
    CHECK(payload_at(package, "TSMClient/1033.mst")->use == PayloadUse::support);
    CHECK(payload_at(package, brought + "{2}/spinstall.exe") == nullptr);
    CHECK(payload_at(package, brought + "{2}/deeper/java.msi") == nullptr);
    CHECK(manifest_from_json(manifest_json(package.manifest)) == package.manifest);
    const auto says = [](const VendorPackage& read, const std::string& note) {
        return std::find(read.notes.begin(), read.notes.end(), note) != read.notes.end();
    };
    CHECK(says(package, "installed before the client where it is missing or older: Microsoft Visual C++ 2015-2022 "
                        "Redistributable (x64) 14.38.33130 (" +
                            runtime->path + ")"));
    CHECK(says(package, "passed over: " + brought +
                            "{2}/spinstall.exe, as it is not known how it is installed; where clients need it first, "
                            "describe it with --prerequisites FILE"));

    Payload java;
    java.path = brought + "{2}/spinstall.exe";
    java.id = {"IBM Java", "8.0.8.20", "x64"};
    java.how = Prerequisite{PrerequisiteKind::spinstall, {"HKLM64\\SOFTWARE\\IBM"}, "", "", "Version", {}};
    const VendorPackage with_java = read_windows_package(publisher, {java});
    const Payload* described = payload_at(with_java, java.path);
    REQUIRE(described != nullptr);
    CHECK(described->use == PayloadUse::prerequisite);
    CHECK(described->id == java.id);
    CHECK(described->sha256 == sha256_hex("the bootstrapper of java"));
    // What lies beside and below it goes with it.
    REQUIRE(payload_at(with_java, brought + "{2}/deeper/java.msi") != nullptr);
    CHECK(payload_at(with_java, brought + "{2}/deeper/java.msi")->use == PayloadUse::support);
    java.path = brought + "{3}/spinstall.exe";
    CHECK(
        fails([&] { read_windows_package(publisher, {java}); }, "payload_mismatch", "that was described is not in it"));
}

TEST_CASE("a waiver needs a name and a reason") {
    Publisher publisher;
    REQUIRE(publisher.run({"init"}) == 0);
    const std::string path = put_archive(publisher);
    CHECK(publisher.refuses({"add", path, "--waive", "bob"}, 2, "both --waive NAME and --reason TEXT"));
    CHECK(publisher.refuses({"add", path, "--reason", "because"}, 2, "both --waive NAME and --reason TEXT"));
}
