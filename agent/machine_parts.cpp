#include "agent/machine_parts.h"

#include "agent/mirrors.h"
#include "agent/preflight.h"
#include "agent/quiet.h"
#include "installer/client/layout.h"
#include "installer/client/probe.h"
#include "installer/journal.h"
#include "installer/release_source.h"
#include "installer/repository/updater.h"
#include "platform/error.h"

#include <optional>
#include <utility>

namespace autodeploy {

namespace {

constexpr Milliseconds lock_patience{60000};
constexpr Milliseconds lock_pause{500};
constexpr int apply_attempts = 10;
constexpr Milliseconds apply_pause{6000};
constexpr std::uint64_t largest_root = 512000;

class MachineParts : public DeploymentParts {
  public:
    MachineParts(Platform& platform, const StandardPaths& paths, const Settings& settings, std::int64_t own_process)
        : platform_(platform), files_(platform.files), paths_(paths), settings_(settings), own_process_(own_process) {}

    Detection detect() override { return autodeploy::detect(platform_, detect_settings(settings_, paths_)); }

    std::vector<ReportedRequirement> requirements(const Detection& detection, PreflightInput input,
                                                  const AvailablePackage* package) override {
        const PreflightInput own = preflight_input(settings_, paths_);
        std::vector<std::string> approved = std::move(input.approved_one_way);
        approved.insert(approved.end(), own.approved_one_way.begin(), own.approved_one_way.end());
        input.severities = own.severities;
        input.allow_without_way_back = own.allow_without_way_back;
        input.approved_one_way = std::move(approved);
        input.vendor_signature = own.vendor_signature;
        input.restart = own.restart;
        input.spare_bytes = own.spare_bytes;
        input.retrieved_by_client = own.retrieved_by_client;
        input.trigger_command = own.trigger_command;
        if (input.release) input.prerequisites = find_prerequisites(platform_, *input.release);
        input.needs = room_needs(detection, input.release, room(detection, input, package));
        std::vector<ReportedRequirement> all;
        for (const Requirement& requirement : preflight(detection, input)) {
            all.push_back(reported(requirement));
            all.back().passing = requirement.passing;
        }
        return all;
    }

    RepositoryView refresh(const Detection& detection) override {
        if (detection.platform.empty())
            throw Error("no_client", "cannot ask the repository: no client was found here, so it is not known which "
                                     "packages fit");
        const auto lock = work_lock();
        Offering offering = source().refresh(detection.platform);
        RepositoryView view;
        view.offers = std::move(offering.offers);
        view.halt = std::move(offering.halt);
        view.packages = std::move(offering.packages);
        view.age = age();
        return view;
    }

    MetadataAge metadata_age() override {
        try {
            source();
            return age();
        } catch (const Error&) {
            return {};
        }
    }

    Choice choose(const ChoiceInput& input, const RepositoryView& view) override {
        return choose_release(input, view.offers, view.halt, view.packages);
    }

    Halt refresh_halt() override {
        const auto lock = work_lock();
        return source().refresh_halt();
    }

    StagedRelease stage(const AvailablePackage& package, const Detection& detection,
                        const BringProgress& progress) override {
        files_.make_private_directory(paths_.staging());
        return bring(package, detection, staging_directory(package.manifest.release), progress);
    }

    std::optional<StagedRelease> kept(const ClientVersion& release) override {
        return find_kept(files_, paths_.keep(), release);
    }

    std::vector<StagedRelease> kept_releases() override { return autodeploy::kept_releases(files_, paths_.keep()); }

    StagedRelease keep(const AvailablePackage& package, const Detection& detection,
                       const BringProgress& progress) override {
        files_.make_private_directory(paths_.keep());
        return bring(package, detection, kept_directory(paths_.keep(), package.manifest.release), progress);
    }

    std::optional<std::string> dry_run(const std::string& installer, const PackageSet& target) override {
        return platform_.installer(installer).dry_run(target);
    }

