#pragma once

#include "installer/captures.h"
#include "installer/plan.h"

#include "platform/clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace autodeploy {

struct ConvergeOptions;
struct Platform;

/// From where on a contact of a scheduler with its server is a new one. The log tells whole seconds, and a service may
/// be down for less: so the place in it counts as well.
struct ContactMark {
    UnixTime at = 0;
    std::int64_t log_end = 0; ///< bytes; where the newest line of the scheduler's log ended
};

/// What the client itself says, beside the package database. Implemented over the real client's files in client/probe.
class ClientProbe {
  public:
    ClientProbe() = default;
    ClientProbe(const ClientProbe&) = delete;
    ClientProbe& operator=(const ClientProbe&) = delete;
    virtual ~ClientProbe() = default;

    /// "8.1.27.0" from the program itself, without a session; nothing if it does not tell. Has a deadline.
    virtual std::optional<std::string> version() = 0;
    /// Now; the service is stopped. Costs a look at its log, does not throw.
    virtual ContactMark contact_mark(const Service& service) = 0;
    /// Whether the service's scheduler has reached its server since then; nothing where that cannot be told (no log).
    virtual std::optional<bool> reached_server(const Service& service, const ContactMark& since) = 0;
};

/// How a step reaches the machine: through this and nothing else.
struct StepContext {
    Platform& platform;
    ClientProbe& client;
    std::string folder;      ///< the attempt's own: captures/, evidence/
    std::string rescue_path; ///< the list of services that must run, read by the rescue program
    std::function<void(const std::string&)> progress; ///< one line for people; never empty
    /// Services that were stopped while held in this very run, so that nobody else can have started them since. Never
    /// stored: after an interruption the machine is asked again.
    std::set<std::string> held_down = {};
};

/// What the step of another kind of the same attempt captured; nothing if it has captured nothing yet.
std::optional<Captures> captures_of_kind(StepContext& context, const std::string& kind);

struct Performed {
    enum class Result { done, busy, restart_needed };
    Result result = Result::done;
    std::string why; ///< for busy and restart_needed
};

/// How a step runs the native installer, or another one. run_name: of the attempt and this; what survives a crash is
/// found again by it.
ConvergeOptions converge_options(const StepContext& context, const std::string& run_name, std::int64_t overrun_ms,
                                 std::int64_t scriptlet_limit_ms);

/// The cause of the Error that an undo throws which did all it can: the rest is done by a restart of the machine.
inline constexpr std::string_view restart_completes_undo = "restart_needed_to_go_back";

// The contract of every kind of step; apply() finds the functions by overload, so that a kind without one does not
// compile.
//   prepare   captures, once, before any step is performed, what undo will need. Changes nothing of the client.
//   perform   idempotent: may be called again after a crash in its middle. Asks the machine whether the promised
//             state was reached, else throws Error.
//   undo      tolerates nothing done, half done and all done. Writes no journal. Throws Error if the state before
//             could not be brought back; the others are undone all the same. restart_completes_undo is no failure.
//   describe  one line for people and the printed plan; describe_undo: what the way back does, empty if nothing.
//
// What a step captures is its own, but for these, which apply() reads of any step (attempt_findings.h):
//   notes, kept             lines for the report; kept: of an undo, where notes are saved already
//   stopped-at, started-at  when the first service was stopped, the last one started; milliseconds since 1970
//   confirmed               the machine is what the plan was made for: from here on it is changed
//   restart                 why a restart of the machine is needed; of the step that asks for one
//   ran-from, ran-until     written by apply() itself to that step: the services ran while it was awaited
//   unconfirmed             the new release runs, and nobody here reaches the server
#define AUTODEPLOY_STEP(Kind)                                                                                          \
    void prepare(const Kind& step, Captures& captures, StepContext& context);                                          \
    Performed perform(const Kind& step, Captures& captures, StepContext& context);                                     \
    void undo(const Kind& step, Captures& captures, StepContext& context);                                             \
    std::string describe(const Kind& step);                                                                            \
    std::string describe_undo(const Kind& step);

AUTODEPLOY_STEP(ConfirmBefore)
AUTODEPLOY_STEP(InstallPrerequisites)
AUTODEPLOY_STEP(BackUpFiles)
AUTODEPLOY_STEP(BackUpSettings)
AUTODEPLOY_STEP(StopServices)
AUTODEPLOY_STEP(ConvergePackages)
AUTODEPLOY_STEP(SettleFiles)
AUTODEPLOY_STEP(RelocateFiles)
AUTODEPLOY_STEP(SettleSettings)
AUTODEPLOY_STEP(RepointServices)
AUTODEPLOY_STEP(StartServices)
AUTODEPLOY_STEP(Verify)
AUTODEPLOY_STEP(ClearOldPlaces)

/// Only after the commit; may be called again after a crash in its middle. Returns what stays and why, a line each.
std::vector<std::string> clean_up(const ClearOldPlaces& step, StepContext& context);

#undef AUTODEPLOY_STEP

} // namespace autodeploy
