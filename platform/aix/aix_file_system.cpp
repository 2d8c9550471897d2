#include "platform/aix/aix_file_system.h"

#include "platform/aix/ps_text.h"
#include "platform/error.h"

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autodeploy {

namespace {

/// S_IXACL of AIX's <sys/mode.h>; no other system uses that bit.
constexpr unsigned long extended_list = 0200000000;
const std::string attribute = "aix_acl";

bool mode_says_list(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           (static_cast<unsigned long>(status.st_mode) & extended_list) != 0;
}

/// A file of ours with that text, gone at the end.
class TemporaryText {
  public:
    explicit TemporaryText(const std::string& text) : path_("/tmp/autodeploy-acl.XXXXXX") {
        const int file = ::mkstemp(path_.data());
        const bool written = file >= 0 && ::write(file, text.data(), text.size()) == ssize_t(text.size());
        if (file >= 0) ::close(file);
        if (!written) throw Error("io_error", "cannot write an access control list to " + path_, Retry::later);
    }
    TemporaryText(const TemporaryText&) = delete;
    TemporaryText& operator=(const TemporaryText&) = delete;
    ~TemporaryText() { ::unlink(path_.c_str()); }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

} // namespace

std::uint64_t AixFileSystem::free_bytes(const std::string& path) {
    std::string nearest = path;
    while (nearest != "/" && ::access(nearest.c_str(), F_OK) != 0) {
        const std::size_t slash = nearest.rfind('/');
        nearest = slash == 0 || slash == std::string::npos ? "/" : nearest.substr(0, slash);
    }
    Command command;
    command.program = "/usr/bin/df";
    command.arguments = {"-Pk", nearest};
    const CommandResult result = commands_.run(command);
    const auto bytes = parse_df(result.output);
    if (!bytes)
        throw Error("io_error", "cannot ask for the free space at " + path + ": df says " +
                                    (result.timed_out ? "nothing in time" : result.error + result.output));
    return *bytes;
}

void AixFileSystem::copy_durably(const std::string& from, const std::string& to) {
    PosixFileSystem::copy_durably(from, to);
    const FileAttributes::Map list = attributes_.read(from);
    std::optional<FileStatus> copy = list.empty() ? std::nullopt : status(to);
    if (!copy) return;
    copy->attributes = list;
    set_status(to, *copy);
}

AixAttributes::AixAttributes(CommandRunner& commands, std::function<bool(const std::string&)> has_list)
    : commands_(commands), has_list_(has_list ? std::move(has_list) : mode_says_list) {}

AixAttributes::Map AixAttributes::read(const std::string& path) {
    if (!has_list_(path)) return {};
    Command command;
    command.program = "/usr/bin/aclget";
    command.arguments = {path};
    const CommandResult result = commands_.run(command);
    if (!result.succeeded())
        throw Error("io_error", "cannot read the access control list of " + path + ": " + result.error);
    return {{attribute, result.output}};
}

AixAttributes::Map AixAttributes::read(int, const std::string& path) {
    return read(path);
}

void AixAttributes::write(int descriptor, const std::string& path, const Map& attributes) {
    const auto wanted = attributes.find(attribute);
    // Giving the mode takes an extended list away.
    if (wanted == attributes.end()) return;
    struct stat open_file {};
    struct stat named {};
    if (::fstat(descriptor, &open_file) != 0 || ::lstat(path.c_str(), &named) != 0 ||
        open_file.st_ino != named.st_ino || open_file.st_dev != named.st_dev)
        return;
    const TemporaryText text(wanted->second);
    Command command;
    command.program = "/usr/bin/aclput";
    command.arguments = {"-i", text.path(), path};
    const CommandResult result = commands_.run(command);
    if (!result.succeeded())
        throw Error("access_denied", "cannot set the access control list of " + path + ": " + result.error);
}

} // namespace autodeploy