    std::vector<FoundPrerequisite> prerequisites(const Manifest& release) override {
        return find_prerequisites(platform_, release);
    }

    void reverify(const StagedRelease& release) override { autodeploy::reverify(files_, release); }

    ClientActivity activity(const Detection& detection, const std::vector<Request>& requests) override {
        QuietInput input;
        input.own_processes = {own_process_};
        for (const Request& request : requests) {
            if (!request.started_by) continue;
            input.origins.push_back({request.accepted_at, request.started_by->id, request.started_by->started});
        }
        return client_activity(detection, input);
    }

    std::unique_ptr<FileLock> instance_lock() override { return files_.try_lock(paths_.instance_lock()); }

    ApplyResult apply(const Plan& plan, const std::function<void(const std::string&)>& progress) override {
        files_.make_private_directory(paths_.attempts());
        Journal journal = Journal::begin(files_, folder(plan.attempt), plan);
        return finish(std::move(journal), plan.attempt, progress);
    }

    std::vector<std::string> unfinished_attempts() override {
        std::vector<std::string> unfinished;
        for (const std::string& attempt : attempts_with_journal()) {
            try {
                const Journal journal = Journal::open(files_, folder(attempt));
                const auto& state = journal.state();
                if (state.ended || waits_for_restart(state, platform_.clock.boot_id())) continue;
            } catch (const Error& error) {
                // Whoever takes it up hears of it.
                if (error.cause() != "journal_unreadable") throw;
            }
            unfinished.push_back(attempt);
        }
        return unfinished;
    }

    bool has_begun(const std::string& attempt) override {
        return files_.status(folder(attempt) + "/journal") || files_.status(paths_.rescue_list());
    }

    void put_aside(const std::string& attempt) override {
        if (!files_.status(folder(attempt) + "/journal")) return;
        files_.rename_durably(folder(attempt) + "/journal", folder(attempt) + "/journal.unreadable");
    }

    Plan plan_of(const std::string& attempt) override { return Journal::open(files_, folder(attempt)).plan(); }

    ApplyResult resume(const std::string& attempt, const std::function<void(const std::string&)>& progress) override {
        return finish(Journal::open(files_, folder(attempt)), attempt, progress);
    }

    std::optional<std::string> waiting_attempt() override {
        const std::vector<std::string> attempts = attempts_with_journal();
        for (auto attempt = attempts.rbegin(); attempt != attempts.rend(); ++attempt) {
            try {
                if (waits_for_restart(Journal::open(files_, folder(*attempt)).state(), platform_.clock.boot_id()))
                    return *attempt;
            } catch (const Error&) {
                // What cannot be read is nobody's to wait for; the recovery tells it.
            }
        }
        return std::nullopt;
    }

    ApplyResult give_up_restart(const std::string& attempt, const std::string& cause, const std::string& message,
                                const std::function<void(const std::string&)>& progress) override {
        const auto awake = platform_.host.stay_awake();
        DetectingProbe probe(platform_, detect_settings(settings_, paths_));
        StepContext context{platform_, probe, folder(attempt), paths_.rescue_list(), progress};
        Journal journal = Journal::open(files_, folder(attempt));
        return autodeploy::give_up_restart(journal, context, cause, message);
    }

    std::vector<std::string> logged_on() override { return platform_.host.logged_on(); }

    void request_restart(const std::string& message, Seconds delay) override {
        platform_.host.request_restart(message, delay);
        platform_.host.log_event({4, "restart-announced", message, {{"delay_seconds", std::to_string(delay.count())}}});
    }

    bool cancel_restart() override { return platform_.host.cancel_restart(); }

    void rotate_keep(const ClientVersion& now, const std::optional<ClientVersion>& before) override {
        files_.make_private_directory(paths_.keep());
        if (!autodeploy::rotate_keep(files_, paths_.keep(), staging_directory(now), now, before))
            throw Error("no_way_back",
                        "cannot keep the packages of " + text(now) + ": they are not in staging any more");
        files_.remove_tree(paths_.staging());
        if (files_.status(paths_.downloads()))
            for (const std::string& name : files_.list(paths_.downloads()))
                files_.remove_durably(paths_.downloads() + "/" + name);
    }

