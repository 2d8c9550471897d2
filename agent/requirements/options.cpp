#include "agent/requirements/requirement_table.h"

#include "installer/client/ascii.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

/// What is set for a service that neither runs nor starts at boot keeps nothing from going on.
std::optional<Severity> leftover(const Detection& detection, const ClientService& service) {
    return in_use(detection, service) ? std::nullopt : std::optional(Severity::warning);
}

std::string seen(const ClientService& service, const std::string& name, const EffectiveOption& option) {
    return option.evidence + ": " + name + " " + option.value + " (" + service.service.name + ")";
}

std::string where_absent(const ClientService& service, const std::string& name) {
    const EffectiveOptions& options = service.options;
    const std::string place =
        options.stanza.empty() ? options.user_file : options.stanza_evidence + ", stanza " + options.stanza;
    return name + " is not set in " + place + " (" + service.service.name + ")";
}

/// The services whose options decide; told as unknown where there is none.
std::vector<const ClientService*> deciding_services(const Detection& detection, Findings& findings) {
    std::vector<const ClientService*> services;
    for (const ClientService& service : detection.services)
        if (reads_options(service)) services.push_back(&service);
    if (const std::string* why = unreadable(detection, "services")) {
        findings.cannot_tell(*why, "see that the service manager answers, then check again");
    } else if (services.empty() && detection.client_found()) {
        findings.cannot_tell("no service of the client was found, so nobody knows which options files are used",
                             set_up_scheduler(detection));
    }
    return services;
}

void options_readable(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const ClientService* service : deciding_services(detection, findings)) {
        const std::string subject = "options of " + service->service.name;
        if (const std::string* why = unreadable(detection, subject)) {
            findings.cannot_tell(*why, "make the options files readable for the agent", leftover(detection, *service));
        } else if (!service->options.unreadable.empty()) {
            findings.not_met(service->options.unreadable + " (" + service->service.name + ")",
                             "mend the options files: the client itself cannot start with them",
                             leftover(detection, *service));
        } else {
            findings.met(service->options.user_file + ", " + service->options.chosen_by + " (" + service->service.name +
                         ")");
        }
    }
}

void options_valid(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const ClientService& service : detection.services) {
        if (!reads_options(service)) continue;
        if (!service.options.unreadable.empty())
            findings.cannot_tell(service.options.unreadable, "mend the options files", leftover(detection, service));
        if (!service.options.problems.empty())
            findings.not_met(listed(service.options.problems),
                             "correct these lines: with an invalid one the client may refuse to start again");
        for (const std::string& path : service.options.referenced_files) {
            const bool there = std::any_of(detection.files.begin(), detection.files.end(),
                                           [&path](const ClientFile& file) { return file.path == path; });
            if (!there && unreadable(detection, "files to keep") == nullptr)
                findings.not_met("inclexcl names " + path + ", which is not there (" + service.service.name + ")",
                                 "make the file or take the line away: the client refuses to start without it");
        }
    }
}

void passwordaccess(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const ClientService* service : deciding_services(detection, findings)) {
        const EffectiveOptions& options = service->options;
        const std::string mend_line =
            is_windows(detection)
                ? "set PASSWORDACCESS generate in " + options.user_file +
                      ", without quotes, and store the password: " + store_password(*service)
                : "set PASSWORDACCESS generate in the server's stanza of dsm.sys, without quotes, and run dsmc once to "
                  "store the password";
        const EffectiveOption* option = options.find("passwordaccess");
        if (!options.unreadable.empty()) {
            findings.cannot_tell(options.unreadable, "mend the options files", leftover(detection, *service));
        } else if (option == nullptr) {
            const std::string standard =
                is_windows(detection) ? "; its default is not relied upon" : "; its default is prompt";
            findings.not_met(where_absent(*service, "passwordaccess") + standard, mend_line,
                             leftover(detection, *service));
        } else if (option->keyword != "generate") {
            const std::string why = option->problem.empty() ? "" : ", and " + option->problem;
            findings.not_met(seen(*service, "passwordaccess", *option) + why, mend_line, leftover(detection, *service));
        } else {
            findings.met(seen(*service, "passwordaccess", *option));
        }
    }
}

void autodeploy_option(const Detection& detection, const PreflightInput&, Findings& findings) {
    for (const ClientService* service : deciding_services(detection, findings)) {
        const EffectiveOptions& options = service->options;
        const EffectiveOption* option = options.find("autodeploy");
        if (!options.unreadable.empty()) {
            findings.cannot_tell(options.unreadable, "mend the options files", leftover(detection, *service));
        } else if (option == nullptr) {
            findings.met(where_absent(*service, "autodeploy") + ", which means yes");
        } else if (option->keyword == "yes" || option->keyword == "noreboot") {
            findings.met(seen(*service, "autodeploy", *option));
        } else {
            const std::string why = option->problem.empty() ? "" : ", and " + option->problem;
            const bool misplaced =
                !options.system_file.empty() && option->evidence.starts_with(options.system_file + ":");
            findings.not_met(seen(*service, "autodeploy", *option) + why,
                             (misplaced
                                  ? "take this line away and set AUTODEPLOY noreboot (or yes) in " + options.user_file
                                  : "set AUTODEPLOY noreboot (or yes) in this file") +
                                 std::string(" if this client may be updated; one no refuses the whole client"),
                             leftover(detection, *service));
        }
    }
}

