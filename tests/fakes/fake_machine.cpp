#include "tests/fakes/fake_machine.h"

#include "installer/client/layout.h"
#include "installer/client/registry_text.h"
#include "platform/error.h"
#include "tests/fakes/fake_registry.h"

#include <algorithm>
#include <utility>

namespace autodeploy {

namespace {

/// A client's names: the one that stays, and the two of a move.
struct Client {
    std::string system, directory, api_package, client_package;
    int bits = 64;
    std::string key = {}; ///< of the registry
    std::string file(const std::string& name) const { return directory + (key.empty() ? "/" : "\\") + name; }
    std::string program() const { return file("dsmc"); }
    std::string services_key() const { return key + "\\Scheduler Service"; }
    bool operator==(const Client&) const = default;
};
const Client the_client{"linux", "/opt/tivoli/tsm/client/ba/bin", "tivsm-api64", "tivsm-ba"};
const Client aix_32{"aix", "/usr/tivoli/tsm/client/ba/bin", "tivsm-api32", "tivsm-ba32", 32};
const Client aix_64{"aix", "/usr/tivoli/tsm/client/ba/bin64", "tivsm-api64", "tivsm-ba64"};
const Client windows_32{
    "windows", "C:\\Program Files (x86)\\Tivoli\\TSM\\baclient",           "tivsm-api32", "tivsm-ba32",
    32,        "HKLM32\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\BackupClient"};
const Client windows_64{"windows",
                        "C:\\Program Files\\Tivoli\\TSM\\baclient",
                        "tivsm-api64",
                        "tivsm-ba64",
                        64,
                        "HKLM64\\SOFTWARE\\IBM\\ADSM\\CurrentVersion\\BackupClient"};
const std::string old_release = "8.1.25.0";

/// The old client and the new one.
std::pair<Client, Client> clients_of(Move move) {
    switch (move) {
    case Move::none:
        break;
    case Move::to_64_bit:
        return {aix_32, aix_64};
    case Move::to_32_bit:
        return {aix_64, aix_32};
    case Move::windows_to_64_bit:
        return {windows_32, windows_64};
    case Move::windows_to_32_bit:
        return {windows_64, windows_32};
    }
    return {the_client, the_client};
}

std::string release_of(const std::string& package_version) {
    std::string text = package_version;
    std::replace(text.begin(), text.end(), '-', '.');
    return text;
}

std::string package_version_of(const std::string& release) {
    std::string text = release;
    text[text.find_last_of('.')] = '-';
    return text;
}

PrerequisiteFile runtime(const std::string& name) {
    PrerequisiteFile wanted;
    wanted.file = {{name, "14.38", "x64"}, "/staging/" + name, "", "", 1000};
    wanted.how.version_value = name;
    return wanted;
}
const std::vector<std::string> runtimes_of_64_bit{"VC", "JRE"};

struct RunningService {
    Service service;
    bool held = false;
    Milliseconds dies_at{-1};
};

} // namespace

struct FakeMachine::Parts {
    FakeMachine& machine;
    FaultyFileSystem files{machine.disk, machine.faults, machine.refusing};
    std::map<std::string, std::vector<InstalledPackage>> database;
    std::set<std::string> idle;
    std::map<std::string, RunningService> services;
    Milliseconds elapsed{0};
    int boots = 1;
    SettingsStore::Tree registry; ///< keys with their values
    struct PendingFile {
        std::string path, content;
        int restarts = 0; ///< until it is put in place
    };
    std::vector<PendingFile> pending; ///< in the order in which they were asked for
    const Client old_client;
    const Client new_client;

    Parts(FakeMachine& owner, Move move)
        : machine(owner), old_client(clients_of(move).first), new_client(clients_of(move).second) {}

    const Client& client_of(const std::string& release) const {
        return release == old_release ? old_client : new_client;
    }
    /// What is installed; while it is replaced, the new one.
    const Client& client() const { return machine.disk.content(new_client.program()) ? new_client : old_client; }
    std::optional<std::string> program() const { return machine.disk.content(client().program()); }
    /// That this package brings; nullptr for others.
    const Client* client_in(const std::string& package) const {
        for (const Client* client : {&old_client, &new_client})
            if (package == client->client_package) return client;
        return nullptr;
    }