  private:
    /// What is still to be written of the package.
    RoomPlaces room(const Detection& detection, const PreflightInput& input, const AvailablePackage* package) {
        RoomPlaces places{.downloads = paths_.downloads(),
                          .staging = paths_.staging(),
                          .keep = paths_.keep(),
                          .state = paths_.state,
                          .evidence_bytes = settings_.limits.evidence_bytes + captured_bytes(detection)};
        if (input.prerequisites) places.prerequisite_bytes = prerequisite_bytes(*input.prerequisites);
        if (!package || input.target) return places;
        const auto staged = find_staged(files_, staging_directory(package->manifest.release));
        if (staged && staged->manifest == package->manifest) return places;
        places.package_bytes = package->file.length;
        places.staged_bytes = package->manifest.staged_bytes();
        return places;
    }

    /// Include lists may be hundreds of megabytes; each file is copied once.
    std::uint64_t captured_bytes(const Detection& detection) {
        std::uint64_t bytes = 0;
        for (const ClientFile& file : detection.files)
            if (const auto status = files_.status(file.path); status && status->type == FileType::regular)
                bytes += status->size;
        return bytes;
    }

    std::string staging_directory(const ClientVersion& release) const { return paths_.staging() + "/" + text(release); }

    /// Oldest first. Folders without a journal hold evidence only: their deployments ended before apply.
    std::vector<std::string> attempts_with_journal() {
        std::vector<std::string> attempts;
        if (files_.status(paths_.attempts())) attempts = files_.list(paths_.attempts());
        std::erase_if(attempts, [this](const std::string& name) { return !files_.status(folder(name) + "/journal"); });
        return attempts;
    }

    std::string folder(const std::string& attempt) const { return paths_.attempts() + "/" + attempt; }

    /// One process refreshes, fetches or stages at a time.
    std::unique_ptr<FileLock> work_lock() {
        const Milliseconds begin = platform_.clock.elapsed();
        for (;;) {
            if (auto lock = files_.try_lock(paths_.work_lock())) return lock;
            if (platform_.clock.elapsed() - begin > lock_patience)
                throw Error("busy",
                            "cannot work with the repository: another process of autodeploy does so (" +
                                paths_.work_lock() + "); see `autodeploy status`",
                            Retry::later);
            platform_.clock.sleep(lock_pause);
        }
    }

    /// Made when it is first needed: a rollback needs no repository.
    ReleaseSource& source() {
        if (source_) return *source_;
        files_.make_private_directory(paths_.trust());
        mirrors_ = mirrors(platform_, settings_.repository, paths_);
        std::vector<Transport*> transports;
        for (const auto& mirror : mirrors_)
            transports.push_back(mirror.get());
        updater_.emplace(files_, platform_.clock, transports, paths_.trust());
        if (!files_.status(paths_.root))
            throw Error("root_missing", "cannot check for updates: there is no " + paths_.root +
                                            "; copy the repository's published/metadata/1.root.json there");
        if (const auto hand = files_.changeable_by_others(paths_.root))
            throw Error("root_insecure", "cannot use " + paths_.root + ": " + *hand +
                                             ", and who changes it decides whose packages are installed here; put a "
                                             "file of root's there that nobody else may write");
        try {
            updater_->init(files_.read(paths_.root, largest_root));
        } catch (const Error& error) {
            // What passes by itself is no fault of the file.
            if (error.retry_makes_sense()) throw;
            throw Error(error.cause(), "cannot use " + paths_.root + ": " + error.what());
        }
        source_.emplace(files_, *updater_, paths_.downloads());
        return *source_;
    }

