// Covers installer/repository/trusted_set.cpp
#include "installer/repository/trusted_set.h"
#include "platform/error.h"
#include "tests/fakes/fake_repository.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

namespace {

constexpr UnixTime now = 1800000000;

const FakeRepository& repository() {
    static const FakeRepository made(now);
    return made;
}

/// The signed part as the input gives it, with good signatures: what lies behind the signature check is reached.
std::string with_signatures(const std::string& line, const std::string& role) {
    return repository().wrap(parse_json(line), repository().signers.at(role));
}

} // namespace

/// Lines, each the signed part of the next root ('r'), timestamp ('t'), snapshot ('s') or targets ('g'); a capital
/// letter means one from the store.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TrustedSet trusted(repository().metadata_files.at("1.root.json"), "root", now);
    std::int64_t root = 1;
    std::int64_t timestamp = 0;
    bool has_timestamp = false;
    bool has_snapshot = false;
    for (const std::string& line : fuzz::lines_of(fuzz::text_of(data, size))) {
        if (line.empty()) continue;
        const std::string part = line.substr(1);
        try {
            switch (line[0]) {
            case 'r':
                trusted.update_root(with_signatures(part, "root"), "root");
                fuzz::require(trusted.root().version == ++root);
                break;
            case 'T':
                if (!has_timestamp) trusted.load_timestamp(with_signatures(part, "timestamp"));
                break;
            case 't':
                trusted.update_timestamp(with_signatures(part, "timestamp"), "timestamp");
                fuzz::require(trusted.timestamp().version >= timestamp);
                timestamp = trusted.timestamp().version;
                has_timestamp = true;
                break;
            case 'S':
                if (has_timestamp && !has_snapshot)
                    has_snapshot = trusted.load_snapshot(with_signatures(part, "snapshot"));
                break;
            case 's':
                if (!has_timestamp) break;
                trusted.update_snapshot(with_signatures(part, "snapshot"), "snapshot");
                fuzz::require(trusted.snapshot().version == trusted.timestamp().snapshot.version);
                has_snapshot = true;
                break;
            case 'g':
                if (!has_snapshot) break;
                fuzz::require(trusted
                                  .verify_targets(with_signatures(part, "targets"), "targets",
                                                  trusted.root().roles.at("targets"), trusted.root().keys, "targets")
                                  .expires > now);
                break;
            default:
                break;
            }
        } catch (const Error&) {
        }
    }
    return 0;
}
