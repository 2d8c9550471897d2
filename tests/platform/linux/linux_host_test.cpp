#include "platform/linux/linux_host.h"

#include "platform/linux/linux_process_table.h"
#include "platform/posix/real_path.h"
#include "tests/platform/temporary_directory.h"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace autodeploy;

namespace {

Process running(const std::string& program) {
    Process process;
    process.program = program;
    return process;
}

} // namespace

TEST_CASE("a distribution is its id and version") {
    CHECK(distribution_of("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n") ==
          "debian 12");
    CHECK(distribution_of("ID=\"rhel\"\nID_LIKE='fedora'\nVERSION_ID=\"9.4\"") == "rhel 9.4");
    CHECK(distribution_of("ID=arch\n") == "arch");
    CHECK(distribution_of("") == "linux");
}

TEST_CASE("every 32-bit PC is i386") {
    CHECK(architecture_of("i686") == "i386");
    CHECK(architecture_of("x86_64") == "x86_64");
    CHECK(architecture_of("ppc64le") == "ppc64le");
}

TEST_CASE("cluster software is known by its daemons") {
    CHECK(cluster_managers({running("/usr/sbin/sshd")}).empty());
    CHECK(cluster_managers({running("/usr/sbin/corosync"), running("/usr/sbin/pacemakerd"),
                            running("/opt/VRTSvcs/bin/had"), running("/usr/bin/shad")}) ==
          std::vector<std::string>{"Pacemaker", "Corosync", "Veritas Cluster Server"});
}

TEST_CASE("a path has the properties of the innermost mount") {
    const std::vector<Mount> mounts = {{"/", "ext4", "rw", "rw"},
                                       {"/opt", "nfs4", "rw,noexec", "rw"},
                                       {"/opt/tivoli", "ext4", "rw", "ro"},
                                       {"/optional", "xfs", "ro", "rw"}};
    CHECK(properties_of_mount(mounts, "/usr/bin").empty());
    CHECK(properties_of_mount(mounts, "/opt") == std::vector<std::string>{"noexec", "nfs"});
    CHECK(properties_of_mount(mounts, "/opt/tivoli/tsm") == std::vector<std::string>{"read-only"});
    CHECK(properties_of_mount(mounts, "/optional/x") == std::vector<std::string>{"read-only"});
    CHECK(properties_of_mount({}, "/").empty());
}

TEST_CASE("a message for the journal has one line, or else its length before it") {
    using namespace std::string_literals;
    CHECK(journal_datagram(4, "one line") == "PRIORITY=4\nSYSLOG_IDENTIFIER=autodeploy\nMESSAGE=one line\n");
    CHECK(journal_datagram(6, "two\nlines") ==
          "PRIORITY=6\nSYSLOG_IDENTIFIER=autodeploy\nMESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\n"s);
}

TEST_CASE("an event has its fields and an id for ever, in the journal and on a line of syslog") {
    using namespace std::string_literals;
    LogEvent event{4, "deployment-ended", "it ended", {{"outcome", "rolled_back"}, {"cause", ""}, {"message", "a\nb"}}};
    CHECK(journal_datagram(event) == "PRIORITY=4\nSYSLOG_IDENTIFIER=autodeploy\nMESSAGE=it ended\n"
                                     "MESSAGE_ID=" +
                                         message_id("deployment-ended") +
                                         "\nAUTODEPLOY_EVENT=deployment-ended\n"
                                         "AUTODEPLOY_MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n"
                                         "AUTODEPLOY_OUTCOME=rolled_back\n"s);
    CHECK(event_line(event) == "it ended [deployment-ended message=\"a b\" outcome=rolled_back]");
    // As published in agent/README.md: who filters by them must never be told of others.
    CHECK(message_id("agent-started") == "6aaf0c7e77258265d332569a61e01539");
    CHECK(message_id("deployment-phase") == "919f52e14cc46f0bb14e14f5dd74721a");
    CHECK(message_id("deployment-ended") == "7b5724523a643d6e3001f7c01071bd5b");
    CHECK(message_id("probation") == "fc8da5be8886b9973f86f48cee77c30d");
    CHECK(message_id("metadata-expires") == "0f5567db0df0ce28ce43fbf2e051d937");
    CHECK(message_id("attempts-cleared") == "388a6a1e466274d2f953727a21d2fb49");
    CHECK(message_id("problem") == "7f1feca0c51e6dd6c8cb76ca7baf808b");
}

TEST_CASE("this host tells its facts") {
    LinuxProcessTable processes;
    LinuxHost host(processes);
    const HostFacts facts = host.facts();
    CHECK_FALSE(facts.name.empty());
    CHECK(facts.system == "linux");
    CHECK_FALSE(facts.architecture.empty());
    CHECK(host.is_administrator() == (::geteuid() == 0));
    CHECK(host.pending_renames({"/"}).empty());
    host.mount_properties("/no/such/path");
}

TEST_CASE("a server is reached if a connection comes about") {
    LinuxProcessTable processes;
    LinuxHost host(processes);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 5) == 0);
    REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const int port = ntohs(address.sin_port);
    CHECK(host.reaches("127.0.0.1", port, Milliseconds(5000)));
    CHECK(host.reaches("localhost", port, Milliseconds(5000)));
    ::close(listener);
    CHECK_FALSE(host.reaches("127.0.0.1", port, Milliseconds(5000)));
    CHECK_FALSE(host.reaches("", -1, Milliseconds(100)));
}

TEST_CASE("a real path has its links resolved as far as it exists") {
    TemporaryDirectory directory;
    const std::string root = std::filesystem::canonical(directory.path());
    std::filesystem::create_directory(root + "/real");
    std::filesystem::create_directory_symlink(root + "/real", root + "/link");
    CHECK(real_path(root + "/link/x/y") == root + "/real/x/y");
    CHECK(real_path(root + "/link/") == root + "/real");
    CHECK(real_path("/") == "/");
    CHECK(is_below("/opt/tivoli/x", "/opt/tivoli"));
    CHECK(is_below("/opt/tivoli", "/opt/tivoli/"));
    CHECK_FALSE(is_below("/opt/tivoli2", "/opt/tivoli"));
    CHECK(is_below("/x", "/"));
}
