#include "installer/repository/updater.h"

#include "installer/repository/safe_name.h"
#include "platform/error.h"

#include <algorithm>
#include <set>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::int64_t seconds_of_a_day = 86400;

/// Down, so that an hour past the date is day -1.
std::int64_t whole_days(std::int64_t seconds) {
    return seconds >= 0 ? seconds / seconds_of_a_day : -((-seconds + seconds_of_a_day - 1) / seconds_of_a_day);
}

Error all_mirrors_failed(const std::string& file, const std::vector<Error>& errors) {
    if (errors.size() == 1) return errors.front();
    std::string message = "cannot get " + file + " from any of the mirrors";
    for (const Error& error : errors)
        message += std::string("; ") + error.what();
    // A mirror that gave bad bytes says more than one that gave none.
    const auto telling = std::find_if(errors.begin(), errors.end(), [](const Error& error) {
        return !error.cause().starts_with("transport_") && error.cause() != "server_busy";
    });
    const Error& chosen = telling == errors.end() ? errors.front() : *telling;
    const bool later =
        std::any_of(errors.begin(), errors.end(), [](const Error& error) { return error.retry_makes_sense(); });
    return Error(chosen.cause(), message, later ? Retry::later : Retry::no);
}

/// What a person gave does not get better by itself, unlike what a mirror gives.
TrustedSet read_given_root(const std::string& root) {
    try {
        return TrustedSet(root, "the root that was given", 0);
    } catch (const Error& error) {
        throw Error(error.cause(), std::string(error.what()) + "; give it the repository's own 1.root.json, unchanged");
    }
}

void check_target_path(const std::string& path) {
    if (!is_safe_target_path(path))
        throw Error("path_refused", "cannot use the target name \"" + path +
                                        "\": a name must be relative, without \"..\", empty parts, backslashes, "
                                        "colons and control characters");
}

} // namespace

Updater::Updater(FileSystem& files, Clock& clock, std::vector<Transport*> mirrors, const std::string& store_directory,
                 UpdaterLimits limits)
    : files_(files), clock_(clock), mirrors_(std::move(mirrors)), store_(files, clock, store_directory),
      limits_(limits) {}

void Updater::init(const std::string& root) {
    if (root.size() > limits_.root_bytes)
        throw Error("file_too_large",
                    "cannot trust the root that was given: it has " + std::to_string(root.size()) + " bytes");
    const TrustedSet given = read_given_root(root);
    const auto lock = store_.lock(limits_.lock_patience);
    std::optional<Root> stored;
    try {
        stored = load_root(0).root();
    } catch (const Error& error) {
        const bool of_the_root = error.cause() == "root_missing" || error.cause() == "root_untrusted";
        if (!of_the_root) throw;
    }
    if (stored && stored->version == given.root().version && stored->signed_part != given.root().signed_part)
        throw Error("root_conflict", "cannot trust the root that was given: the store " + store_.directory() +
                                         " trusts another root of the same version " + std::to_string(stored->version) +
                                         "; to follow another repository, remove that folder");
    if (!stored || stored->version < given.root().version) {
        store_.write_root(root, given.root().version, false);
        trusted_.reset();
    }
}

void Updater::refresh() {
    trusted_.reset();
    roles_.clear();
    const auto lock = store_.lock(limits_.lock_patience);
    const UnixTime now = reference_time();
    TrustedSet trusted = load_root(now);
    walk_roots(trusted);
    walk_timestamp(trusted);
    walk_snapshot(trusted);
    Targets targets = walk_top_level_targets(trusted);
    keep_record(trusted, now);
    roles_.emplace(Chain{"targets"}, std::move(targets));
    trusted_ = std::move(trusted);
}

UnixTime Updater::reference_time() {
    return std::max(clock_.now(), store_.record().time_floor);
}

