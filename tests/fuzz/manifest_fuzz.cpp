// Covers installer/package/manifest.cpp
// Covers installer/package/strict_fields.cpp
// Covers installer/package/member_name.cpp
#include "installer/package/manifest.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Manifest manifest;
    try {
        manifest = manifest_from_json(parse_json(fuzz::text_of(data, size)));
    } catch (const Error& error) {
        fuzz::require(error.cause() == "manifest_malformed" || error.cause() == "manifest_too_new" ||
                      error.cause() == "metadata_malformed");
        return 0;
    }
    fuzz::require(manifest_from_json(manifest_json(manifest)) == manifest);
    fuzz::require(manifest.staged_bytes() <= manifest.unpacked_bytes);
    for (const Payload& payload : manifest.payloads) {
        fuzz::require(!unsafe_member_name(payload.path));
        fuzz::require(payload.path.front() != '/' && ("/" + payload.path + "/").find("/../") == std::string::npos);
    }
    const OneWayEdge* edge = manifest.one_way_from(manifest.release);
    fuzz::require(edge == nullptr || edge->covers(manifest.release));
    return 0;
}
