#include "agent/standing.h"

#include <algorithm>

namespace autodeploy {
namespace {

constexpr std::size_t most_blockers = 3;

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts)
        all += (all.empty() ? "" : "; ") + text;
    return all;
}

std::string window_text(const StandingInput& input) {
    if (input.settings.wait.window.rules.empty()) return "at any time (there is no maintenance window)";
    const std::string rules = "in the window " + text(input.settings.wait.window);
    if (!input.opening) return rules + ", which does not open within 15 days";
    return rules + (input.opening->from <= input.now ? ", open until " + utc_text(input.opening->to)
                                                     : ", next from " + utc_text(input.opening->from));
}

/// The publisher decides what is offered to whom, the administrator what is taken of it.
bool publisher_decides(const std::string& cause) {
    for (const char* known : {"not_offered", "not_in_share", "node_excluded", "release_halted", "frozen",
                              "release_recalled", "no_package_for_platform", "level_not_supported"})
        if (cause == known) return true;
    return false;
}

const char* const administrator = "the administrator of this machine";
const char* const publisher = "the publisher of the repository";

struct Verdict {
    std::string verdict;
    std::string next;
    std::string decided_by;
};

Verdict of_deployment(const ActiveDeployment& deployment) {
    const std::string to = deployment.to.empty() ? "" : " to " + deployment.to;
    if (deployment.waiting_for.empty())
        return {"is being worked on: an update" + to + ", " + text(deployment.phase) +
                    (deployment.doing.empty() ? "" : ", " + deployment.doing),
                "it goes on by itself; `autodeploy status --follow` shows it", "nobody: it was decided"};
    return {"waits: an update" + to + " was accepted and waits for " + joined(deployment.waiting_for),
            "it goes on as soon as that is so, and is given up at " + utc_text(deployment.deadline),
            "what it waits for; `autodeploy cancel` withdraws it"};
}

Verdict of_refusal(const StandingInput& input, const Choice& choice) {
    if (choice.cause == "up_to_date")
        return {"is up to date: " + joined(choice.why), "nothing, until a newer release is offered", publisher};
    Verdict verdict{"is not updated: " + joined(choice.why),
                    "nothing, until that changes; `autodeploy explain " + choice.cause + "` says more", administrator};
    if (publisher_decides(choice.cause)) verdict.decided_by = publisher;
    if (choice.cause == "pinned" || input.settings.pin)
        verdict.decided_by += ", with the setting pin in " + input.settings_file;
    return verdict;
}