    MetadataAge age() {
        const TrustState trust = updater_->state();
        MetadataAge age;
        age.refreshed_at = trust.record.refreshed;
        age.time_floor = trust.record.time_floor;
        for (const auto& mirror : mirrors_)
            age.source += (age.source.empty() ? "" : ", ") + mirror->name();
        for (const RoleState& role : trust.roles) {
            const bool made_anew = role.role == "timestamp" || role.role == "snapshot";
            const UnixTime made = trust.published.value_or(platform_.clock.now() - trust.metadata_age.count());
            age.parts.push_back({role.role, role.expires, Seconds(made_anew ? role.expires - made : 0)});
            if (age.expires_at != 0 && role.expires >= age.expires_at) continue;
            age.expires_at = role.expires;
            age.expires_first = role.role;
        }
        return age;
    }

    StagedRelease bring(const AvailablePackage& package, const Detection& detection, const std::string& directory,
                        const BringProgress& progress) {
        const auto lock = work_lock();
        if (auto staged = find_staged(files_, directory); staged && staged->manifest == package.manifest)
            return *staged;
        const RepositorySettings& repository = settings_.repository;
        const DownloadLimits limits{.bytes_per_second = repository.bytes_per_second,
                                    .attempts = repository.attempts,
                                    .first_pause = repository.first_pause,
                                    .longest_pause = repository.longest_pause};
        StageRequest request;
        request.archive = source().fetch(
            package, limits, [&](std::uint64_t done, std::uint64_t total) { progress(Phase::fetch, done, total); });
        request.sha256 = package.file.hashes.at("sha256");
        request.length = package.file.length;
        request.manifest = package.manifest;
        request.directory = directory;
        request.installed.emplace();
        for (const InstalledPackage& installed : detection.packages)
            request.installed->push_back(installed.id.name);
        request.limits = {.entries = settings_.limits.archive_entries,
                          .unpacked_bytes = settings_.limits.unpacked_bytes,
                          .ratio = settings_.limits.archive_ratio,
                          .dictionary_bytes = settings_.limits.dictionary_bytes};
        request.spare_bytes = settings_.limits.spare_bytes;
        request.progress = [&](std::uint64_t done, std::uint64_t total) { progress(Phase::stage, done, total); };
        return autodeploy::stage(files_, request);
    }

    /// A journal that cannot be written now must not leave the client half changed: it is taken up again and again.
    ApplyResult finish(Journal journal, const std::string& attempt,
                       const std::function<void(const std::string&)>& progress) {
        const auto awake = platform_.host.stay_awake();
        DetectingProbe probe(platform_, detect_settings(settings_, paths_));
        StepContext context{platform_, probe, folder(attempt), paths_.rescue_list(), progress};
        for (int tries = 1;; ++tries) {
            try {
                return autodeploy::apply(journal, context);
            } catch (const Error& error) {
                if (!journal.state().begun || tries == apply_attempts) throw;
                progress(std::string("trying again to finish: ") + error.what());
                platform_.clock.sleep(apply_pause);
                journal = Journal::open(files_, folder(attempt));
            }
        }
    }

    Platform& platform_;
    FileSystem& files_;
    const StandardPaths& paths_;
    Settings settings_;
    std::int64_t own_process_;
    std::vector<std::unique_ptr<Transport>> mirrors_;
    std::optional<Updater> updater_;
    std::optional<ReleaseSource> source_;
};

} // namespace

DetectSettings detect_settings(const Settings& settings, const StandardPaths& paths) {
    DetectSettings detect;
    detect.client_directories = settings.client_directories;
    detect.measured_paths = {paths.state, paths.staging(), paths.keep()};
    detect.hold_files = settings.hold_files;
    if (paths.program.find('\\') != std::string::npos) detect.program_files = directory_of(directory_of(paths.program));
    detect.event_settled = settings.wait.event_settled;
    return detect;
}

std::unique_ptr<DeploymentParts> machine_parts(Platform& platform, const StandardPaths& paths, const Settings& settings,
                                               std::int64_t own_process) {
    return std::make_unique<MachineParts>(platform, paths, settings, own_process);
}

} // namespace autodeploy
