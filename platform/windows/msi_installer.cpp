#include "platform/windows/msi_installer.h"

#include "platform/error.h"
#include "platform/windows/folded.h"
#include "platform/windows/full_path.h"
#include "platform/windows/msi_log.h"
#include "platform/windows/registry_value.h"
#include "platform/windows/service_account.h"

#include <algorithm>
#include <set>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_note = 1 << 20;
constexpr std::uint64_t largest_log = 64 << 20;
constexpr Milliseconds between_looks{1000};
const std::string in_progress_key = R"(HKLM64\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\InProgress)";
const std::string policy_key = R"(HKLM64\SOFTWARE\Policies\Microsoft\Windows\Installer)";

bool is_among(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> names_present(const PackageSet& target) {
    std::vector<std::string> names;
    for (const PackageFile& file : target.present)
        names.push_back(file.id.name);
    return names;
}

std::string choices_path(const std::string& evidence) {
    return evidence + "/msi.choices";
}

} // namespace

template<class Wanted> std::vector<InstalledPackage> MsiInstaller::list(Wanted&& is_wanted) {
    std::vector<InstalledPackage> packages;
    for (const MsiProduct& product : machine_.database.products()) {
        if (!is_wanted(product.name)) continue;
        InstalledPackage package{
            {product.name, product.version, architecture_of(product)}, true, product.state, product.package_code};
        package.healthy = product.state == "installed" && !package.id.architecture.empty();
        if (package.id.architecture.empty()) package.state += ", Windows' copy of its package cannot be read";
        packages.push_back(std::move(package));
    }
    return packages;
}

/// Empty where Windows has lost its copy of the package.
std::string MsiInstaller::architecture_of(const MsiProduct& product) {
    const std::optional<MsiPackage> package = cached_package(product);
    return package ? package->architecture : std::string();
}

std::vector<InstalledPackage> MsiInstaller::installed(const std::vector<std::string>& name_prefixes) {
    return list([&](const std::string& name) {
        return std::any_of(name_prefixes.begin(), name_prefixes.end(),
                           [&](const std::string& prefix) { return name.starts_with(prefix); });
    });
}

std::vector<InstalledPackage> MsiInstaller::packages_named(const std::vector<std::string>& names) {
    return list([&](const std::string& name) { return is_among(names, name); });
}

std::optional<std::string> MsiInstaller::lock_holder() {
    if (machine_.database.is_at_work()) return "another installation by Windows Installer is at work";
    const bool ours = !evidence_.empty() && machine_.files.status(unfinished_path(evidence_, tool_name())).has_value();
    // Ours is settled by running it again: Windows first leads the one back that was broken off.
    const SettingsStore::Tree suspended = ours ? SettingsStore::Tree{} : machine_.settings.read(in_progress_key);
    if (std::any_of(suspended.begin(), suspended.end(), [](const auto& key) { return !key.second.empty(); }))
        return "an installation was broken off and has to be finished or undone first (" + in_progress_key + ")";
    return std::nullopt;
}

std::vector<std::string> MsiInstaller::pinned(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    for (const auto& [key, values] : machine_.settings.read(policy_key))
        for (const auto& [name, value] : values)
            if (key == policy_key && name == "DisableMSI" && number_of_registry_value(value).value_or(0) == 2)
                return {"installations are forbidden by a policy (" + policy_key + ", DisableMSI=2)"};
    return {};
}

PackageFile MsiInstaller::describe(const std::string& path) {
    const MsiPackage package = machine_.database.package(path);
    PackageFile file;
    file.id = {package.name, package.version, package.architecture};
    file.path = path;
    file.sha256 = machine_.files.sha256(path);
    file.digest = package.package_code;
    file.installed_bytes = package.installed_bytes;
    return file;
}

std::optional<std::string> MsiInstaller::dry_run(const PackageSet& target) {
    if (const std::vector<std::string> policies = pinned(names_present(target)); !policies.empty())
        return policies.front();
    const bool is_64_bit = machine_.host.facts().is_64_bit;
    for (const PackageFile& file : target.present) {
        try {
            const MsiPackage package = machine_.database.package(file.path);
            if (PackageId{package.name, package.version, package.architecture} != file.id ||
                (!file.digest.empty() && file.digest != package.package_code))
                return file.path + " is another package than was promised: " + package.name + " " + package.version +
                       " (" + package.architecture + ", " + package.package_code + ")";
        } catch (const Error& error) {
            if (error.cause() != "package_unreadable") throw;
            return error.what();
        }
        if (!is_64_bit && file.id.architecture != "Intel")
            return file.id.name + " " + file.id.version + " is for a 64-bit Windows";
    }
    return lost_service(target);
}

