#pragma once

#include "installer/plan.h"
#include "platform/file_system.h"

#include <cstddef>
#include <optional>
#include <string>

namespace autodeploy {

/// What the journal says happened, read from top to bottom.
struct JournalState {
    std::size_t prepared = 0;  ///< so many steps, from the first on
    std::size_t performed = 0; ///< so many steps, from the first on
    std::optional<std::size_t>
        begun;               ///< the last step whose performing was begun: it and all before may have changed things
    std::size_t resumes = 0; ///< how often an interrupted attempt was taken up again
    bool going_back = false; ///< the decision to undo was made
    std::string cause;       ///< why, as a cause code and a message
    std::string message;
    bool committed = false;
    std::optional<std::string> awaiting_restart_of; ///< boot id under which a restart was last found to be needed
    bool awaits_restart = false;                    ///< that one was not seen yet
    std::optional<Json> ended;                      ///< the result, as apply() wrote it
    bool damaged = false; ///< a line other than the last cannot be read: trust only the captures, and undo
};

/// Whether nothing goes on before the machine is restarted, which has not come: boot_id is that of now.
bool waits_for_restart(const JournalState& state, const std::string& boot_id);

/// The record of one attempt: folder/plan.json and folder/journal, one line for each mark: sequence number, a check
/// sum, JSON. Append-only, durable mark by mark: the intention before each move, the result after. A torn last line is
/// ignored. Format 1; its description stands in installer/README.md, and every released version stays readable.
class Journal {
  public:
    /// Makes folder, plan.json, journal and the reserve of room, durably. Throws Error as FileSystem does.
    static Journal begin(FileSystem& files, const std::string& folder, const Plan& plan);
    /// Throws Error journal_unreadable if there is no plan to be had (or it belongs to another journal).
    static Journal open(FileSystem& files, const std::string& folder);

    const Plan& plan() const { return plan_; }
    const JournalState& state() const { return state_; }
    /// Made by begin() and not yet prepared: nothing was interrupted.
    bool is_fresh() const { return fresh_; }

    /// Durable when it returns. Throws Error; then nothing is changed.
    void preparing(std::size_t step) { add("preparing", step); }
    void prepared(std::size_t step) { add("prepared", step); }
    void performing(std::size_t step) { add("performing", step); }
    void performed(std::size_t step) { add("performed", step); }
    void resumed() { add("resumed", std::nullopt); }
    /// Once on the way forward; on the way back once for each start of the machine.
    void awaiting_restart(const std::string& boot_id);
    void restarted() { add("restarted", std::nullopt); }
    /// If the disk reports a failure although the mark is there to be read, the attempt is committed and nothing is
    /// thrown.
    void committed();
    void ended(const Json& result);
    /// On the way back a journal that cannot be written stops nothing: these return false instead of throwing.
    bool going_back(const std::string& cause, const std::string& message);
    bool undone(std::size_t step);

  private:
    Journal(FileSystem& files, std::string folder, Plan plan);
    void add(const std::string& mark, std::optional<std::size_t> step, Json detail = Json());
    void append(const std::string& line);
    void read();
    void take(const Json& mark);

    FileSystem* files_;
    std::string folder_;
    Plan plan_;
    JournalState state_;
    std::size_t next_ = 0;
    bool torn_tail_ = false;
    bool fresh_ = false;
};

} // namespace autodeploy
