#pragma once

#include "packaging/repository/draft.h"

#include <string>
#include <vector>

namespace autodeploy {

/// Signs the file's signed part and appends the signature to it.
void add_signature(Json& file, Signer& signer);

/// Adds to a staged role's file the signatures of all its keys whose files are in the directory; returns how many are
/// new.
int sign_staged(Draft& draft, const std::string& role, const std::string& key_directory, const Passphrase& passphrase);

/// What a staged role still lacks: "needs 2 signatures, has 1; sign … with autodeploy-repository sign"; empty if
/// nothing.
std::string missing_signatures(Draft& draft, const std::string& role);

/// Signs what is staged, makes snapshot and timestamp anew, and puts all of it where readers look: targets lie there
/// already, then metadata under versioned names, the timestamp last. Nothing is published, and Error signatures_missing
/// tells what for, if a role lacks signatures. Killed anywhere, readers see the old repository or the new one, and the
/// next run completes it. Returns the roles that were published.
std::vector<std::string> publish(Draft& draft, const std::string& key_directory, const Passphrase& passphrase);

/// Snapshot and timestamp alone, with new expiry: for a timer.
void refresh_expiry(Draft& draft, const std::string& key_directory, const Passphrase& passphrase);

/// Copies what is published to another folder, byte for byte: targets first, the timestamp last. What is there and
/// equal is left alone, so that an interrupted copy goes on. platforms: whose packages are wanted; empty: all. Returns
/// how many files were copied.
int mirror(FileSystem& files, const std::string& published, const std::string& destination,
           const std::vector<std::string>& platforms);

} // namespace autodeploy