TrustedSet Updater::load_root(UnixTime now) {
    const std::optional<std::string> stored = store_.read("root", limits_.root_bytes);
    if (!stored)
        throw Error("root_missing", "cannot check for updates: the trust store " + store_.directory() +
                                        " has no root; it is started from the administrator's root.json");
    try {
        return TrustedSet(*stored, "the stored root", now);
    } catch (const Error& error) {
        throw Error("root_untrusted", "cannot use the trust store " + store_.directory() + ": " + error.what());
    }
}

void Updater::walk_roots(TrustedSet& trusted) {
    for (int i = 0; i < limits_.new_roots; ++i) {
        const std::string file = std::to_string(trusted.root().version + 1) + ".root.json";
        std::string accepted;
        bool forget = false;
        const bool more = fetch(file, limits_.root_bytes, Absence::is_the_answer,
                                [&](const std::string& bytes, const std::string& label) {
                                    forget = trusted.update_root(bytes, label);
                                    accepted = bytes;
                                });
        if (!more) break;
        store_.write_root(accepted, trusted.root().version, forget);
    }
    trusted.check_root_expiry();
}

void Updater::walk_timestamp(TrustedSet& trusted) {
    if (const auto stored = store_.read("timestamp", limits_.timestamp_bytes)) trusted.load_timestamp(*stored);
    std::string newer;
    fetch_required("timestamp.json", limits_.timestamp_bytes, [&](const std::string& bytes, const std::string& label) {
        if (trusted.update_timestamp(bytes, label)) newer = bytes;
    });
    if (newer.empty())
        trusted.check_timestamp_expiry();
    else
        store_.write("timestamp", newer);
}

void Updater::walk_snapshot(TrustedSet& trusted) {
    const auto stored = store_.read("snapshot", limits_.snapshot_bytes);
    if (stored && trusted.load_snapshot(*stored)) return trusted.check_snapshot_expiry();
    const FileVersion& file = trusted.timestamp().snapshot;
    std::string accepted;
    fetch_required(trusted.root().consistent_snapshot ? std::to_string(file.version) + ".snapshot.json"
                                                      : "snapshot.json",
                   std::min(file.length.value_or(limits_.snapshot_bytes), limits_.snapshot_bytes),
                   [&](const std::string& bytes, const std::string& label) {
                       trusted.update_snapshot(bytes, label);
                       accepted = bytes;
                   });
    store_.write("snapshot", accepted);
}

void Updater::keep_record(const TrustedSet& trusted, UnixTime now) {
    const TrustRecord before = store_.record();
    TrustRecord record = before;
    record.refreshed = now;
    record.time_floor = std::max(before.time_floor, std::min(now, trusted.timestamp().expires));
    if (record.timestamp_version != trusted.timestamp().version) {
        record.timestamp_version = trusted.timestamp().version;
        record.timestamp_since = now;
    }
    store_.write_record(record);
}

Targets Updater::walk_top_level_targets(const TrustedSet& trusted) {
    LoadedTargets loaded = load_targets(trusted, "targets", trusted.root().roles.at("targets"), trusted.root().keys);
    if (!loaded.fetched.empty()) store_.write("targets", loaded.fetched);
    return std::move(loaded.targets);
}

Updater::LoadedTargets Updater::load_targets(const TrustedSet& trusted, const std::string& role, const RoleKeys& keys,
                                             const KeyMap& known) {
    const FileVersion& file = trusted.listed(role);
    if (const auto stored = store_.read(role, limits_.targets_bytes)) {
        try {
            return {trusted.verify_targets(*stored, role, keys, known, "the stored role " + role), ""};
        } catch (const Error&) {
            // An older one, or one that this delegator's keys do not sign: the repository's own is asked for.
        }
    }
    const std::string name = percent_encoded(role) + ".json";
    LoadedTargets loaded;
    fetch_required(trusted.root().consistent_snapshot ? std::to_string(file.version) + "." + name : name,
                   std::min(file.length.value_or(limits_.targets_bytes), limits_.targets_bytes),
                   [&](const std::string& bytes, const std::string& label) {
                       loaded = {trusted.verify_targets(bytes, role, keys, known, label), bytes};
                   });
    return loaded;
}

