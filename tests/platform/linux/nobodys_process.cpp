#include "tests/platform/linux/nobodys_process.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace autodeploy {

NobodysProcess::NobodysProcess(const std::function<int()>& body) : child_(::fork()) {
    if (child_ != 0) return;
    if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(100);
    ::_exit(body());
}

NobodysProcess::~NobodysProcess() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
}

int NobodysProcess::exit_code() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int meddle_with(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                const std::string& mine) {
    int succeeded = 0;
    ::close(::open(mine.c_str(), O_CREAT | O_WRONLY, 0666));
    for (const std::string& path : paths) {
        const std::string inside = path + ".of-nobody";
        const std::string away = mine + ".away";
        succeeded += ::open(path.c_str(), O_RDONLY) >= 0;
        succeeded += ::open(path.c_str(), O_WRONLY) >= 0;
        succeeded += ::open(path.c_str(), O_WRONLY | O_TRUNC) >= 0;
        succeeded += ::open(inside.c_str(), O_CREAT | O_WRONLY, 0666) >= 0;
        succeeded += ::truncate(path.c_str(), 0) == 0;
        succeeded += ::unlink(path.c_str()) == 0;
        succeeded += ::rename(mine.c_str(), path.c_str()) == 0;
        succeeded += ::rename(path.c_str(), away.c_str()) == 0;
        succeeded += ::link(path.c_str(), away.c_str()) == 0;
        succeeded += ::symlink("/etc/passwd", inside.c_str()) == 0;
        succeeded += ::chmod(path.c_str(), 0777) == 0;
    }
    for (const std::string& folder : folders) {
        const std::string away = folder + ".away";
        succeeded += ::rename(folder.c_str(), away.c_str()) == 0;
        succeeded += ::rmdir(folder.c_str()) == 0;
        succeeded += ::chmod(folder.c_str(), 0777) == 0;
        succeeded += ::open(folder.c_str(), O_RDONLY | O_DIRECTORY) >= 0;
    }
    return succeeded;
}

void swap_for_ever(const std::string& path, const std::string& target_of_links) {
    const std::string good = path + ".good";
    const std::string bad = path + ".bad";
    std::filesystem::copy_file(path, good);
    std::filesystem::copy_file(path, bad);
    const int opened = ::open(bad.c_str(), O_WRONLY);
    if (opened < 0 || ::pwrite(opened, "X", 1, 10) != 1) ::_exit(101);
    const std::string next = path + ".next";
    for (unsigned round = 0;; ++round) {
        ::unlink(next.c_str());
        int done = 0;
        switch (round % 6) {
        case 0:
            done = ::link(bad.c_str(), next.c_str());
            break;
        case 1:
            done = ::symlink(target_of_links.c_str(), next.c_str());
            break;
        case 2:
            done = ::mkfifo(next.c_str(), 0644);
            break;
        // In place, behind the back of whoever has it open.
        case 3:
            done = ::truncate(good.c_str(), 100);
            break;
        default:
            done = ::link(good.c_str(), next.c_str());
            break;
        }
        if (round % 6 == 3) {
            std::filesystem::copy_file(bad, good, std::filesystem::copy_options::overwrite_existing);
            const int again = ::open(good.c_str(), O_WRONLY);
            if (again < 0 || ::pwrite(again, "p", 1, 10) != 1) ::_exit(102);
            ::close(again);
            continue;
        }
        if (done != 0 || ::rename(next.c_str(), path.c_str()) != 0) ::_exit(103);
        if (round % 6 >= 4) ::usleep(3000);
    }
}

} // namespace autodeploy