    Sickness sickness() const {
        const std::string release = program().value_or("");
        const auto found = machine.sickness.find(release);
        return found == machine.sickness.end() ? Sickness::none : found->second;
    }

    /// As Windows makes them, empty; what lies above is other products', too.
    void put_keys_above(std::string key) {
        while (key = directory_of(key), key.find("\\ADSM") != std::string::npos)
            registry[key];
    }

    bool has_definition(const std::string& name) const {
        return machine.disk.content("/etc/systemd/system/" + name).has_value();
    }

    /// What a start of the service leads to, whoever starts it.
    bool run(RunningService& service) {
        if (!has_definition(service.service.name) || !machine.disk.content(service.service.program)) return false;
        const Client& client = service.service.program == old_client.program() ? old_client : new_client;
        if (!machine.disk.content(client.file("dsm.opt")) || !machine.disk.content(client.file("dsm.sys")))
            return false;
        if (!client.key.empty() && registry_text(registry[client.services_key()]["options"]) != client.file("dsm.opt"))
            return false;
        if (sickness() == Sickness::dies_at_start) return false;
        for (const PrerequisiteFile& needed : machine.prerequisites(program().value_or("")))
            machine.ran_without_runtime.insert(needed.file.id.name);
        service.service.running = true;
        service.dies_at = sickness() == Sickness::dies_later ? elapsed + Milliseconds(20000) : Milliseconds(-1);
        return true;
    }

    void pass(Milliseconds time) {
        elapsed += time;
        for (auto& [name, service] : services)
            if (service.dies_at.count() >= 0 && service.dies_at <= elapsed) service.service.running = false;
    }

    struct FakeClock : Clock {
        Parts& parts;
        explicit FakeClock(Parts& owner) : parts(owner) {}
        UnixTime now() override { return 1796000000 + parts.elapsed.count() / 1000; }
        Milliseconds elapsed() override { return parts.elapsed; }
        void sleep(Milliseconds time) override { parts.pass(time); }
        Seconds local_offset(UnixTime) override { return Seconds(0); }
        std::string boot_id() override { return "boot-" + std::to_string(parts.boots); }
    } clock{*this};

    struct FakeCommands : CommandRunner {
        CommandResult run(const Command& command) override {
            throw Error("tool_missing", "cannot run " + command.program + ": the fake machine has no programs");
        }
        CommandResult run_detached(const DetachedCommand& command) override { return run(command.command); }
        DetachedState detached_state(const std::string&) override { return DetachedState::unknown; }
        CommandResult wait_detached(const std::string&, Milliseconds) override { return {}; }
        void end_scriptlets(const std::string&) override {}
    } commands;

    struct FakeProcesses : ProcessTable {
        Parts& parts;
        explicit FakeProcesses(Parts& owner) : parts(owner) {}
        std::vector<Process> list() override {
            std::vector<Process> all;
            for (std::size_t i = 0; i < parts.machine.left_over.size(); ++i) {
                LeftOver& process = parts.machine.left_over[i];
                if (process.ends_at.count() >= 0 && process.ends_at <= parts.elapsed) process.gone = true;
                if (!process.gone) all.push_back({std::int64_t(100 + i), 1, "1", process.program, {}});
            }
            return all;
        }
        std::vector<Process> mapping(const std::string&) override { return {}; }
        std::map<std::string, std::string> environment(const Process&) override { return {}; }
        bool end(const Process& process, Milliseconds wait) override {
            LeftOver& asked = parts.machine.left_over.at(std::size_t(process.id - 100));
            const bool obeys = asked.obeys_in.count() >= 0 && asked.obeys_in <= wait;
            parts.pass(obeys ? asked.obeys_in : wait);
            asked.gone = asked.gone || obeys;
            return asked.gone;
        }
        void kill(const Process& process) override {
            LeftOver& killed = parts.machine.left_over.at(std::size_t(process.id - 100));
            killed.gone = killed.killed = true;
        }
    } processes{*this};

    struct FakeHost : Host {
        Parts& parts;
        explicit FakeHost(Parts& owner) : parts(owner) {}
        HostFacts facts() override { return {"node1", "linux", "x86_64", "debian 12", true}; }
        bool is_administrator() override { return true; }
        bool reaches(const std::string&, int, Milliseconds) override { return parts.machine.server_is_up; }
        std::vector<std::string> cluster_software() override { return {}; }
        std::vector<std::string> pending_renames(const std::vector<std::string>&) override { return {}; }
        void request_restart(const std::string&, Seconds) override {}
        std::vector<std::string> mount_properties(const std::string&) override { return {}; }
        void log(int, const std::string&) override {}
    } host{*this};

