#include "agent/agent.h"

#include "agent/probation.h"
#include "agent/reports/report_spool.h"
#include "agent/version.h"
#include "platform/error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace autodeploy {

namespace {

constexpr Milliseconds look_every{30000}; ///< a lost poke costs so much
constexpr Milliseconds pause_after_failure{60000};
constexpr Milliseconds look_after_deployment{5 * 60 * 1000};

/// Whether the release that was aimed at runs now.
bool is_in_force(Outcome outcome) {
    return outcome == Outcome::updated || outcome == Outcome::unconfirmed;
}

} // namespace

Agent::Agent(AgentSurroundings surroundings)
    : platform_(surroundings.platform), host_(surroundings.host), paths_(surroundings.paths),
      surroundings_(surroundings), requests_(platform_.files, platform_.clock, paths_.requests()),
      history_(platform_.files, paths_.history()), records_(platform_.files, paths_.releases()),
      progress_(platform_.files, platform_.clock, host_, paths_.status()), worker_(host_) {
    worker_.on_safe = [this](const std::vector<Request>& requests) {
        for (const Request& request : requests)
            requests_.remove(request.id);
    };
}

void Agent::run() {
    begin();
    host_.ready();
    while (!ending_ || work_ != Work::none) {
        const Milliseconds longest = turn();
        if (ending_ && work_ == Work::none) break;
        if (host_.wait(longest) == Wake::stop && !std::exchange(ending_, true)) {
            host_.stopping();
            worker_.ask_to_stop();
        }
    }
    progress_.flush(true);
}

void Agent::begin() {
    if (std::exchange(begun_, true)) return;
    platform_.files.make_private_directory(paths_.state);
    service_lock_ = platform_.files.try_lock(paths_.service_lock());
    if (!service_lock_)
        throw Error("already_running", "cannot run the service: another process of it holds " + paths_.service_lock());
    if (!platform_.files.status(paths_.runtime)) platform_.files.make_directory(paths_.runtime);
    host_.become_service();
    const History::Content history = readable_history();
    const std::optional<Probation> probation = readable_probation();
    const Status before = status_before();
    progress_.change([&](Status& status) {
        status.mode = before.mode;
        status.channel = before.channel;
        status.metadata = before.metadata;
        for (const Report& report : history.reports) {
            take_report(status, report);
            if (const std::string& release = is_in_force(report.outcome) ? report.to : report.from; !release.empty())
                status.installed = release;
        }
        status.probation = probation;
    });
    take(settings_or_default());
    log({6, "agent-started", std::string("autodeploy ") + agent_version + " runs", {{"version", agent_version}}});
    work_ = Work::recovery;
    worker_.start([this] { recover(); });
}

/// Nothing that was told may keep stopped services from being started: what cannot be read is put aside.
History::Content Agent::readable_history() {
    try {
        return history_.read();
    } catch (const Error& error) {
        put_aside(paths_.history(), error);
        return {};
    }
}

std::optional<Probation> Agent::readable_probation() {
    const std::string path = probation_path(paths_);
    try {
        return load_probation(platform_.files, path);
    } catch (const Error& error) {
        put_aside(path, Error(error.cause(), "cannot go on with the probation, and the new release is not watched any "
                                             "more: " +
                                                 path + ": " + error.what()));
        return std::nullopt;
    }
}

void Agent::put_aside(const std::string& path, const Error& why) {
    const std::string aside = path + ".damaged";
    try {
        // A disk that cannot be read now may be read later.
        if (why.cause() == "io_error") throw why;
        platform_.files.rename_durably(path, aside);
        problem(std::string(why.what()) + "; put aside as " + aside);
    } catch (const Error&) {
        problem(why.what());
    }
}

/// What the agent before this one had left. The file is gone where the machine was restarted, and of no weight.
Status Agent::status_before() {
    try {
        return status_from_json(parse_json(platform_.files.read(paths_.status(), 4 << 20)));
    } catch (const Error&) {
        return {};
    }
}

Milliseconds Agent::turn() {
    begin();
    if (work_ != Work::none && !worker_.busy()) look_after_result();
    const Milliseconds now = platform_.clock.elapsed();
    if (!ending_ && work_ != Work::recovery) {
        take_refused_trigger();
        take_requests();
    }
    if (!ending_ && work_ == Work::none && now >= background_at_) work_in_background();
    const UnixTime time = platform_.clock.now();
    progress_.change([time](Status& status) { drop_old_problems(status.problems, time); });
    tell_phase();
    write_metrics();
    host_.alive();
    Milliseconds longest = look_every;
    if (const auto due = progress_.flush()) longest = std::min(longest, *due);
    if (const Milliseconds period = host_.watchdog(); period.count() > 0) longest = std::min(longest, period / 2);
    return longest;
}

void Agent::finish_work() {
    worker_.finish();
    if (work_ != Work::none) look_after_result();
}

