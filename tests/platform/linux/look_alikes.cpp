#include "tests/platform/linux/look_alikes.h"

#include "platform/posix/run_and_collect.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace autodeploy {

namespace {

std::string missing(const std::vector<std::string>& programs) {
    if (::geteuid() != 0) return "we are not root";
    for (const std::string& program : programs)
        if (!std::filesystem::exists(program)) return "there is no " + program;
    return {};
}

void write(const std::string& path, const std::string& content, bool program = false) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
    if (program) std::filesystem::permissions(path, std::filesystem::perms(0755));
}

std::string folder_of(const LookAlike& package) {
    return "/opt/tivoli/" + package.name;
}

/// Files that tell their release, one that only this release has, and one of some size.
void write_files(const std::string& root, const LookAlike& package) {
    for (std::size_t number = 0; number < package.files; ++number)
        write(root + folder_of(package) + "/file" + std::to_string(number),
              package.name + " " + package.version + "\n");
    write(root + folder_of(package) + "/only-" + package.version, "x\n");
    std::string large;
    while (large.size() < 60'000)
        large += package.version + " " + std::to_string(large.size()) + "\n";
    write(root + folder_of(package) + "/large", large);
}

} // namespace

std::string run_script(const std::string& script) {
    Command command;
    command.program = "/bin/sh";
    command.arguments = {"-ec", script};
    command.deadline = Milliseconds(60000);
    const CommandResult result = run_and_collect(command);
    if (!result.succeeded()) throw std::runtime_error(script + ": " + result.output + result.error);
    return result.output;
}

std::string missing_for_debs() {
    return missing({"/usr/bin/dpkg", "/usr/bin/dpkg-deb"});
}

std::string missing_for_rpms() {
    return missing({"/usr/bin/rpm", "/usr/bin/rpmbuild"});
}

void make_deb(const std::string& folder, const LookAlike& package) {
    const std::string tree = folder + "/tree-" + package.name;
    std::string control = "Package: " + package.name + "\nVersion: " + package.version +
                          "-0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nInstalled-Size: 61\n";
    if (!package.requires_exactly.empty())
        control += "Pre-Depends: " + package.requires_exactly + " (= " + package.version + "-0)\n";
    write(tree + "/DEBIAN/control", control + "Description: look-alike\n of a client\n");
    write_files(tree, package);
    write(tree + "/etc/" + package.name + ".conf", "as shipped with " + package.version + "\n");
    write(tree + "/DEBIAN/conffiles", "/etc/" + package.name + ".conf\n");
    if (!package.before_script.empty())
        write(tree + "/DEBIAN/preinst", "#!/bin/sh\n" + package.before_script + "\n", true);
    if (!package.after_script.empty())
        write(tree + "/DEBIAN/postinst", "#!/bin/sh\n" + package.after_script + "\n", true);
    if (package.sums) run_script("cd " + tree + "; find opt -type f | xargs md5sum >DEBIAN/md5sums");
    run_script("chmod -R go+rX,go-w " + tree + "; chmod 755 " + tree + "; dpkg-deb --root-owner-group -Znone -b " +
               tree + " " + folder + "/" + package.name + "_" + package.version + "-0.deb; rm -r " + tree);
}

void make_rpms(const std::string& folder, const std::vector<LookAlike>& packages) {
    const std::string tree = folder + "/tree";
    std::string header;
    std::string sections;
    for (const LookAlike& package : packages) {
        write_files(tree, package);
        write(tree + "/etc/" + package.name + ".conf", "as shipped with " + package.version + "\n");
        const bool first = header.empty();
        const std::string provides = package.provides.empty() ? "" : "Provides: " + package.provides + "\n";
        const std::string of = first ? "" : " -n " + package.name;
        const std::string tags = "Summary: look-alike\n" + provides +
                                 (package.requires_exactly.empty()
                                      ? std::string()
                                      : "Requires: " + package.requires_exactly + " = " + package.version + "-0\n");
        if (first)
            header = "Name: " + package.name + "\nVersion: " + package.version +
                     "\nRelease: 0\nLicense: none\nBuildArch: noarch\nAutoReqProv: no\n" + tags +
                     "%define _build_id_links none\n%define __os_install_post %{nil}\n";
        else
            sections += "%package -n " + package.name + "\n" + tags;
        sections += "%description" + of + "\nlook-alike\n";
        if (!package.before_script.empty()) sections += "%pre" + of + "\n" + package.before_script + "\n";
        if (!package.after_script.empty()) sections += "%post" + of + "\n" + package.after_script + "\n";
        sections += "%files" + of + "\n" + folder_of(package) + "\n%config(noreplace) /etc/" + package.name + ".conf\n";
    }
    write(folder + "/look-alikes.spec",
          header + sections + "%install\nmkdir -p %{buildroot}\ncp -a " + tree + "/. %{buildroot}\n");
    run_script("rpmbuild --quiet --target noarch --define '_topdir " + folder + "/build' --define '_rpmdir " + folder +
               "' --define '_rpmfilename %%{NAME}-%%{VERSION}.rpm' --define '_binary_payload w0.gzdio' "
               "--define '_dbpath " +
               folder + "/build/database' -bb " + folder + "/look-alikes.spec; rm -r " + tree + " " + folder +
               "/build");
}

void make_root(const std::string& root) {
    run_script("mkdir -p " + root + "/bin " + root + "/tmp " + root + "/dev " + root + "/var/lib/dpkg/info " + root +
               "/var/lib/dpkg/updates; touch " + root + "/var/lib/dpkg/status " + root +
               "/dev/null; for file in /bin/sh "
               "$(ldd /bin/sh | grep -o '/[^ ]*'); do mkdir -p " +
               root + "/${file%/*}; cp -L $file " + root + "/$file; done");
}

} // namespace autodeploy