bool Updater::fetch(const std::string& file, std::uint64_t cap, Absence absence, const Accept& accept) {
    std::vector<Error> errors;
    const std::vector<Transport*> mirrors = mirrors_;
    for (Transport* mirror : mirrors) {
        try {
            const std::optional<std::string> bytes = mirror->metadata(file, cap);
            if (!bytes && absence == Absence::is_the_answer) return false;
            if (!bytes) continue;
            const std::string label = file + " from " + mirror->name();
            if (bytes->size() > cap)
                throw Error("file_too_large",
                            "cannot use " + label + ": it has more than " + std::to_string(cap) + " bytes",
                            Retry::later);
            accept(*bytes, label);
            return true;
        } catch (const Error& error) {
            errors.push_back(error);
            // Asked last from now on: one that does not answer would cost its time limit for every file.
            std::erase(mirrors_, mirror);
            mirrors_.push_back(mirror);
        }
    }
    if (!errors.empty()) throw all_mirrors_failed(file, errors);
    return false;
}

void Updater::fetch_required(const std::string& file, std::uint64_t cap, const Accept& accept) {
    if (fetch(file, cap, Absence::ask_next_mirror, accept)) return;
    std::string names;
    for (const Transport* mirror : mirrors_)
        names += (names.empty() ? "" : ", ") + mirror->name();
    throw Error("metadata_missing", "cannot get " + file + ": it is not at " + (names.empty() ? "any mirror" : names),
                Retry::later);
}

const Targets& Updater::delegated(const Chain& chain, const Delegation& delegation, const Delegations& by) {
    const auto known = roles_.find(chain);
    if (known != roles_.end()) return known->second;
    LoadedTargets loaded = load_targets(trusted_.value(), delegation.role, delegation.keys, by.keys);
    if (!loaded.fetched.empty()) store_delegated(delegation.role, loaded.fetched);
    return roles_.emplace(chain, std::move(loaded.targets)).first->second;
}

void Updater::store_delegated(const std::string& role, const std::string& bytes) {
    const auto lock = store_.lock(limits_.lock_patience);
    const auto stored = store_.read("snapshot", limits_.snapshot_bytes);
    // Another process may have gone on since our refresh: its newer files stay.
    if (stored && read_snapshot(*stored, "the stored snapshot").version == trusted_.value().snapshot().version)
        store_.write(role, bytes);
}

std::optional<FoundTarget> Updater::find_target(const std::string& path) {
    check_target_path(path);
    if (!trusted_) refresh();

    struct Visit {
        Chain chain;
        Delegation delegation;
        const Delegations* by;
    };
    std::vector<Visit> waiting; // the next one is the last
    std::set<std::string> visited{"targets"};
    Chain chain{"targets"};
    const Targets* role = &roles_.at(chain);
    while (true) {
        const auto file = role->files.find(path);
        if (file != role->files.end()) return found(file->second, chain);

        std::vector<Delegation> next = role->delegations.covering(path);
        const auto last = std::find_if(next.begin(), next.end(), [](const Delegation& one) { return one.terminating; });
        if (last != next.end()) {
            next.erase(last + 1, next.end());
            waiting.clear();
        }
        for (auto delegation = next.rbegin(); delegation != next.rend(); ++delegation) {
            Chain longer = chain;
            longer.push_back(delegation->role);
            waiting.push_back({std::move(longer), std::move(*delegation), &role->delegations});
        }
        while (!waiting.empty() && visited.contains(waiting.back().delegation.role))
            waiting.pop_back();
        if (waiting.empty()) return std::nullopt;

        if (int(visited.size()) > limits_.roles)
            throw Error("too_many_roles",
                        "cannot find out who lists " + path + ": more than " + std::to_string(limits_.roles) +
                            " roles would have to be asked",
                        Retry::later);
        const Visit visit = std::move(waiting.back());
        waiting.pop_back();
        visited.insert(visit.delegation.role);
        role = &delegated(visit.chain, visit.delegation, *visit.by);
        chain = visit.chain;
    }
}