/// A service that a package of today takes away when it goes, and that would not come back as it was.
std::optional<std::string> MsiInstaller::lost_service(const PackageSet& target) {
    std::vector<std::string> brought;
    std::vector<std::string> same_products;
    for (const PackageFile& file : target.present) {
        const MsiPackage package = machine_.database.package(file.path);
        brought.insert(brought.end(), package.installed_services.begin(), package.installed_services.end());
        same_products.push_back(package.product_code);
    }
    for (const MsiProduct& product : machine_.database.products()) {
        if (is_among(same_products, product.code) ||
            (!is_among(names_present(target), product.name) && !is_among(target.absent, product.name)))
            continue;
        const std::optional<MsiPackage> package = cached_package(product);
        if (!package) continue;
        for (const std::string& service : package->deleted_services) {
            const std::optional<std::string> account = account_of_service(service);
            if (!account) continue;
            const std::string fate = "the installed package of " + product.name + " " + product.version +
                                     " takes the service " + service + " away when it goes, ";
            if (needs_password(*account))
                return fate + "and the password of its account " + *account +
                       " would be lost: let it run as LocalSystem, or update this client by hand";
            if (std::none_of(brought.begin(), brought.end(),
                             [&](const std::string& one) { return same_folded(one, service); }))
                return fate + "and the new one does not bring it: update this client by hand";
        }
    }
    return std::nullopt;
}

/// Nothing where there is no such service.
std::optional<std::string> MsiInstaller::account_of_service(const std::string& service) {
    const std::string key = R"(HKLM64\SYSTEM\CurrentControlSet\Services\)" + service;
    for (const auto& [name, values] : machine_.settings.read(key))
        if (const auto account = values.find("ObjectName"); same_folded(name, key) && account != values.end())
            return text_of_registry_value(account->second);
    return std::nullopt;
}

/// Nothing where Windows has lost its copy of the package.
std::optional<MsiPackage> MsiInstaller::cached_package(const MsiProduct& product) {
    try {
        return machine_.database.package(product.cached);
    } catch (const Error& error) {
        if (error.cause() != "package_unreadable") throw;
        return std::nullopt;
    }
}

ConvergeResult MsiInstaller::converge(const PackageSet& target, const ConvergeOptions& options) {
    begin(target, options);
    ConvergeResult result =
        converge_with(*this, machine_.commands, machine_.files, machine_.clock, target, options, std::nullopt);
    evidence_.clear();
    if (result.convergence != Convergence::reached) return result;
    // Windows' "restart required" is a hint; only what waits on our own paths counts.
    std::vector<std::string> waiting = waiting_for_restart(target);
    if (waiting.empty()) return result;
    result.convergence = Convergence::restart_needed;
    result.warnings.insert(result.warnings.end(), waiting.begin(), waiting.end());
    return result;
}

/// What is to be known before anything is changed, and the end of what an earlier run left at work.
void MsiInstaller::begin(const PackageSet& target, const ConvergeOptions& options) {
    evidence_ = options.evidence_path;
    wait_for_our_own(options);
    choices_.clear();
    const std::string note = choices_path(evidence_);
    if (machine_.files.status(note)) {
        choices_ = parse_choices(machine_.files.read(note, largest_note));
    } else if (!machine_.database.is_at_work()) {
        std::vector<std::string> names = names_present(target);
        names.insert(names.end(), target.absent.begin(), target.absent.end());
        for (const MsiProduct& product : machine_.database.products()) {
            if (!is_among(names, product.name)) continue;
            if (const auto package = cached_package(product))
                choices_[{package->upgrade_code, package->architecture}] = machine_.database.choice(product);
        }
    }
    keeps_logs_ = true;
    try {
        if (!machine_.files.status(note)) machine_.files.write_durably(note, choices_text(choices_));
    } catch (const Error&) {
        if (!options.way_back) throw;
        keeps_logs_ = false; // msiexec does not begin without the log that it was told to write
    }
    for (next_log_ = 1; machine_.files.status(log_path(next_log_));)
        ++next_log_;
}

/// Ending msiexec does not end what it asked Windows' service for.
void MsiInstaller::wait_for_our_own(const ConvergeOptions& options) {
    if (!machine_.files.status(unfinished_path(evidence_, tool_name()))) return;
    const Milliseconds end = machine_.clock.elapsed() + options.overrun;
    bool told = false;
    while (machine_.database.is_at_work() && machine_.clock.elapsed() < end) {
        if (!told && options.report) options.report("waiting for the installation that was begun before");
        told = true;
        machine_.clock.sleep(between_looks);
    }
}

std::vector<std::string> MsiInstaller::waiting_for_restart(const PackageSet& target) {
    std::set<std::string> folders;
    for (const MsiProduct& product : machine_.database.products())
        if (is_among(names_present(target), product.name))
            for (const MsiFile& file : machine_.database.files(product))
                folders.insert(parent_path(file.path));
    return machine_.host.pending_renames({folders.begin(), folders.end()});
}