    struct FakeSettings : SettingsStore {
        Parts& parts;
        explicit FakeSettings(Parts& owner) : parts(owner) {}
        static bool is_below(const std::string& name, const std::string& key) {
            return name == key || name.starts_with(key + "\\");
        }
        Tree read(const std::string& key) override {
            Tree found;
            for (const auto& [name, values] : parts.registry)
                if (is_below(name, key)) found[name] = values;
            return found;
        }
        void write(const std::string& key, const Tree& tree) override {
            const auto clear = [this, key] {
                std::erase_if(parts.registry, [&key](const auto& entry) { return is_below(entry.first, key); });
            };
            parts.machine.faults.change(
                "write " + key,
                [&] {
                    clear();
                    parts.registry.insert(tree.begin(), tree.end());
                    if (!tree.empty()) parts.put_keys_above(key);
                },
                [&] { // a key at a time
                    clear();
                    if (!tree.empty()) parts.registry.insert(*tree.begin());
                    if (!tree.empty()) parts.put_keys_above(key);
                });
        }
    } settings{*this};

    /// Registered as a whole at its end, whatever its files are by then.
    struct FakePrerequisites : PrerequisiteInstaller {
        Parts& parts;
        explicit FakePrerequisites(Parts& owner) : parts(owner) {}
        std::optional<std::string> installed(const Prerequisite& wanted) override {
            const auto found = parts.machine.runtimes.find(wanted.version_value);
            return found == parts.machine.runtimes.end() ? std::nullopt : std::optional(found->second);
        }
        std::vector<std::string> waiting(const PrerequisiteFile&) override { return {}; }
        ConvergeResult install(const PrerequisiteFile& wanted, const ConvergeOptions&) override {
            FakeMachine& all = parts.machine;
            const std::string& name = wanted.how.version_value;
            if (all.busy_calls > 0) {
                --all.busy_calls;
                return {Convergence::busy, {}};
            }
            if (need_of(wanted.file.id.version, installed(wanted.how)) != PrerequisiteNeed::met) {
                for (const auto& [service, running] : parts.services)
                    if (!running.service.running && !parts.idle.contains(service))
                        all.ran_without_runtime.insert("installed " + name + " while " + service + " is down");
                all.faults.change("install prerequisite " + name, [&] {
                    if (all.runtimes_fail > 0 && all.runtimes_fail--)
                        throw Error("prerequisite_failed", "cannot install " + name + ": its installer says no");
                    all.runtimes[name] = "v" + wanted.file.id.version + ".00";
                    if (all.runtimes_wait_for_restart) waits_since[name] = parts.boots;
                });
            }
            const bool waits = waits_since.contains(name) && waits_since.at(name) == parts.boots;
            return {waits ? Convergence::restart_needed : Convergence::reached, {}};
        }
        std::map<std::string, int> waits_since; ///< by name, the boot
    } prerequisite_installer{*this};

    struct FakeServices : ServiceManager {
        Parts& parts;
        explicit FakeServices(Parts& owner) : parts(owner) {}