std::vector<FoundTarget> Updater::targets_of(const std::string& role) {
    if (!trusted_) refresh();
    const Chain top{"targets"};
    const Targets& targets = roles_.at(top);
    std::vector<FoundTarget> list;
    if (role == "targets") {
        for (const auto& [path, file] : targets.files)
            if (is_safe_target_path(path)) list.push_back(found(file, top));
        return list;
    }
    const std::optional<Delegation> delegation = targets.delegations.to(role);
    if (!delegation)
        throw Error("role_not_delegated",
                    "cannot list the targets of the role " + role +
                        ": the repository's targets role does not delegate to it",
                    Retry::later);
    const auto& succinct = targets.delegations.succinct;
    const Chain chain{"targets", role};
    for (const auto& [path, file] : delegated(chain, *delegation, targets.delegations).files) {
        const bool covered = succinct ? succinct->role_of(path) == role : delegation->covers(path);
        if (covered && is_safe_target_path(path)) list.push_back(found(file, chain));
    }
    return list;
}

FoundTarget Updater::found(const TargetFile& file, const Chain& chain) const {
    FoundTarget target{file, chain.back(), chain.size() > 1 ? chain[chain.size() - 2] : "root", file.path};
    if (!trusted_.value().root().consistent_snapshot) return target;
    const auto hash = std::find_if(file.hashes.begin(), file.hashes.end(),
                                   [](const auto& entry) { return is_known_hash(entry.first); });
    const std::size_t name = file.path.rfind('/') + 1; // 0 where there is no directory
    if (hash != file.hashes.end()) target.remote_path.insert(name, hash->second + ".");
    return target;
}

void Updater::download(const FoundTarget& target, const std::string& destination, const DownloadLimits& limits,
                       const DownloadProgress& progress) {
    check_target_path(target.file.path);
    download_target(mirrors_, files_, clock_, target.file, target.remote_path, destination, limits, progress);
}

TrustState Updater::state() {
    TrustState state;
    const UnixTime now = clock_.now();
    const auto add = [&](const std::string& role, const Metadata& metadata) {
        state.roles.push_back({role, metadata.version, metadata.expires, whole_days(metadata.expires - now)});
    };
    const auto with = [&](const std::string& role, std::uint64_t limit, auto&& use) {
        try {
            if (const auto bytes = store_.read(role, limit)) use(*bytes);
        } catch (const Error& error) {
            if (error.cause() != "metadata_malformed" && error.cause() != "keyid_mismatch") throw;
        }
    };
    state.record = store_.record();
    UnixTime made = state.record.timestamp_since;
    with("root", limits_.root_bytes, [&](const std::string& bytes) { add("root", read_root(bytes, "root")); });
    with("timestamp", limits_.timestamp_bytes, [&](const std::string& bytes) {
        const Timestamp timestamp = read_timestamp(bytes, "timestamp");
        add("timestamp", timestamp);
        if (const Json* published = timestamp.signed_part.find("x-published")) {
            state.published = read_date(published->string());
            made = *state.published;
        }
    });
    std::vector<std::string> targets_roles;
    with("snapshot", limits_.snapshot_bytes, [&](const std::string& bytes) {
        const Snapshot snapshot = read_snapshot(bytes, "snapshot");
        add("snapshot", snapshot);
        for (const auto& [role, version] : snapshot.roles)
            targets_roles.push_back(role);
    });
    for (const std::string& role : targets_roles)
        with(role, limits_.targets_bytes, [&](const std::string& bytes) { add(role, read_targets(bytes, role)); });
    if (made > 0) state.metadata_age = Seconds(std::max<UnixTime>(0, now - made));
    state.clock_behind = Seconds(std::max<UnixTime>(0, state.record.time_floor - now));
    return state;
}

void Updater::reset_time_floor() {
    const auto lock = store_.lock(limits_.lock_patience);
    TrustRecord record = store_.record();
    record.time_floor = 0;
    store_.write_record(record);
}

} // namespace autodeploy