std::vector<MsiPredecessor> MsiInstaller::predecessors(const MsiPackage& package) {
    std::map<std::string, std::vector<std::string>> related; // ProductCode → UpgradeCodes that find it
    for (const MsiUpgrade& row : package.upgrades)
        for (const std::string& product : machine_.database.related(row.code))
            if (std::vector<std::string>& codes = related[product]; !is_among(codes, row.code))
                codes.push_back(row.code);
    std::vector<MsiPredecessor> found;
    for (const MsiProduct& product : machine_.database.products()) {
        const auto by_code = related.find(product.code);
        if (by_code == related.end() && product.name != package.name && product.code != package.product_code) continue;
        found.push_back({product, architecture_of(product),
                         by_code == related.end() ? std::vector<std::string>{} : by_code->second});
    }
    return found;
}

bool MsiInstaller::is_replaced(const PackageSet& target, const PackageId& installed) {
    for (const PackageFile& file : target.present) {
        const MsiPackage package = machine_.database.package(file.path);
        std::vector<MsiPredecessor> there = predecessors(package);
        std::erase_if(there, [&](const MsiPredecessor& one) {
            return PackageId{one.product.name, one.product.version, one.architecture} != installed;
        });
        if (there.size() == 1 && !msi_way(package, there).anew) return true;
    }
    return false;
}

std::vector<Command> MsiInstaller::install_commands(const std::vector<PackageFile>& files, bool) {
    std::vector<Command> commands;
    for (const PackageFile& file : files) {
        const MsiPackage package = machine_.database.package(file.path);
        const MsiWay way = msi_way(package, predecessors(package));
        for (const std::string& product : way.remove)
            commands.push_back(msiexec(MsiRun::Action::remove, product, {}));
        std::map<std::string, std::string> properties = way.properties;
        if (const auto choice = choice_for(package, choices_); way.anew && choice)
            properties = properties_of(*choice, package);
        commands.push_back(msiexec(MsiRun::Action::install, file.path, properties));
    }
    return commands;
}

std::vector<Command> MsiInstaller::remove_commands(const std::vector<PackageId>& packages) {
    std::vector<Command> commands;
    for (const MsiProduct& product : machine_.database.products()) {
        const PackageId id{product.name, product.version, architecture_of(product)};
        if (std::find(packages.begin(), packages.end(), id) != packages.end())
            commands.push_back(msiexec(MsiRun::Action::remove, product.code, {}));
    }
    return commands;
}

Command MsiInstaller::msiexec(MsiRun::Action action, const std::string& subject,
                              const std::map<std::string, std::string>& properties) {
    const std::string log = keeps_logs_ ? windows_path(log_path(next_log_++)) : "";
    const bool installs = action == MsiRun::Action::install;
    return msi_command(machine_.system_directory,
                       {action, installs ? windows_path(subject) : subject, log, properties});
}

std::string MsiInstaller::log_path(int number) const {
    return evidence_ + "/msi-" + std::to_string(number) + ".log";
}

ToolVerdict MsiInstaller::judge(const CommandResult& result) {
    ToolVerdict verdict;
    const auto code = static_cast<unsigned>(result.exit_code);
    switch (msi_meaning(code)) {
    case MsiMeaning::done:
    case MsiMeaning::restart_asked:
    case MsiMeaning::restarting:
    case MsiMeaning::not_installed: // it was to be removed, and is read back
        return verdict;
    case MsiMeaning::busy:
        verdict.lock_was_held = true;
        return verdict;
    default:
        break;
    }
    verdict.reason = result.exit_code == -1 ? "how it ended was not seen" : msi_words(code);
    // The commands are run in the order in which they were made: the last log there is the one of this run.
    int last = next_log_ - 1;
    while (last > 0 && !machine_.files.status(log_path(last)))
        --last;
    if (last == 0) return verdict;
    try {
        const std::string reason = reason_in(parse_msi_log(machine_.files.read(log_path(last), largest_log)));
        verdict.reason += (reason.empty() ? "" : ": " + reason) + " (msi-" + std::to_string(last) + ".log)";
    } catch (const Error& error) {
        verdict.reason += "; " + std::string(error.what());
    }
    return verdict;
}

bool MsiInstaller::was_cut_off(const CommandResult& result) {
    // 1 is what a program is ended with; msiexec's own codes are none of these.
    return result.exit_code < 0 || result.exit_code == 1;
}

std::vector<std::string> MsiInstaller::verify(const std::vector<std::string>& names) {
    std::vector<std::string> wrong;
    for (const MsiProduct& product : machine_.database.products()) {
        if (!is_among(names, product.name)) continue;
        for (const MsiFile& file : machine_.database.files(product))
            if (std::string text = wrong_with(file); !text.empty()) wrong.push_back(std::move(text));
    }
    return wrong;
}

} // namespace autodeploy
