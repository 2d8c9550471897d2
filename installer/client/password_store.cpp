#include "installer/client/password_store.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "platform/error.h"
#include "platform/file_system.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace autodeploy {

namespace {

constexpr std::size_t server_offset = 3;
constexpr std::size_t server_size = 256;
constexpr std::size_t node_offset = server_offset + server_size;
constexpr std::size_t node_size = 130;
constexpr std::size_t label_offset = node_offset + node_size;
constexpr std::size_t label_size = 256;
static_assert(label_offset + label_size == password_record_size);

constexpr std::uint64_t index_limit = 4 << 20;

std::string padded(std::string_view field) {
    return std::string(field.substr(0, std::min(field.find('\0'), field.size())));
}

bool is_empty(FileSystem& files, const std::string& path) {
    const std::optional<FileStatus> status = files.status(path);
    return !status || (status->type == FileType::regular && status->size == 0);
}

PasswordPresence presence_in(const std::vector<StoredPassword>& records, const std::string& index,
                             const std::string& server, const std::string& node) {
    for (const StoredPassword& record : records) {
        if (!server.empty() && !same_ignoring_case(record.server, server)) continue;
        if (node.empty() || same_ignoring_case(record.node, node))
            return {Tell::yes, index + " has the node " + record.node + " for the server " + record.server};
    }
    return {Tell::no, index + " has no entry for " + (node.empty() ? "" : "the node " + node + " at ") +
                          (server.empty() ? "any server" : "the server " + server)};
}

} // namespace

std::vector<StoredPassword> parse_password_index(const std::string& path, std::string_view bytes) {
    const auto malformed = [&path](std::size_t record, const std::string& why) {
        return Error("password_store_malformed",
                     "cannot read " + path + ", record " + std::to_string(record + 1) + ": " + why);
    };
    std::vector<StoredPassword> records;
    for (std::size_t at = 0; at < bytes.size(); at += password_record_size) {
        const std::string_view record = bytes.substr(at, password_record_size);
        if (record.size() < password_record_size)
            throw malformed(records.size(), "it has " + std::to_string(record.size()) + " bytes instead of " +
                                                std::to_string(password_record_size));
        if (!record.starts_with("\xEF\x05")) throw malformed(records.size(), "it does not begin with EF 05");
        StoredPassword stored;
        stored.key_type = static_cast<unsigned char>(record[2]);
        stored.server = padded(record.substr(server_offset, server_size));
        stored.node = padded(record.substr(node_offset, node_size));
        stored.label = padded(record.substr(label_offset, label_size));
        records.push_back(std::move(stored));
    }
    return records;
}

PasswordPresence find_stored_password(FileSystem& files, const std::string& directory, const std::string& server,
                                      const std::string& node) {
    const std::string index = in_directory(directory, "TSM.IDX");
    const std::string old_store = in_directory(directory, "TSM.PWD");
    try {
        if (files.status(index)) {
            const PasswordPresence found =
                presence_in(parse_password_index(index, files.read(index, index_limit)), index, server, node);
            if (found.stored != Tell::yes) return found;
            for (const char* part : {"TSM.KDB", "TSM.sth"})
                if (const std::string path = in_directory(directory, part); is_empty(files, path))
                    return {Tell::no, found.evidence + ", but " + path + " is missing or empty"};
            return found;
        }
        if (!is_empty(files, old_store))
            return {Tell::unknown, old_store + " is the store of an older level, which does not show its nodes"};
        return {Tell::no, "neither " + index + " nor " + old_store + " is there"};
    } catch (const Error& error) {
        return {Tell::unknown, error.what()};
    }
}

PasswordPresence find_stored_password_below(FileSystem& files, const std::string& directory, const std::string& node) {
    PasswordPresence found{Tell::no, directory + " has no folder of a server"};
    try {
        if (!files.status(directory)) return {Tell::no, directory + " is not there"};
        for (const std::string& name : files.list(directory)) {
            const std::string store = in_directory(directory, name);
            const auto status = files.status(store);
            if (!status || status->type != FileType::directory) continue;
            found = find_stored_password(files, store, "", node);
            if (found.stored == Tell::yes) break;
        }
    } catch (const Error& error) {
        return {Tell::unknown, error.what()};
    }
    return found;
}

} // namespace autodeploy
