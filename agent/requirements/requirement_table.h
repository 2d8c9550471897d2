#pragma once

#include "agent/preflight.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

// How to add a requirement: one row in the table of its subject (a file beside this one) with a function that looks,
// and one page of the same id in agent/help/. Tests fail where a page or a test is missing.

/// What a requirement's function saw; several services or packages may each have their own.
class Findings {
  public:
    /// All is well with this one.
    void met(const std::string& evidence);
    /// weight: where this one weighs other than the row says (a disabled leftover is a warning).
    void not_met(const std::string& evidence, const std::string& mend, std::optional<Severity> weight = {});
    void cannot_tell(const std::string& evidence, const std::string& mend, std::optional<Severity> weight = {});

    struct Finding {
        RequirementState state = RequirementState::met;
        std::string evidence;
        std::string mend;
        std::optional<Severity> weight;
    };
    const std::vector<Finding>& all() const { return findings_; }

  private:
    std::vector<Finding> findings_;
};

struct RequirementRow {
    std::string_view id;
    std::string_view what; ///< a sentence, true where the requirement is met
    Severity severity = Severity::blocker;
    bool safety = false;     ///< the site may raise it but not lower it; what cannot be told blocks
    bool passing = false;    ///< not met, it goes away by itself
    bool on_release = false; ///< says something only when a release is chosen
    void (*look)(const Detection& detection, const PreflightInput& input, Findings& findings) = nullptr;
};

// The tables by subject, in the order of reports.
std::span<const RequirementRow> client_requirements();      ///< what is installed
std::span<const RequirementRow> option_requirements();      ///< client options
std::span<const RequirementRow> service_requirements();     ///< scheduler, password, server
std::span<const RequirementRow> release_requirements();     ///< from where to where
std::span<const RequirementRow> machine_requirements();     ///< room, file systems, native installer
std::span<const RequirementRow> coexistence_requirements(); ///< others on the same machine

/// All of them.
std::vector<const RequirementRow*> requirement_table();
/// nullptr if there is none of that id.
const RequirementRow* find_requirement(std::string_view id);

// Words that several subjects use.

/// Enabled or running: what starts at boot or is at work decides; the rest is a leftover. On Windows an acceptor starts
/// its scheduler, a service of its own, on demand: that one is in use with it.
bool in_use(const Detection& detection, const ClientService& service);
/// It reads options files of the client: acceptor, scheduler, remote agent.
bool reads_options(const ClientService& service);
/// "a, b and 3 more": at most `most` of them.
std::string listed(const std::vector<std::string>& texts, std::size_t most = 4, std::string_view separator = "; ");
/// What a person does differently on Windows.
bool is_windows(const Detection& detection);
/// Of the native installer's database.
std::string repair_database(const Detection& detection);
/// How a scheduler becomes a service.
std::string set_up_scheduler(const Detection& detection);
/// The command of Windows that stores the password of this service.
std::string store_password(const ClientService& service);
/// Why a subject could not be read, or nothing.
const std::string* unreadable(const Detection& detection, const std::string& subject);

} // namespace autodeploy
