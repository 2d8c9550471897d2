// Covers installer/repository/metadata.cpp
#include "installer/repository/metadata.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

namespace {

void use(const Metadata& metadata) {
    fuzz::require(metadata.version >= 1);
    fuzz::require(parse_json(compact_json(metadata.signed_part)) == metadata.signed_part);
}

void use_targets(const Targets& targets) {
    use(targets);
    for (const auto& [path, file] : targets.files)
        for (const Delegation& delegation : targets.delegations.covering(path))
            fuzz::require(targets.delegations.to(delegation.role).has_value());
    for (const char* path : {"", "/", "a", "packages/linux-x86_64/file.rpm"})
        for (const Delegation& delegation : targets.delegations.covering(path))
            fuzz::require(delegation.keys.threshold >= 1);
}

} // namespace

/// The first byte chooses the reader.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    try {
        switch (data[0]) {
        case 'r': {
            const Root root = read_root(text, "root");
            use(root);
            fuzz::require(root.roles.contains("root") && root.roles.contains("targets"));
            count_good_signatures(root.canonical(), root.signatures, root.roles.at("root"), root.keys);
            break;
        }
        case 't':
            use(read_timestamp(text, "timestamp"));
            break;
        case 's':
            use(read_snapshot(text, "snapshot"));
            break;
        case 'd':
            read_date(std::string(text));
            break;
        default:
            use_targets(read_targets(text, "targets"));
        }
    } catch (const Error& error) {
        fuzz::require(error.cause() == "metadata_malformed" || error.cause() == "keyid_mismatch");
    }
    return 0;
}