/// Services whose client option autodeploy is one that forbids it, or cannot be told.
std::vector<std::string> restart_forbidden_by(const Detection& detection) {
    std::vector<std::string> forbidding;
    for (const ClientService& service : detection.services) {
        if (!reads_options(service)) continue;
        const std::string keyword =
            service.options.unreadable.empty() ? service.options.keyword("autodeploy", "yes") : "that cannot be told";
        if (keyword != "yes") forbidding.push_back(service.service.name + " has autodeploy " + keyword);
    }
    return forbidding;
}

void restart_allowed(const Detection& detection, const PreflightInput& input, Findings& findings) {
    for (const ClientService& service : detection.services) {
        if (!reads_options(service) || service.options.unreadable.empty()) continue;
        findings.cannot_tell("the machine is never restarted: " + service.options.unreadable + " (" +
                                 service.service.name + ")",
                             "mend the options files", Severity::note);
        return;
    }
    const char* setting = input.restart == RestartPolicy::never       ? "never"
                          : input.restart == RestartPolicy::in_window ? "in_window"
                                                                      : "at_once";
    const std::vector<std::string> forbidding = restart_forbidden_by(detection);
    const std::string ours = std::string("the setting restart is ") + setting;
    if (may_restart(detection, input.restart)) {
        findings.met("the machine may be restarted if an update needs it: " + ours + ", and autodeploy allows it");
    } else if (input.restart != RestartPolicy::never && !is_windows(detection)) {
        findings.met("the machine is never restarted: no package of this system needs that, though " + ours);
    } else {
        findings.met("the machine is never restarted: " + ours + (forbidding.empty() ? "" : ", " + listed(forbidding)));
    }
}

std::string in_quotes(const std::string& text) {
    const char quote = text.find('"') == std::string::npos ? '"' : '\'';
    return quote + text + quote;
}

/// The client wants the schedule's words to the letter; on Windows there is more than one way to write them.
bool is_trigger(const Detection& detection, std::string exception, std::string trigger) {
    if (!is_windows(detection)) return exception == trigger;
    std::erase(exception, '"');
    std::erase(trigger, '"');
    return same_ignoring_case(exception, trigger);
}

void schedule_allowed(const Detection& detection, const PreflightInput& input, Findings& findings) {
    for (const ClientService& service : detection.services) {
        if (!service.schedules || !in_use(detection, service)) continue;
        const EffectiveOptions& options = service.options;
        if (!options.unreadable.empty()) findings.cannot_tell(options.unreadable, "mend the options files");
        const EffectiveOption* disabled = options.find("schedcmddisabled");
        if (disabled != nullptr && disabled->keyword != "no") {
            const auto exceptions = options.repeated.find("schedcmdexception");
            const bool excepted =
                exceptions != options.repeated.end() &&
                std::any_of(exceptions->second.begin(), exceptions->second.end(), [&](const EffectiveOption& option) {
                    return is_trigger(detection, option.value, input.trigger_command);
                });
            if (excepted) {
                findings.met(seen(service, "schedcmddisabled", *disabled) + ", with an exception for the trigger");
            } else {
                findings.not_met(
                    seen(service, "schedcmddisabled", *disabled) + ", and no exception is exactly the trigger",
                    "add SCHEDCMDEXCEPTION " + in_quotes(input.trigger_command) + " to " +
                        (is_windows(detection) ? options.user_file : "the stanza") + " and restart the scheduler");
            }
        }
        const EffectiveOption* retrieve = options.find("schedrestretrdisabled");
        if (input.retrieved_by_client && retrieve != nullptr && retrieve->keyword != "no")
            findings.not_met(
                seen(service, "schedrestretrdisabled", *retrieve) + ", and packages come through the client",
                "use the retrieve command of the settings and no RETRIEVE schedule, or take the line away");
    }
}

void unseen_options(const Detection& detection, const PreflightInput&, Findings& findings) {
    if (detection.client_found())
        findings.cannot_tell("options that the server forces through a client option set stand in no file here",
                             "look at QUERY CLOPTSET for this node at the server");
}

constexpr std::array table{
    RequirementRow{"options-readable", "the options files of every service can be read", Severity::blocker, true, false,
                   false, options_readable},
    RequirementRow{"options-valid", "the options files hold nothing that the client refuses", Severity::warning, false,
                   false, false, options_valid},
    RequirementRow{"client-option-passwordaccess", "the client option passwordaccess is generate for every service",
                   Severity::blocker, true, false, false, passwordaccess},
    RequirementRow{"client-option-autodeploy", "the client option autodeploy is not no for any service",
                   Severity::blocker, true, false, false, autodeploy_option},
    RequirementRow{"restart-keys", "it is clear whether the machine may be restarted", Severity::note, false, false,
                   false, restart_allowed},
    RequirementRow{"schedule-allowed", "the server's schedule can run the trigger here", Severity::warning, false,
                   false, false, schedule_allowed},
    RequirementRow{"server-options-unseen", "no option is forced by the server", Severity::note, false, false, false,
                   unseen_options},
};

} // namespace

bool may_restart(const Detection& detection, RestartPolicy setting) {
    return is_windows(detection) && setting != RestartPolicy::never && restart_forbidden_by(detection).empty();
}

std::span<const RequirementRow> option_requirements() {
    return table;
}

} // namespace autodeploy
