#pragma once

#include "installer/detection.h"
#include "installer/step.h"
#include "platform/platform.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/fakes/faults.h"
#include "tests/fakes/faulty_file_system.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace autodeploy {

/// What is wrong with a release, beyond what its packages say.
enum class Sickness {
    none,
    dies_at_start,   ///< the service cannot be started
    dies_later,      ///< it runs for some seconds
    loses_server,    ///< its scheduler never reaches the server
    wrong_version,   ///< the program says another version than the package
    script_fails,    ///< a scriptlet fails: half-installed
    changes_options, ///< a scriptlet writes into the administrator's options file
    drops_unit,      ///< a scriptlet removes the definition of the service
    starts_service,  ///< a scriptlet starts the service by itself
};

/// Half states are those that the real tools were seen to leave.
enum class PackageTool { dpkg, rpm };

/// Whether the new release's programs and packages have the same names and places, or the client is a 32-bit one of AIX
/// and the release a 64-bit one: other packages, which cannot be beside the old ones, in another directory. On Windows
/// settings lie in the registry as well, and whoever removes the old packages takes the old ones away; and the client
/// of 64 bit needs runtimes, of which one is missing and one is older.
enum class Move { none, to_64_bit, to_32_bit, windows_to_64_bit, windows_to_32_bit };

/// A whole machine in memory: a client of two packages, an acceptor and a second scheduler service, options files.
/// Every change goes through `faults`. Its judge, snapshot(), knows nothing of the installer's code.
class FakeMachine {
  public:
    explicit FakeMachine(PackageTool tool = PackageTool::dpkg, Move move = Move::none);
    ~FakeMachine();

    Platform& platform();
    ClientProbe& client();

    /// The packages of a release, as they would lie in staging.
    PackageSet packages(const std::string& release) const;
    int bits(const std::string& release) const; ///< of its programs
    /// What a release needs beside its packages and is not there.
    std::vector<PrerequisiteFile> prerequisites(const std::string& release) const;
    Detection detection();

    /// Installed packages, files of the client and the administrator, services: all that must be entirely old or
    /// entirely new.
    std::string snapshot();
    bool scheduler_runs() const;              ///< every service that ran at the beginning
    std::vector<std::string> stopped() const; ///< those of them that do not
    bool is_held() const;
    /// This service neither runs nor starts at boot, from the beginning on.
    void leave_idle(const std::string& name);
    /// The client's own package is there, but the database calls it so: "iF" is half configured, other words are good.
    void put_state(const std::string& word);

    /// Our process died; the machine goes on. Nothing goes wrong from now on.
    void restart_agent();
    /// The scheduler stores a new password, if it runs.
    void change_password(const std::string& password);
    /// The power went: what runs is gone, enabled services start unless they are held.
    void restart_machine();

    Faults faults;
    FakeFileSystem disk;
    RefusingDisk refusing;
    std::map<std::string, Sickness> sickness; ///< by release
    int busy_calls = 0;                       ///< so many calls of converge find the tool's lock held
    bool can_hold = true;                     ///< false: as SysV
    bool somebody_starts = false;             ///< whoever is not held is started between two packages
    std::set<std::string> ran_while_replaced; ///< services that were seen running between two packages
    int refused_starts = 0;                   ///< so many starts fail
    bool server_is_up = true;
    struct LeftOver {
        std::string program;
        Milliseconds ends_at{-1};  ///< by itself; -1: never
        Milliseconds obeys_in{-1}; ///< this long after it was asked to end; -1: it does not
        bool gone = false;
        bool killed = false;
    };
    std::vector<LeftOver> left_over; ///< processes of the client that no service is in charge of
    bool scriptlets_grumble = false; ///< they fail, and harm nothing
    std::set<std::string> cut_off;   ///< services whose own server was down already when the machine was looked at
    std::map<std::string, std::string> runtimes; ///< name → version: shared with other programs, in no snapshot
    bool runtimes_wait_for_restart = false;      ///< those that are installed from now on do
    int runtimes_fail = 0;                       ///< so many of their installations reach nothing
    std::set<std::string> ran_without_runtime;   ///< releases that were started where one of theirs was missing
    /// By release: its program is in use by others and replaced at a restart of the machine, when so many were made.
    std::map<std::string, int> restarts_wanted;
    bool pending_is_forgotten = false; ///< what waits for a restart, where its file is replaced at once meanwhile

  private:
    struct Parts;
    friend struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace autodeploy