        RunningService& must_find(const std::string& name) {
            const auto found = parts.services.find(name);
            if (found == parts.services.end() || !parts.has_definition(name))
                throw Error("service_not_found", "cannot find the service " + name);
            return found->second;
        }
        std::string name() const override { return "systemd"; }
        std::vector<Service> services_of(const std::vector<std::string>&) override {
            std::vector<Service> all;
            for (const auto& [name, service] : parts.services)
                all.push_back(service.service);
            return all;
        }
        std::optional<Service> find(const std::string& name) override {
            const auto found = parts.services.find(name);
            if (found == parts.services.end() || !parts.has_definition(name)) return std::nullopt;
            return found->second.service;
        }
        void start(const std::string& name, Milliseconds) override {
            if (must_find(name).service.running) return;
            if (parts.machine.refused_starts > 0 && parts.machine.refused_starts--)
                throw Error("service_start_failed", "cannot start " + name + ": not now");
            parts.machine.faults.change("start " + name, [&] {
                if (!parts.run(must_find(name)))
                    throw Error("service_start_failed", "cannot start " + name + ": it ended at once");
            });
        }
        void stop(const std::string& name, Milliseconds, bool) override {
            RunningService& service = must_find(name);
            if (!service.service.running) return;
            parts.pass(Milliseconds(500));
            parts.machine.faults.change("stop " + name, [&] { service.service.running = false; });
        }
        bool hold(const std::string& name) override {
            RunningService& service = must_find(name);
            if (!parts.machine.can_hold) return false;
            if (!service.held) parts.machine.faults.change("hold " + name, [&] { service.held = true; });
            return true;
        }
        void release(const std::string& name) override {
            const auto found = parts.services.find(name);
            if (found == parts.services.end() || !found->second.held) return;
            parts.machine.faults.change("release " + name, [&] { found->second.held = false; });
        }
        void reload() override {}
        void restore(const Service& service) override {
            Service& now = must_find(service.name).service;
            if (now.enabled == service.enabled && now.settings == service.settings) return;
            parts.machine.faults.change("restore " + service.name, [&] {
                now.enabled = service.enabled;
                now.settings = service.settings;
                now.program = service.settings.at("path");
            });
        }
    } service_manager{*this};

    struct FakeInstaller : NativeInstaller {
        Parts& parts;
        PackageTool tool;
        bool again = false;    ///< after a run that was cut off
        bool grumbled = false; ///< a scriptlet has, in this run
        FakeInstaller(Parts& owner, PackageTool kind) : parts(owner), tool(kind) {}

        std::string name() const override { return tool == PackageTool::rpm ? "rpm" : "dpkg"; }
        std::optional<std::string> owner(const std::string& path) override {
            const Client& client = parts.client();
            return path == client.program() ? std::optional(client.client_package) : std::nullopt;
        }
        std::vector<InstalledPackage> installed(const std::vector<std::string>& prefixes) override {
            std::vector<InstalledPackage> found;
            for (const auto& [name, versions] : parts.database)
                for (const InstalledPackage& package : versions)
                    if (std::any_of(prefixes.begin(), prefixes.end(),
                                    [&, n = name](const std::string& prefix) { return n.starts_with(prefix); }))
                        found.push_back(package);
            return found;
        }
        std::optional<std::string> busy() override { return std::nullopt; }
        std::vector<std::string> pinned(const std::vector<std::string>&) override { return {}; }
        PackageFile describe(const std::string&) override { return {}; }
        std::optional<std::string> dry_run(const PackageSet&) override { return std::nullopt; }
        std::vector<std::string> verify(const std::vector<std::string>&) override {
            const Client& client = parts.client();
            const std::vector<InstalledPackage>& versions = parts.database[client.client_package];
            if (versions.empty() || parts.program() != release_of(versions[0].id.version)) return {client.program()};
            return {};
        }

        ConvergeResult converge(const PackageSet& target, const ConvergeOptions& options) override {
            if (parts.machine.busy_calls > 0) {
                --parts.machine.busy_calls;
                return {Convergence::busy, {}};
            }
            const std::string mark = options.evidence_path + "/unfinished";
            const std::string note =
                options.evidence_path + "/scriptlets " + (target.present.empty() ? "" : target.present[0].id.version);
            // As the real ones: nothing is run where all is there, but a run that was cut off is made anew.
            again = parts.files.status(mark).has_value();
            grumbled = false;
            const bool reached = std::all_of(target.present.begin(), target.present.end(),
                                             [this](const PackageFile& file) { return is_reached(file); });
            const auto noted = [&options](auto&& action) {
                try {
                    action();
                } catch (const Error&) {
                    if (!options.way_back) throw;
                }
            };
            if (!reached) noted([&] { parts.files.write_durably(mark, ""); });
            for (const std::string& name : target.absent)
                if (parts.database.contains(name)) remove(name);
            for (const PackageFile& file : target.present)
                unpack(file);
            for (const PackageFile& file : target.present)
                configure(file);
            for (const PackageFile& file : target.present) {
                const std::vector<InstalledPackage>& now = parts.database[file.id.name];
                if (now.size() != 1 || now[0].id != file.id || !now[0].healthy)
                    throw Error("package_install_failed", "cannot install " + file.id.name);
            }
            if (grumbled) noted([&] { parts.files.write_durably(note, ""); });
            if (!reached || again) noted([&] { parts.files.remove_durably(mark); });
            again = false;
            ConvergeResult result;
            if (parts.files.status(note)) result.warnings = {"tivsm-ba: its postinst failed"};
            if (!parts.pending.empty()) {
                result.convergence = Convergence::restart_needed;
                result.warnings.push_back(parts.pending.back().path + " waits for a restart");
            }
            return result;
        }

