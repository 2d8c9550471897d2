#pragma once

#include "packaging/repository/command_line.h"
#include "platform/file_system.h"

#include <string>

namespace autodeploy::publisher {

/// The passphrase of the keys: from --passphrase-file, --passphrase-fd or the terminal, asked for at most once in a run
/// and only when it is needed. Blocks for a person.
class AskedPassphrase {
  public:
    /// is_new: keys are to be made, so a terminal asks twice. Both arguments outlive it.
    AskedPassphrase(FileSystem& files, const Invocation& line, bool is_new)
        : files_(files), line_(line), is_new_(is_new) {}

    /// Throws Error passphrase_missing, passphrase_insecure, passphrase_unusable.
    std::string operator()();

  private:
    FileSystem& files_;
    const Invocation& line_;
    bool is_new_;
    std::string known_;
};

} // namespace autodeploy::publisher
