// Covers installer/repository/keys.cpp
#include "installer/repository/keys.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

/// A line with the key object, then lines with signatures of the message "message".
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> lines = fuzz::lines_of(fuzz::text_of(data, size));
    try {
        const Json object = parse_json(lines[0]);
        const PublicKey key(key_id(object), object);
        fuzz::require(key.usable() == key.why_unusable().empty());
        fuzz::require(key.same_key(key));
        RoleKeys role;
        role.threshold = 2;
        role.keyids = {key.id()};
        std::vector<Signature> signatures;
        for (std::size_t i = 1; i < lines.size(); ++i)
            signatures.push_back({key.id(), lines[i]});
        KeyMap keys;
        keys.emplace(key.id(), key);
        const std::int64_t good = count_good_signatures("message", signatures, role, keys);
        fuzz::require(good == 0 || (good == 1 && key.usable()));
    } catch (const Error& error) {
        fuzz::require(error.cause() == "metadata_malformed");
    }
    return 0;
}
