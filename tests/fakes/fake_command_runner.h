#pragma once

#include "platform/command_runner.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace autodeploy {

/// Answers as programs were seen to answer. A transcript is lines: "$ /usr/bin/program argument 'with blank'" begins a
/// command; what follows is its standard output, but for lines "! text" (standard error) and "? 3" (exit code). The
/// same command several times: one answer after the other, the last one for ever. "#" in front of the first command
/// begins a comment.
class FakeCommandRunner : public CommandRunner {
  public:
    FakeCommandRunner() = default;
    explicit FakeCommandRunner(const std::string& transcript) { add(transcript); }

    void add(const std::string& transcript);

    CommandResult run(const Command& command) override;
    CommandResult run_detached(const DetachedCommand& command) override;
    void expect_detached(const std::vector<DetachedCommand>& commands) override { expected = commands; }
    DetachedState detached_state(const std::string& name) override;
    CommandResult wait_detached(const std::string& name, Milliseconds time) override;
    void end_scriptlets(const std::string& name) override;

    /// Every command line that was run, in order; detached ones with "NAME: " before them.
    std::vector<std::string> calls;
    std::vector<DetachedCommand> detached; ///< those of them that were
    std::vector<DetachedCommand> expected;
    /// Detached tools that still run when they are first asked for.
    std::map<std::string, CommandResult> survivors;
    /// Called before the answer is looked up; may change the world.
    std::function<void(const Command&)> before;

  private:
    CommandResult answer(const Command& command);

    std::map<std::string, std::vector<CommandResult>> answers_;
};

/// As it stands in a transcript.
std::string command_line(const Command& command);

/// The content of tests/platform/transcripts/NAME, with each of these words replaced. The tests run in the project's
/// folder.
std::string transcript(const std::string& name, const std::map<std::string, std::string>& words = {});

} // namespace autodeploy