Verdict decide(const StandingInput& input) {
    const std::string settings = std::string(administrator) + ", in " + input.settings_file;
    if (input.status.deployment) return of_deployment(*input.status.deployment);
    if (!input.settings_error.empty())
        return {"is not updated: the settings cannot be used: " + input.settings_error,
                "every trigger is refused until they can", settings};
    if (!input.found.hold_files.empty())
        return {"is not updated: the hold file " + input.found.hold_files.front(),
                "every trigger is refused until it is removed", "whoever put that file there"};
    if (!input.service_runs)
        return {"is not updated now: the service of autodeploy does not run",
                "the next trigger starts it; `autodeploy service start` does so now", administrator};
    const auto blocker = std::find_if(input.requirements.begin(), input.requirements.end(),
                                      [](const ReportedRequirement& row) { return blocks(row) && !row.passing; });
    if (blocker != input.requirements.end())
        return {std::string("is not updated: ") + (blocker->state == "not_met"
                                                       ? blocker->evidence + "; required is: " + blocker->what
                                                       : "nobody can tell whether " + blocker->what),
                "every attempt is refused until it is mended: " + blocker->mend,
                blocker->id == "way-back" ? std::string(publisher) + ", or " + settings : std::string(administrator)};
    if (!input.choice)
        return {"cannot be told about: the repository was not asked" +
                    (input.repository_error.empty() ? "" : ": " + input.repository_error),
                "an update is tried again until the repository answers",
                std::string(publisher) + ", or the administrator of this machine (repository.mirrors, root.json)"};
    const Choice& choice = *input.choice;
    if (!choice.package) return of_refusal(input, choice);
    const std::string release = text(choice.package->manifest.release);
    if (choice.mode == Mode::observe) {
        return {"is not updated: it is only observed, as " + choice.mode_reason + "; it could go to " + release,
                "a trigger makes the plan and changes nothing",
                input.settings.mode == Mode::observe ? settings + " (mode: observe)"
                                                     : std::string(publisher) + ", with `autodeploy-repository arm`"};
    }
    if (input.record.left)
        return {"is not updated: it was led back from " + release,
                "nothing, until `autodeploy retry --release " + release + "` or another release", administrator};
    if (int(input.record.failed.size()) >= input.settings.retry.attempts)
        return {"is not updated: " + release + " failed here " + std::to_string(input.record.failed.size()) +
                    " times, last on " + utc_text(input.record.last_failed_at),
                "nothing, until `autodeploy retry --release " + release + "` or another release", administrator};
    if (const UnixTime next = next_attempt_at(input.record, input.settings.retry);
        input.record.last_failed_at <= input.now && next > input.now)
        return {"will be tried again: " + release + " failed here on " + utc_text(input.record.last_failed_at) +
                    ", attempt " + std::to_string(input.record.failed.size()) + " of " +
                    std::to_string(input.settings.retry.attempts),
                "a trigger starts it again from " + utc_text(next) + " on; the publisher's `halt` prevents that",
                "the backup server, with its schedule that runs `autodeploy trigger`"};
    return {"will be updated to " + release + ", in channel " + choice.channel +
                (choice.change.empty() ? "" : ", change " + choice.change),
            "the next trigger starts it " + window_text(input) +
                ", when the client is quiet; `autodeploy deploy` does not wait for a trigger or window",
            "the backup server, with its schedule that runs `autodeploy trigger`"};
}

} // namespace

Standing standing(const StandingInput& input) {
    const Verdict verdict = decide(input);
    Standing result;
    result.verdict = verdict.verdict;
    result.next = verdict.next;
    result.decided_by = verdict.decided_by;
    const std::string client = input.found.database_version ? text(*input.found.database_version) : "not found";
    std::string nodes;
    for (const ClientService& service : input.found.services)
        if (!service.node_name.empty() && nodes.find(service.node_name) == std::string::npos)
            nodes += (nodes.empty() ? ", node " : ", ") + service.node_name;
    result.lines = {"This client (" + client + nodes + ") " + verdict.verdict + ".",
                    "Next:        " + verdict.next + ".", "Decided by:  " + verdict.decided_by + "."};
    std::size_t blockers = 0;
    for (const ReportedRequirement& requirement : input.requirements) {
        if (!blocks(requirement) || ++blockers > most_blockers) continue;
        result.lines.push_back("Blocked by:  " + requirement.id + ": " + requirement.evidence +
                               (requirement.mend.empty() ? "" : "; mend: " + requirement.mend));
    }
    if (blockers > most_blockers)
        result.lines.back() += " (and " + std::to_string(blockers - most_blockers) + " more: `autodeploy check`)";
    if (input.status.last)
        result.lines.push_back("Last:        " + utc_text(input.status.last->ended_at) + ", " +
                               headline(*input.status.last) +
                               (input.status.last->message.empty() ? "" : ": " + input.status.last->message));
    if (input.status.probation) {
        const std::string way = way_back_text(input.status);
        result.lines.push_back("After it:    " + probation_text(*input.status.probation) +
                               (way.empty() ? "" : "; " + way));
    }
    const auto warning = input.status.metadata ? expiry_warning(*input.status.metadata, input.now) : std::nullopt;
    if (warning) result.lines.push_back("Repository:  " + warning->text);
    return result;
}

} // namespace autodeploy
