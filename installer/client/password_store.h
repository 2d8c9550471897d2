#pragma once

#include "installer/tell.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

class FileSystem;

/// For whom a password is stored; the password itself is never read.
struct StoredPassword {
    int key_type = 0;
    std::string server; ///< as stored: the stanza's name, its ASCII letters in upper case
    std::string node;
    std::string label;
    bool operator==(const StoredPassword&) const = default;
};

constexpr std::size_t password_record_size = 645;

/// Reads TSM.IDX. Throws Error password_store_malformed, naming path and record, for anything but whole records.
std::vector<StoredPassword> parse_password_index(const std::string& path, std::string_view bytes);

struct PasswordPresence {
    Tell stored = Tell::unknown;
    std::string evidence; ///< "/etc/adsm/TSM.IDX has the node ACCOUNTS for the server SERVER1"
    bool operator==(const PasswordPresence&) const = default;
};

/// Looks into a store's directory (TSM.IDX beside TSM.KDB and TSM.sth; TSM.PWD of older levels, which cannot be looked
/// into). An empty node stands for whatever node the machine's name gives, an empty server for any. Never throws.
PasswordPresence find_stored_password(FileSystem& files, const std::string& directory, const std::string& server,
                                      const std::string& node);
/// The same where each server has a store of its own in a folder of its name (Windows), and no options file tells that
/// name: the first one that has the node counts.
PasswordPresence find_stored_password_below(FileSystem& files, const std::string& directory, const std::string& node);

} // namespace autodeploy
