#include "packaging/repository/command.h"

#include "platform/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

namespace autodeploy::publisher {

namespace {

// Every command has these too.
constexpr const char* common_options =
    "repository=DIR keys=DIR passphrase-file=FILE passphrase-fd=N by=NAME json quiet help";

constexpr std::array commands{
    Command{
        "init", "", "make the keys and an empty repository", "threshold=[ROLE=]N expiry=ROLE=DAYS platform=NAME",
        "autodeploy-repository init --repository /srv/updates --threshold root=2 --passphrase-file /root/passphrase", 0,
        0, Access::none, init},
    Command{"add", "FILE…", "read vendor packages and list them",
            "signer=FILE waive=NAME reason=TEXT way-back-only from-at-least=V from-at-most=V manifest=FILE toc=FILE "
            "replace",
            "autodeploy-repository add 8.1.27.0-TIV-TSMBAC-LinuxX86.tar --signer RPM-GPG-KEY-ibmpkg", 1, 100,
            Access::changes, add},
    Command{"remove", "VERSION", "take a package out, never one that is somebody's way back unless forced",
            "platform=NAME force", "autodeploy-repository remove 8.1.20.0 --platform aix", 1, 1, Access::changes,
            remove},
    Command{"release", "VERSION",
            "offer a version to clients; the same again changes the share, --cancel takes it back",
            "channel=C share=P nodes=PATTERN platform=NAME change=ID one-way=ID notes=TEXT cancel",
            "autodeploy-repository release 8.1.27.0 --channel stable --share 10 --change CHG0012345", 1, 1,
            Access::changes, release},
    Command{"arm", "armed|observe", "tell clients in mode follow whether to act",
            "channel=C nodes=PATTERN platform=NAME", "autodeploy-repository arm armed --nodes 'WEB*'", 1, 1,
            Access::changes, arm},
    Command{"halt", "VERSION", "stop what has not begun", "platform=NAME reason=TEXT",
            "autodeploy-repository halt 8.1.27.0 --reason 'backups fail on cluster nodes'", 1, 1, Access::changes,
            halt},
    Command{"resume", "VERSION", "take a halt back", "", "autodeploy-repository resume 8.1.27.0", 1, 1, Access::changes,
            resume},
    Command{"recall", "VERSION", "send clients of a version back to an older one",
            "to=VERSION reason=TEXT change=ID platform=NAME one-way=ID cancel",
            "autodeploy-repository recall 8.1.28.0 --to 8.1.27.0 --reason 'scheduler dies'", 1, 1, Access::changes,
            recall},
    Command{"freeze", "FROM TO", "no changes between these times", "channel=C reason=TEXT cancel",
            "autodeploy-repository freeze 2026-12-20T00:00:00Z 2027-01-04T00:00:00Z --reason 'end of year'", 2, 2,
            Access::changes, freeze},
    Command{"publish", "", "sign what was staged and bring it out", "", "autodeploy-repository publish", 0, 0,
            Access::changes, publish_command},
    Command{"refresh", "", "renew snapshot and timestamp only; for a timer", "",
            "autodeploy-repository refresh --passphrase-file /root/passphrase", 0, 0, Access::changes, refresh},
    Command{"sign", "ROLE|FILE", "add signatures to a staged role, or to its file on another machine", "key=KEYID",
            "autodeploy-repository sign /media/stick/root.json --keys /root/keys", 1, 1, Access::changes, sign},
    Command{"rotate", "ROLE", "replace the keys of a role by new ones", "", "autodeploy-repository rotate timestamp", 1,
            1, Access::changes, rotate},
    Command{"add-key", "ROLE", "give a role one more key: a new one, or somebody's public key", "public=FILE",
            "autodeploy-repository add-key releases --public alice.pub.json", 1, 1, Access::changes, add_key},
    Command{"remove-key", "ROLE KEYID", "take a key away from a role", "",
            "autodeploy-repository remove-key releases 3fa85f64", 2, 2, Access::changes, remove_key},
    Command{"threshold", "ROLE N", "how many signatures a role needs", "", "autodeploy-repository threshold releases 2",
            2, 2, Access::changes, threshold},
    Command{"expiry", "ROLE DAYS", "how long a role is valid from its next version on", "",
            "autodeploy-repository expiry timestamp 7", 2, 2, Access::changes, expiry},
    Command{"delegate", "PLATFORM", "make a role for the packages of one more platform", "",
            "autodeploy-repository delegate linux-s390x", 1, 1, Access::changes, delegate},
    Command{"schedule", "", "the backup server's commands that run a wave of clients",
            "nodes=FILE wave=NAME change=ID domain=NAME start=TIME hours=N program=PATH part=N output=DIR",
            "autodeploy-repository schedule --nodes wave48.txt --domain STANDARD --wave W48 --change CHG0012345", 0, 0,
            Access::none, schedule},
    Command{"status", "", "what expires when, and what is offered to whom", "", "autodeploy-repository status --json",
            0, 0, Access::reads, status},
    Command{"audit", "", "who did what, when, with which change", "", "autodeploy-repository audit", 0, 0,
            Access::reads, audit},
    Command{"verify", "", "read the repository as an agent does, here or on its web server",
            "root=FILE url=URL|DIR ca-file=FILE trust=DIR",
            "autodeploy-repository verify --url https://updates.example:8443", 0, 0, Access::changes, verify},
    Command{"mirror", "DIR", "copy what is published, byte for byte; goes on after an interruption", "platform=NAME",
            "autodeploy-repository mirror /media/updates --platform aix", 1, 1, Access::reads, mirror_command},
};

Error usage(const std::string& what) {
    return Error("usage", what);
}

/// Option names of a row, with whether a value follows.
std::map<std::string, bool> option_names(const Command& command) {
    std::map<std::string, bool> names;
    std::istringstream words(std::string(command.options) + " " + common_options);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        names[word.substr(0, equals)] = equals != std::string::npos;
    }
    return names;
}

const Command& find_command(const std::string& name) {
    for (const Command& command : commands)
        if (name == command.name) return command;
    throw usage("unknown command '" + name + "'; see 'autodeploy-repository --help'");
}

Invocation parse(const Command& command, const std::vector<std::string>& arguments) {
    const std::map<std::string, bool> known = option_names(command);
    Invocation line;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (!word.starts_with("--")) {
            line.operands.push_back(word);
            continue;
        }
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
        const auto option = known.find(name);
        if (option == known.end())
            throw usage("unknown option --" + name + " of " + command.name + "; see 'autodeploy-repository " +
                        command.name + " --help'");
        if (!option->second) {
            line.options[name].emplace_back();
        } else if (equals != std::string::npos) {
            line.options[name].push_back(word.substr(equals + 1));
        } else if (++i < arguments.size()) {
            line.options[name].push_back(arguments[i]);
        } else {
            throw usage("--" + name + " needs a value");
        }
    }
    if (!line.has("help") && (line.operands.size() < command.least || line.operands.size() > command.most))
        throw usage(std::string("expected: autodeploy-repository ") + command.name + " " + command.operands +
                    "; see its --help");
    return line;
}

