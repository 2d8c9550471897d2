// Covers installer/client/password_store.cpp
#include "installer/client/password_store.h"
#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

namespace {

/// The index in a store's directory, with and without the files that belong to it.
void look_into_store(std::string_view index) {
    FakeFileSystem files;
    files.put("/store/TSM.IDX", index, 0600);
    fuzz::require(find_stored_password(files, "/store", "SERVER1", "").stored != Tell::yes);
    for (const char* name : {"/store/TSM.KDB", "/store/TSM.sth"})
        files.put(name, "keys", 0600);
    const PasswordPresence any = find_stored_password(files, "/store", "SERVER1", "");
    const PasswordPresence one = find_stored_password(files, "/store", "server1", "ACCOUNTS");
    fuzz::require(one.stored != Tell::yes || any.stored == Tell::yes);
    fuzz::require(!any.evidence.empty() && !one.evidence.empty());
    files.put("/old/TSM.PWD", index, 0600);
    fuzz::require(find_stored_password(files, "/old", "SERVER1", "").stored != Tell::yes);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    look_into_store(fuzz::text_of(data, size));
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