        bool is_reached(const PackageFile& file) const {
            const std::vector<InstalledPackage>& now = parts.database[file.id.name];
            return !again && now.size() == 1 && now[0].id == file.id && now[0].healthy;
        }

        void unpack(const PackageFile& file) {
            if (is_reached(file)) return;
            parts.pass(Milliseconds(700));
            look_around();
            std::vector<InstalledPackage>& now = parts.database[file.id.name];
            const InstalledPackage unpacked{file.id, false, tool == PackageTool::rpm ? "unpacked" : "iUR", file.digest};
            const std::string release = release_of(file.id.version);
            const auto put_files = [&](const std::string& content) {
                const Client* client = parts.client_in(file.id.name);
                if (!client) return;
                // What is not there is in nobody's use.
                const int restarts = parts.machine.restarts_wanted[release];
                if (parts.machine.pending_is_forgotten)
                    std::erase_if(parts.pending,
                                  [&](const PendingFile& waiting) { return waiting.path == client->program(); });
                if (restarts > 0 && parts.machine.disk.content(client->program()))
                    parts.pending.push_back({client->program(), content, restarts});
                else
                    parts.machine.disk.put(client->program(), content, 0755);
                if (client->key.empty()) return;
                parts.registry[client->key]["Path"] = client->directory;
                parts.put_keys_above(client->key);
            };
            const std::string says = parts.machine.sickness[release] == Sickness::wrong_version ? "8.1.0.0" : release;
            parts.machine.faults.change(
                "unpack " + file.id.name + " " + file.id.version,
                [&] {
                    put_files(says);
                    now = {unpacked};
                },
                [&] {
                    put_files("half " + release);
                    if (tool == PackageTool::rpm) {
                        now.push_back(unpacked); // old and new beside each other
                    } else {
                        for (InstalledPackage& package : now) { // the old version is shown
                            package.healthy = false;
                            package.state = "iHR";
                        }
                    }
                });
        }

        void remove(const std::string& name) {
            look_around();
            const auto take_program = [&] {
                FakeFileSystem& whole = parts.machine.disk;
                const Client* client = parts.client_in(name);
                if (client == nullptr || !whole.status(client->program())) return;
                if (!client->key.empty())
                    std::erase_if(parts.registry,
                                  [&](const auto& entry) { return FakeSettings::is_below(entry.first, client->key); });
                whole.remove_durably(client->program());
                // Windows Installer takes the folders away that it has made, too.
                std::string directory = client->directory;
                do {
                    if (!whole.list(directory).empty()) break;
                    whole.remove_tree(directory);
                    directory = directory_of(directory);
                } while (!client->key.empty() && directory.find("Tivoli") != std::string::npos);
            };
            parts.machine.faults.change(
                "remove package " + name,
                [&] {
                    take_program();
                    parts.database.erase(name);
                },
                [&] {
                    take_program();
                    for (InstalledPackage& package : parts.database[name]) {
                        package.healthy = false;
                        package.state = "iHR";
                    }
                });
        }

        void look_around() {
            for (auto& [name, service] : parts.services) {
                if (parts.machine.somebody_starts && !service.held) parts.run(service);
                if (service.service.running) parts.machine.ran_while_replaced.insert(name);
            }
        }

        void configure(const PackageFile& file) {
            if (is_reached(file)) return;
            InstalledPackage& now = parts.database[file.id.name].front();
            parts.machine.faults.change("configure " + file.id.name, [&] {
                if (file.id.name == parts.client().client_package)
                    run_scriptlet(parts.machine.sickness[release_of(file.id.version)], now);
                now.healthy = true;
                now.state = "ii";
            });
        }