void print_help(const Command& command, std::ostream& out) {
    out << "autodeploy-repository " << command.name << " " << command.operands << "\n  " << command.purpose
        << "\n\nOptions:\n";
    std::istringstream words(std::string(command.options) + " " + common_options);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        out << "  --" << word.substr(0, equals) << (equals == std::string::npos ? "" : " " + word.substr(equals + 1))
            << "\n";
    }
    out << "\nExample:\n  " << command.example << "\n";
}

void print_help(std::ostream& out) {
    out << "autodeploy-repository COMMAND …: make and keep a signed repository of client updates\n\n";
    for (const Command& command : commands) {
        std::string name = std::string(command.name) + " " + command.operands;
        name.resize(std::max<std::size_t>(name.size(), 24), ' ');
        out << "  " << name << " " << command.purpose << "\n";
    }
    out << "\nEvery command has --help with an example. The repository is --repository DIR, else the working "
           "directory.\n";
}

std::string without_newline(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

std::string read_secret_file(FileSystem& files, const std::string& path) {
    const auto status = files.status(path);
    if (status && status->type == FileType::regular && (status->mode & 077) != 0)
        throw Error("passphrase_insecure", "cannot use the passphrase in " + path +
                                               ": others may read or change that file; chmod 600 it, and change the "
                                               "passphrase if they did");
    return without_newline(files.read(path, 64 << 10));
}

/// A pipe, as a rule: the shell's <(…), or a program that starts this one.
std::string read_descriptor(std::int64_t descriptor) {
    std::ifstream stream("/dev/fd/" + std::to_string(descriptor), std::ios::binary);
    std::string line;
    if (!std::getline(stream, line))
        throw Error("passphrase_missing",
                    "cannot read the passphrase from descriptor " + std::to_string(descriptor) + ": nothing is there");
    return without_newline(line);
}

/// Another publisher, or the timer's refresh, is awaited for a while.
std::unique_ptr<FileLock> lock(Platform& platform, const std::string& directory) {
    for (int i = 0; i < 150; ++i) {
        if (auto held = platform.files.try_lock(directory + "/lock")) return held;
        platform.clock.sleep(Milliseconds(200));
    }
    throw Error("repository_busy", "cannot change the repository in " + directory +
                                       ": another autodeploy-repository has been at work there for 30 s");
}

/// Asked for at most once in a run.
class AskedPassphrase {
  public:
    AskedPassphrase(Platform& platform, const Invocation& line, bool is_new)
        : platform_(platform), line_(line), is_new_(is_new) {}

    std::string operator()() {
        if (!known_.empty()) return known_;
        if (line_.has("passphrase-file")) {
            known_ = read_secret_file(platform_.files, line_.value("passphrase-file"));
        } else if (line_.has("passphrase-fd")) {
            known_ = read_descriptor(number(line_.value("passphrase-fd"), 0, 1023, "--passphrase-fd"));
        } else {
            known_ = prompt_for_passphrase(is_new_);
        }
        if (known_.empty()) throw Error("passphrase_missing", "cannot use the keys: the passphrase is empty");
        return known_;
    }

  private:
    Platform& platform_;
    const Invocation& line_;
    bool is_new_;
    std::string known_;
};

std::string absolute(const std::string& path) {
    if (path.starts_with("/")) return path;
    const char* here = std::getenv("PWD");
    if (here == nullptr || *here != '/') throw usage("cannot tell the working directory: give absolute paths");
    return path.empty() || path == "." ? std::string(here) : std::string(here) + "/" + path;
}

std::string user_name() {
    for (const char* variable : {"SUDO_USER", "USER", "LOGNAME"})
        if (const char* name = std::getenv(variable); name != nullptr && *name != '\0') return name;
    return "unknown";
}

} // namespace

