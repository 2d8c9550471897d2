#include "tests/platform/linux/real_installers.h"

#include <fcntl.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace autodeploy {

namespace {

struct Names {
    std::string gskit, api, client;
};

Names names_of(bool debs) {
    if (debs) return {"tivgsk64", "tivsm-api64", "tivsm-ba"};
    return {"TIVgsk64", "TIVsm-API64", "TIVsm-BA"};
}

std::unique_ptr<NativeInstaller> tool_on(const std::string& root, bool debs, CommandRunner& commands, FileSystem& files,
                                         Clock& clock, ProcessTable& processes) {
    if (debs) return std::make_unique<DpkgInstaller>(commands, files, clock, processes, root);
    return std::make_unique<RpmInstaller>(commands, files, clock, processes, root);
}

} // namespace

TemporaryDirectory quick_directory() {
    return ::access("/dev/shm", W_OK) == 0 ? TemporaryDirectory("/dev/shm") : TemporaryDirectory();
}

LookAlikes::LookAlikes(bool for_dpkg) : debs(for_dpkg) {
    const Names names = names_of(debs);
    run_script("mkdir " + packages);
    const std::vector<std::string> versions = {"8.1.25", "8.1.27", "8.1.28", "8.1.29"};
    for (const std::string& version : versions) {
        std::vector<LookAlike> made = {
            {names.gskit, version, ""}, {names.api, version, names.gskit}, {names.client, version, names.api}};
        made[1].sums = made[2].sums = true;
        if (version == "8.1.28" && debs) made[2].after_script = "echo cannot configure; exit 3";
        if (version == "8.1.28" && !debs) made[2].before_script = "echo will not install; exit 3";
        if (version == "8.1.29") made[2].after_script = "echo harmless; exit 1";
        if (debs) {
            for (const LookAlike& package : made)
                make_deb(packages, package);
        } else
            make_rpms(packages, made);
    }
    make_root(machine);
    ExtendedAttributes attributes;
    PosixFileSystem files(attributes);
    LinuxClock clock;
    LinuxProcessTable processes;
    SessionCommandRunner commands(files, clock, processes, directory / "state");
    const auto tool = tool_on(machine, debs, commands, files, clock, processes);
    for (const std::string& version : versions)
        // Not in the order in which they have to be installed.
        for (const std::string& name : {names.api, names.gskit, names.client})
            releases[version].present.push_back(
                tool->describe(packages + "/" + name + (debs ? "_" + version + "-0.deb" : "-" + version + ".rpm")));
    if (!debs) {
        // Stands for the system that provides the shell.
        make_rpms(packages, {{"base", "1", "", "", "", 1, "/bin/sh"}});
        run_script("rpm --root " + machine + " --define '_dbpath /var/lib/rpm' --nodeps -i " + packages +
                   "/base-1.rpm");
    }
    ConvergeOptions options;
    options.run_name = "first";
    options.evidence_path = directory / "evidence";
    files.make_private_directory(options.evidence_path);
    tool->converge(releases["8.1.25"], options);
}

RealBench::RealBench(const LookAlikes& made) : look_alikes(made) {
    run_script("cp -a " + made.machine + " " + root);
    installer_ = tool_on(root, made.debs, commands, files, clock, processes);
    files.make_private_directory(directory / "evidence");
}

RealBench::~RealBench() {
    hold_lock(false);
}

ConvergeOptions RealBench::options() {
    ConvergeOptions options;
    options.run_name = "test";
    options.evidence_path = directory / "evidence";
    return options;
}

PackageSet RealBench::packages(const std::string& release, Ailment) {
    return look_alikes.releases.at(release.substr(0, release.rfind('.')));
}

std::string RealBench::snapshot() {
    const std::string query =
        look_alikes.debs
            ? "dpkg-query --admindir=" + root + "/var/lib/dpkg --show --showformat='${Package} ${Version} ${Status}\\n'"
            : "rpm --root " + root +
                  " --define '_dbpath /var/lib/rpm' -qa --qf '%{NAME} %{VERSION} %{SHA256HEADER}\\n' | sort";
    return run_script(
        query + "; cd " + root +
        "; find opt etc -printf '%p %y %m %U %G %l\\n' | sort; find opt etc -type f | sort | xargs md5sum");
}

std::string RealBench::broken() {
    const std::string leftovers = run_script("cd " + root + "; find opt etc | grep -E ';|dpkg-new|dpkg-tmp' || true");
    if (look_alikes.debs) return leftovers + run_script("dpkg --root=" + root + " --audit");
    return leftovers + run_script("rpm --root " + root + " --define '_dbpath /var/lib/rpm' -Va --nodeps || true");
}

void RealBench::hold_lock(bool held) {
    if (lock_ >= 0) {
        ::kill(lock_, SIGKILL);
        ::waitpid(lock_, nullptr, 0);
        lock_ = -1;
    }
    if (!held) return;
    // The lock belongs to a process, so another one must have it.
    const std::string path = root + (look_alikes.debs ? "/var/lib/dpkg/lock-frontend" : "/var/lib/rpm/.rpm.lock");
    int ready[2] = {-1, -1};
    if (::pipe(ready) != 0) throw std::runtime_error("no pipe");
    lock_ = ::fork();
    if (lock_ == 0) {
        struct flock range {};
        range.l_type = F_WRLCK;
        range.l_whence = SEEK_SET;
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0640);
        const bool locked = ::fcntl(file, F_SETLK, &range) == 0;
        if (::write(ready[1], locked ? "y" : "n", 1) == 1) ::pause();
        ::_exit(0);
    }
    char word = 0;
    if (::read(ready[0], &word, 1) != 1 || word != 'y') throw std::runtime_error("cannot lock " + path);
    ::close(ready[0]);
    ::close(ready[1]);
}

} // namespace autodeploy
