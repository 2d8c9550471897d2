#include "tests/installer/package/example_manifest.h"

#include "platform/digest.h"

namespace autodeploy {

Manifest example_manifest(const std::string& release, const std::string& platform) {
    Manifest manifest;
    manifest.product = "backup-archive-client";
    manifest.release = parse_client_version(release).value();
    manifest.platform = platform;
    manifest.installer = "rpm";
    manifest.from_at_least = ClientVersion{7, 1, 0, 0};
    manifest.from_at_most = manifest.release;
    const std::string native = release.substr(0, release.rfind('.')) + "-0";
    const auto add = [&](const std::string& path, const std::string& name, const std::string& version, PayloadUse use) {
        Payload payload;
        payload.path = path;
        payload.sha256 = sha256_hex(path);
        payload.size = path.size();
        payload.use = use;
        if (use != PayloadUse::support) {
            payload.id = {name, version, "x86_64"};
            payload.digest = sha256_hex("header of " + path);
            payload.installed_bytes = 3 * path.size();
        }
        manifest.payloads.push_back(payload);
    };
    add("gskcrypt64-8.0-60.4.linux.x86_64.rpm", "gskcrypt64", "8.0-60.4", PayloadUse::required);
    manifest.payloads.back().shared = true;
    add("TIVsm-API64.x86_64.rpm", "TIVsm-API64", native, PayloadUse::required);
    manifest.payloads.back().prerequisites = {"gskcrypt64 >= 8.0-55.24"};
    add("TIVsm-BA.x86_64.rpm", "TIVsm-BA", native, PayloadUse::required);
    add("TIVsm-BAcit.x86_64.rpm", "TIVsm-BAcit", native, PayloadUse::if_installed);
    add("files/transform.mst", "", "", PayloadUse::support);
    manifest.absent = {"TIVsm-API"};
    manifest.requirements = {{"server_level", "8.1.0.0", "older servers refuse the session"}};
    manifest.one_way_edges = {{"session-security",
                               {0, 0, 0, 0},
                               {7, 1, 7, 9999},
                               "the stored password is moved to another format",
                               "UPDATE NODE n SESSIONSECURITY=TRANSITIONAL"}};
    manifest.signature = {SignatureResult::verified, "RSA 4096 12:34:56", "", ""};
    manifest.entries = 14;
    manifest.unpacked_bytes = 1000;
    manifest.notes = "first fix pack of the year";
    return manifest;
}

} // namespace autodeploy