std::string Invocation::value(const std::string& name, const std::string& otherwise) const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : found->second.back();
}

std::vector<std::string> Invocation::values(const std::string& name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::vector<std::string>{} : found->second;
}

void Context::say(const std::string& text) const {
    if (!quiet && !json) out << text << "\n";
}

void Context::print(const Json& value) const {
    out << pretty_json(value);
}

void require_platform_name(const std::string& name) {
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos)
        throw usage("a platform's name has only a-z, 0-9, '-' and '_'");
}

/// A staged file that was carried to where the keys are.
bool names_file(const std::string& command, const Invocation& line) {
    return command == "sign" && line.operands.size() == 1 && line.operands[0].ends_with(".json");
}

void Context::done(const std::string& action, Json detail, const std::string& words) {
    draft.audit(who, action, detail);
    if (json) {
        Json all;
        all["action"] = action;
        all["detail"] = std::move(detail);
        print(all);
    }
    say(words);
}

std::int64_t number(const std::string& text, std::int64_t least, std::int64_t most, const std::string& what) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        throw usage(what + " is a number from " + std::to_string(least) + " to " + std::to_string(most) + ", not '" +
                    text + "'");
    return value;
}

ClientVersion version_of(const std::string& text) {
    const auto version = parse_client_version(text);
    if (!version) throw usage("'" + text + "' is no version: expected V.R.M.F, as 8.1.27.0");
    return *version;
}

int run(Platform& platform, const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        const KeyProtection& protection) {
    try {
        if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "help") {
            print_help(arguments.empty() ? err : out);
            return arguments.empty() ? 2 : 0;
        }
        const Command& command = find_command(arguments[0]);
        Invocation line = parse(command, arguments);
        if (line.has("help")) {
            print_help(command, out);
            return 0;
        }
        const std::string directory = absolute(line.value("repository", "."));
        const std::string name = command.name;
        for (std::string& operand : line.operands)
            if (name == "add" || name == "mirror" || names_file(name, line)) operand = absolute(operand);
        for (const char* path : {"signer", "manifest", "toc", "public", "root", "ca-file", "trust", "passphrase-file"})
            if (line.has(path))
                for (std::string& value : line.options[path])
                    value = absolute(value);
        for (const char* path : {"nodes", "output"})
            if (name == "schedule" && line.has(path)) line.options[path] = {absolute(line.value(path))};
        const bool makes_keys =
            name == "init" || name == "rotate" || name == "delegate" || (name == "add-key" && !line.has("public"));
        AskedPassphrase passphrase(platform, line, makes_keys);
        Context context{platform,
                        Draft(platform.files, platform.clock, directory),
                        line,
                        line.has("keys") ? absolute(line.value("keys")) : directory + "/keys",
                        [&passphrase] { return passphrase(); },
                        protection,
                        line.value("by", user_name()),
                        line.has("json"),
                        line.has("quiet"),
                        out};
        const Access access = names_file(name, line) ? Access::none : command.access;
        if (access != Access::none) context.draft.require();
        std::unique_ptr<FileLock> held;
        if (access == Access::changes) held = lock(platform, directory);
        command.run(context);
        return 0;
    } catch (const Error& error) {
        err << "autodeploy-repository: " << error.what() << "\n";
        return error.cause() == "usage" ? 2 : 1;
    }
}

} // namespace autodeploy::publisher