        void run_scriptlet(Sickness sickness, InstalledPackage& package) {
            if (sickness == Sickness::script_fails) {
                package.state = "iF";
                throw Error("package_install_failed", "cannot configure " + package.id.name + ": its postinst failed");
            }
            if (parts.machine.scriptlets_grumble && package.id.version != package_version_of("8.1.25.0"))
                grumbled = true;
            if (sickness == Sickness::changes_options)
                parts.machine.disk.put(parts.old_client.file("dsm.opt"), "SERVERNAME other\n");
            if (sickness == Sickness::drops_unit)
                parts.machine.disk.remove_durably("/etc/systemd/system/dsmcad.service");
            if (sickness == Sickness::starts_service)
                for (auto& [name, service] : parts.services)
                    if (!service.held) parts.run(service);
        }
    };

    struct FakeProbe : ClientProbe {
        Parts& parts;
        explicit FakeProbe(Parts& owner) : parts(owner) {}
        std::optional<std::string> version() override { return parts.program(); }
        ContactMark contact_mark(const Service&) override { return {parts.clock.now(), 0}; }
        std::optional<bool> reached_server(const Service& service, const ContactMark&) override {
            return parts.machine.server_is_up && !parts.machine.cut_off.contains(service.name) &&
                   parts.services.at(service.name).service.running && parts.sickness() != Sickness::loses_server;
        }
    } probe{*this};

