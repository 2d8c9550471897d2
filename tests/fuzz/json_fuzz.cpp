// Covers installer/json.cpp
#include "installer/json.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Json value;
    try {
        value = parse_json(fuzz::text_of(data, size));
    } catch (const Error& error) {
        fuzz::require(error.cause() == "metadata_malformed");
        return 0;
    }
    fuzz::require(parse_json(compact_json(value)) == value);
    fuzz::require(parse_json(pretty_json(value)) == value);
    fuzz::require(canonical_json(value).size() <= compact_json(value).size());
    return 0;
}
