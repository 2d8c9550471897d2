// Covers installer/client/password_store.cpp
#include "installer/client/password_store.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const std::vector<StoredPassword> records = parse_password_index("/TSM.IDX", fuzz::text_of(data, size));
        fuzz::require(records.size() * password_record_size == size);
        for (const StoredPassword& record : records)
            fuzz::require(record.server.size() <= 256 && record.node.size() <= 130 && record.label.size() <= 256 &&
                          record.server.find('\0') == std::string::npos);
    } catch (const Error& error) {
        fuzz::require(error.cause() == "password_store_malformed");
    }
    return 0;
}