    std::unique_ptr<FakeInstaller> installer;
    std::unique_ptr<Platform> platform;
};

FakeMachine::FakeMachine(PackageTool tool, Move move) : parts_(std::make_unique<Parts>(*this, move)) {
    parts_->installer = std::make_unique<Parts::FakeInstaller>(*parts_, tool);
    parts_->platform = std::make_unique<Platform>(Platform{parts_->files,
                                                           parts_->clock,
                                                           parts_->commands,
                                                           parts_->processes,
                                                           parts_->service_manager,
                                                           parts_->host,
                                                           parts_->settings,
                                                           {parts_->installer.get()},
                                                           &parts_->prerequisite_installer});
    runtimes = {{"JRE", "8.0.7.20"}};
    for (const std::string& name : runtimes_of_64_bit)
        disk.put("/staging/" + name, name);
    const Client& client = parts_->old_client;
    disk.put(client.file("dsm.opt"), "SERVERNAME backup1\n");
    disk.put(client.file("dsm.sys"), "SERVERNAME backup1\n  PASSWORDACCESS generate\n");
    if (!client.key.empty()) {
        parts_->registry[client.key]["Path"] = client.directory;
        parts_->put_keys_above(client.key);
        FakeRegistry texts;
        texts.put(client.services_key(), "options", client.file("dsm.opt"));
        parts_->registry.merge(texts.read(client.services_key()));
        parts_->registry[client.services_key() + "\\second"]["interval"] = "4:0c000000";
    }
    disk.put("/etc/adsm/TSM.IDX", "password", 0600);
    disk.put(client.program(), old_release, 0755);
    for (const char* programs : {"C:\\Program Files", "C:\\Program Files (x86)"})
        if (!client.key.empty()) disk.put_directory(programs);
    for (const PackageFile& file : packages(old_release).present)
        parts_->database[file.id.name] = {{file.id, true, "ii", file.digest}};
    for (const char* name : {"dsmcad.service", "dsmsched2.service"}) {
        disk.put("/etc/systemd/system/" + std::string(name), "[Service]\n");
        RunningService running;
        running.service.name = name;
        running.service.program = client.program();
        running.service.settings["path"] = client.program();
        running.service.enabled = true;
        running.service.running = true;
        running.service.definition_files = {"/etc/systemd/system/" + std::string(name)};
        parts_->services[name] = running;
    }
}

FakeMachine::~FakeMachine() = default;

Platform& FakeMachine::platform() {
    return *parts_->platform;
}
ClientProbe& FakeMachine::client() {
    return parts_->probe;
}

PackageSet FakeMachine::packages(const std::string& release) const {
    PackageSet set;
    const Client& client = parts_->client_of(release);
    const Client& other = client == parts_->old_client ? parts_->new_client : parts_->old_client;
    if (other != client) set.absent = {other.api_package, other.client_package};
    for (const std::string& name : {client.api_package, client.client_package}) {
        const PackageId id{name, package_version_of(release), "amd64"};
        set.present.push_back(
            {id, "/staging/" + name + ".deb", "sha-" + name + release, "digest-" + name + release, 1000});
    }
    return set;
}

int FakeMachine::bits(const std::string& release) const {
    return parts_->client_of(release).bits;
}

std::vector<PrerequisiteFile> FakeMachine::prerequisites(const std::string& release) const {
    std::vector<PrerequisiteFile> needed;
    if (release.empty() || parts_->client_of(release) != windows_64) return needed;
    for (const std::string& name : runtimes_of_64_bit) {
        PrerequisiteFile wanted = runtime(name);
        wanted.file.sha256 = parts_->machine.disk.sha256(wanted.file.path);
        if (need_of(wanted.file.id.version, parts_->prerequisite_installer.installed(wanted.how)) !=
            PrerequisiteNeed::met)
            needed.push_back(wanted);
    }
    return needed;
}

Detection FakeMachine::detection() {
    Detection detection;
    const Client& client = parts_->client();
    detection.platform = "linux-x86_64-deb";
    detection.host.system = client.system;
    detection.program = client.program();
    detection.bits = client.bits;
    detection.installer = parts_->installer->name();
    detection.packages = parts_->installer->installed({"tivsm"});
    detection.database_version = parse_package_version(detection.packages.back().id.version);
    for (const auto& [name, service] : parts_->services) {
        ClientService client_service;
        client_service.service = service.service;
        client_service.schedules = true;
        client_service.reached_server_lately = cut_off.contains(name) ? Tell::no : Tell::yes;
        client_service.server_address = "server.example";
        detection.services.push_back(client_service);
    }
    for (const std::string& path :
         {client.file("dsm.opt"), client.file("dsm.sys"), std::string("/etc/adsm/TSM.IDX"), client.file("dsmcert.kdb")})
        detection.files.push_back({path, "options", false, false});
    return detection;
}

std::string FakeMachine::snapshot() {
    std::string text;
    for (const auto& [name, versions] : parts_->database)
        for (const InstalledPackage& package : versions)
            text += name + " " + package.id.version + " " + package.state + " " + package.digest + "\n";
    for (const Parts::PendingFile& file : parts_->pending)
        text += file.path + " is replaced at a restart: " + file.content + "\n";
    for (const auto& [path, content] : disk.everything())
        if (!path.starts_with("/var")) text += path + ": " + content + "\n";
    for (const auto& [key, values] : parts_->registry) {
        text += key + "\n";
        for (const auto& [name, value] : values)
            text += key + " " + name + " " + value + "\n";
    }
    for (const auto& [name, service] : parts_->services)
        text += name + (service.service.running ? " runs" : " stopped") + " " + service.service.program +
                (service.service.enabled ? " enabled" : " disabled") + (service.held ? " held" : "") + "\n";
    return text;
}

bool FakeMachine::scheduler_runs() const {
    return stopped().empty();
}

std::vector<std::string> FakeMachine::stopped() const {
    std::vector<std::string> names;
    for (const auto& [name, service] : parts_->services)
        if (!service.service.running && !parts_->idle.contains(name)) names.push_back(name);
    return names;
}

void FakeMachine::leave_idle(const std::string& name) {
    parts_->idle.insert(name);
    Service& service = parts_->services.at(name).service;
    service.running = service.enabled = false;
}

void FakeMachine::put_state(const std::string& word) {
    InstalledPackage& package = parts_->database.at(parts_->old_client.client_package).front();
    package.state = word;
    package.healthy = word != "iF";
}

bool FakeMachine::is_held() const {
    return std::any_of(parts_->services.begin(), parts_->services.end(),
                       [](const auto& entry) { return entry.second.held; });
}

void FakeMachine::change_password(const std::string& password) {
    if (scheduler_runs()) disk.put("/etc/adsm/TSM.IDX", password, 0600);
}

void FakeMachine::restart_agent() {
    faults.none();
}

void FakeMachine::restart_machine() {
    faults.none();
    ++parts_->boots;
    std::vector<Parts::PendingFile> waiting;
    for (Parts::PendingFile& file : parts_->pending) {
        if (--file.restarts > 0)
            waiting.push_back(file);
        else
            disk.put(file.path, file.content, 0755);
    }
    parts_->pending = std::move(waiting);
    for (auto& [name, service] : parts_->services) {
        service.service.running = false;
        if (service.service.enabled && !service.held) parts_->run(service);
    }
}

} // namespace autodeploy
