// What the service does while no deployment goes on: metadata, probation, metrics.
#include "agent/agent.h"
#include "agent/probation.h"
#include "agent/reports/metrics.h"
#include "agent/reports/report_spool.h"
#include "platform/error.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

constexpr Milliseconds background_every{15 * 60 * 1000};
constexpr Milliseconds connect_deadline{10000};
constexpr Milliseconds probation_look_every{5 * 60 * 1000};

/// What was seen, into the report of the deployment that is in probation. kept: the release before is.
void add_look(Report& report, const Probation& probation, const ProbationLook& look,
              const std::vector<std::string>& notes, bool go_back, bool kept) {
    for (const std::string& note : notes)
        if (std::find(report.notes.begin(), report.notes.end(), note) == report.notes.end())
            report.notes.push_back(note);
    if (look.confirmed) {
        report.outcome = Outcome::updated;
        report.cause = report.message = report.to_do = "";
    }
    if (look.cause.empty() || go_back) return;
    report.outcome = Outcome::needs_attention;
    report.cause = "probation_failed";
    report.message = probation.to + " was installed and verified, but since then: " + look.message;
    report.to_do = "see the client's logs; " + (kept ? "`autodeploy rollback` leads back to " + probation.from
                                                     : probation.from + " is not kept any more: there is no way back");
}

} // namespace

/// What is due from time to time while nothing else goes on: the repository's metadata, and how it stands.
void Agent::work_in_background() {
    std::optional<Probation> probation = readable_probation();
    progress_.change([&probation](Status& status) { status.probation = probation; });
    background_at_ = platform_.clock.elapsed() + (probation ? probation_look_every : background_every);
    work_ = Work::background;
    const Settings settings = settings_or_default();
    take(settings);
    worker_.start([this, settings, probation = std::move(probation)] {
        try {
            const auto parts = surroundings_.make_parts(settings);
            const Detection found = parts->detect();
            progress_.change([&](Status& status) {
                status.installed = found.database_version ? text(*found.database_version) : "";
                if (status.mode.empty()) status.mode = text(settings.mode);
                status.channel = settings.channel;
            });
            if (probation) {
                Look look{*probation, {}};
                ProbationNow now{platform_.clock.now(), platform_.clock.boot_id(),
                                 [this](const std::string& address, int port) {
                                     return platform_.host.reaches(address, port, connect_deadline);
                                 }};
                look.look = look_at(look.probation, found, now);
                look_ = std::move(look);
            }
            refresh_metadata(*parts, settings, found);
        } catch (const std::exception&) {
            // Nothing was asked for, so nobody has to be told; a deployment says what is wrong.
        }
    });
}

void Agent::refresh_metadata(DeploymentParts& parts, const Settings& settings, const Detection& found) {
    const Milliseconds now = platform_.clock.elapsed();
    if (settings.repository.refresh_every.count() == 0 || now < refresh_at_ || settings.repository.mirrors.empty())
        return;
    refresh_at_ = now + settings.repository.refresh_every;
    MetadataAge age;
    try {
        age = parts.refresh(found).age;
    } catch (const Error& error) {
        const auto known = progress_.current().metadata;
        age = known ? *known : parts.metadata_age();
        age.problem = error.what();
    }
    progress_.change([&](Status& status) { status.metadata = age; });
}

/// Once for each of the steps 90, 30 and 7 days.
void Agent::warn_of_expiry() {
    const auto metadata = progress_.current().metadata;
    const auto warning = metadata ? expiry_warning(*metadata, platform_.clock.now()) : std::nullopt;
    const int urgency = warning ? warning->priority : 7;
    if (urgency < expiry_told_) log({urgency, "metadata-expires", warning->text, {}});
    expiry_told_ = urgency;
}

void Agent::write_metrics() {
    if (textfile_.empty()) return;
    const std::string metrics = metrics_text(progress_.current());
    if (metrics_told_ == metrics) return;
    try {
        platform_.files.write_durably(textfile_, metrics, 0644);
        metrics_told_ = metrics;
    } catch (const Error& error) {
        problem(std::string(error.what()) + " (the setting report.textfile)");
    }
}

/// First into the history, then into the probation: what is told twice is told once.
void Agent::conclude_look(Probation probation, const ProbationLook& look) {
    const bool go_back = !look.cause.empty() && after_failed_probation_ == ProbationPolicy::go_back;
    std::vector<std::string> notes = look.notes;
    if (!look.cause.empty())
        notes.push_back("probation failed, " + utc_text(platform_.clock.now()) + ": " + look.message +
                        (go_back ? "; going back to " + probation.from : ""));
    if (!notes.empty()) {
        try {
            Report report = history_.find(probation.id);
            const auto from = parse_client_version(probation.from);
            add_look(report, probation, look, notes, go_back, from && find_kept(platform_.files, paths_.keep(), *from));
            history_.add(report);
            if (const std::string why = spool_report(platform_.files, paths_.state + "/reports", report); !why.empty())
                problem(why);
            progress_.change([&](Status& status) {
                if (status.last && status.last->id == report.id) status.last = report;
            });
        } catch (const Error& error) {
            if (error.cause() != "not_found") throw;
        }
    }
    const int priority = !look.cause.empty() ? 3 : look.alarming ? 4 : 6;
    for (const std::string& note : notes)
        log({priority,
             "probation",
             "deployment " + probation.id + ": " + note,
             {{"deployment", probation.id}, {"to", probation.to}, {"cause", look.cause}}});
    if (go_back) {
        Request request;
        request.kind = RequestKind::rollback;
        request.requested_by = probation_requester;
        requests_.add(request);
    }
    const std::string path = probation_path(paths_);
    if (look.over)
        platform_.files.remove_durably(path);
    else
        save_probation(platform_.files, path, probation);
    progress_.change([&](Status& status) { status.probation = look.over ? std::nullopt : std::optional(probation); });
}

} // namespace autodeploy
