#pragma once

#include "platform/command_runner.h"
#include "platform/posix/descriptor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace autodeploy {

/// What a transient unit runs that is started before its time: the tool and its arguments, behind a named pipe in
/// which a word is awaited. It ends by itself where none comes: when the writer is gone, and after ten minutes. The
/// process that waits becomes the tool.
std::vector<std::string> behind_gate(const std::string& gate, const std::vector<std::string>& tool);

/// A unit that waits behind its gate for the word of its owner.
class WaitingUnit {
  public:
    /// Makes the named pipe, a private one; the unit is to be started now. Throws Error.
    explicit WaitingUnit(const std::string& gate);
    WaitingUnit(const WaitingUnit&) = delete;
    WaitingUnit& operator=(const WaitingUnit&) = delete;
    /// Without the word the unit ends.
    ~WaitingUnit();

    /// Blocks until the unit reads from the gate; false if it does not within two seconds.
    bool reached();
    /// The one word; false if nobody is there any more to hear it.
    bool go();

    DetachedCommand command;
    std::int64_t process = 0;
    std::string process_start;

  private:
    std::string gate_;
    Descriptor line_;
};

/// Ends what waits behind a gate that an earlier run of ours has left.
void open_without_word(const std::string& gate);

} // namespace autodeploy
