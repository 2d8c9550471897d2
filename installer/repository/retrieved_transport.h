#pragma once

#include "installer/repository/transport.h"
#include "platform/command_runner.h"
#include "platform/file_system.h"

#include <memory>
#include <string>
#include <vector>

namespace autodeploy {

/// A command that brings the repository to this machine, the client's own "dsmc retrieve" for one.
struct RetrieveCommand {
    /// Absolute path of the program, then its arguments. {directory} stands for the private folder; if {file} occurs as
    /// well, the command is run for each file that is needed, which it has to put at {directory}/{file}
    /// ("metadata/timestamp.json"), else once, for everything.
    std::vector<std::string> command;
    std::string directory; ///< ours alone; emptied before the first run
    Milliseconds deadline{2 * 3600 * 1000};
    /// 0 is always good; the client ends with 4 and 8 when it skipped files or had a warning.
    std::vector<int> good_exit_codes{4, 8};
    /// Where the output holds this, the file is simply not there (the number of the client's message).
    std::string no_such_file = "ANS1092";
};

/// Runs the command as late as possible and then reads the folder, which is trusted no more than any other. Nothing
/// from it is ever executed. One object serves one update: it keeps what was brought, a new object begins anew. Throws
/// Error settings_invalid if the command cannot be one.
std::unique_ptr<Transport> retrieved_transport(FileSystem& files, CommandRunner& commands,
                                               const RetrieveCommand& command);

} // namespace autodeploy