void Agent::look_after_result() {
    const Work work = std::exchange(work_, Work::none);
    warn_of_expiry();
    if (!failure_.empty()) {
        problem(std::exchange(failure_, ""), 3);
        // Never in a loop: what failed by itself is tried again after a while.
        not_before_ = platform_.clock.elapsed() + pause_after_failure;
        if (work == Work::recovery && !ending_) {
            work_ = Work::recovery;
            worker_.start([this] {
                worker_.wait(pause_after_failure);
                if (worker_.wish() != DeploymentControl::Wish::stop) recover();
            });
        }
        return;
    }
    if (work == Work::deployment && result_) {
        std::vector<std::string> ids{current_->request.id};
        for (const std::string& id : handed_over_)
            ids.push_back(id);
        try {
            record(*result_, ids);
            result_.reset();
        } catch (const Error& error) {
            problem(error.what(), 3);
            not_before_ = platform_.clock.elapsed() + pause_after_failure;
        }
    }
    if (auto look = std::exchange(look_, std::nullopt)) {
        try {
            conclude_look(std::move(look->probation), look->look);
        } catch (const Error& error) {
            problem(error.what(), 3);
        }
    }
    if (work != Work::background) {
        current_.reset();
        handed_over_.clear();
        progress_.change([](Status& status) { status.deployment.reset(); });
    }
}

void Agent::start_deployment(DeploymentState state) {
    Settings settings;
    try {
        settings = surroundings_.load_settings();
        take(settings);
        // From here on the state is what counts; the spool forgets the request.
        save_deployment_state(platform_.files, paths_.deployment(), state);
    } catch (const Error& error) {
        if (error.cause().starts_with("settings")) {
            Report report = report_of(state.request, platform_.clock.now());
            report.outcome = Outcome::refused;
            report.cause = error.cause();
            report.message = error.what();
            record(report, {state.request.id});
        } else {
            problem(error.what(), 3);
            not_before_ = platform_.clock.elapsed() + pause_after_failure;
        }
        return;
    }
    requests_.remove(state.request.id);
    current_ = state;
    result_.reset();
    work_ = Work::deployment;
    progress_.change([&](Status& status) {
        status.deployment = ActiveDeployment{};
        status.deployment->id = state.request.id;
        status.deployment->kind = text(state.request.kind);
        status.deployment->accepted_at = state.request.accepted_at;
        status.deployment->since = platform_.clock.now();
        status.mode = text(settings.mode);
        status.channel = settings.channel;
    });
    worker_.start([this, settings, state] {
        try {
            const auto parts = surroundings_.make_parts(settings);
            if (!state.attempt.empty() && !state.restart) {
                // It was applied already, and only its report could not be written.
                conclude_attempt(*parts, settings, state.attempt, state);
                return;
            }
            Deployment deployment({*parts, platform_.files, platform_.clock, settings, paths_, progress_}, worker_,
                                  state);
            result_ = deployment.run();
            prune_attempts(platform_.files, paths_.attempts(), settings.limits.keep_attempts,
                           {state.request.id, deployment.state().attempt, parts->waiting_attempt().value_or("")});
        } catch (const std::exception& error) {
            failure_ = error.what();
        }
    });
}

void Agent::tell(const Report& report) {
    history_.add(report);
    if (const std::string why = spool_report(platform_.files, paths_.state + "/reports", report); !why.empty())
        problem(why);
    progress_.change([&](Status& status) { take_report(status, report); });
}

/// Durable in the history before the deployment is forgotten.
void Agent::record(const Report& report, const std::vector<std::string>& requests) {
    // Whoever follows takes the report for the end: all that was told is to be read before it.
    progress_.flush(true);
    tell(report);
    platform_.files.remove_durably(paths_.deployment());
    for (const std::string& id : requests)
        requests_.remove(id);
    const int priority = report.outcome == Outcome::needs_attention ? 3 : exit_code(report.outcome) == 0 ? 6 : 4;
    log({priority,
         "deployment-ended",
         "deployment " + report.id + ": " + headline(report) + (report.message.empty() ? "" : ": " + report.message),
         {{"deployment", report.id},
          {"kind", report.kind},
          {"outcome", text(report.outcome)},
          {"exit_code", std::to_string(exit_code(report.outcome))},
          {"cause", report.cause},
          {"from", report.from},
          {"to", report.to},
          {"change", report.change},
          {"down_ms", std::to_string(report.down_ms)},
          {"evidence", report.evidence}}});
    const std::optional<Probation> probation = readable_probation();
    progress_.change([&](Status& status) {
        status.deployment.reset();
        if (is_in_force(report.outcome)) status.installed = report.to;
        status.probation = probation;
    });
    background_at_ = std::min(background_at_, platform_.clock.elapsed() + look_after_deployment);
}

/// Once: two problems that stay would otherwise fill the log by turns.
void Agent::problem(const std::string& text, int priority) {
    bool is_new = false;
    const UnixTime now = platform_.clock.now();
    progress_.change([&](Status& status) { is_new = add_problem(status.problems, text, now); });
    if (is_new) log({priority, "problem", text, {}});
}

void Agent::log(const LogEvent& event) {
    if (event.priority <= least_urgent_) platform_.host.log_event(event);
}

void Agent::take(const Settings& settings) {
    constexpr std::array<int, 4> priorities{3, 4, 6, 7};
    least_urgent_ = priorities.at(std::size_t(settings.report.log_level));
    if (textfile_ != settings.report.textfile) metrics_told_.clear();
    textfile_ = settings.report.textfile;
    after_failed_probation_ = settings.verify.after_failed_probation;
}

void Agent::tell_phase() {
    const auto deployment = progress_.current().deployment;
    const std::string phase = deployment ? "deployment " + deployment->id + ": " + text(deployment->phase) : "";
    if (std::exchange(phase_told_, phase) == phase || phase.empty()) return;
    log({7, "deployment-phase", phase, {{"deployment", deployment->id}, {"phase", text(deployment->phase)}}});
}

Settings Agent::settings_or_default() {
    try {
        return surroundings_.load_settings();
    } catch (const Error&) {
        return default_settings(paths_);
    }
}

} // namespace autodeploy
