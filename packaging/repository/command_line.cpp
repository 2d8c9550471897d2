#include "packaging/repository/command_line.h"

#include "installer/repository/safe_name.h"
#include "packaging/repository/command.h"
#include "packaging/repository/option_meanings.h"

#include <algorithm>
#include <array>
#include <charconv>
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
            "signer=FILE waive=NAME reason=TEXT way-back-only from-at-least=V from-at-most=V manifest=FILE "
            "prerequisites=FILE toc=FILE "
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
    Command{"arm", "armed|observe",
            "tell clients in mode follow whether to act; observe wins, --cancel takes a rule away",
            "channel=C nodes=PATTERN platform=NAME cancel", "autodeploy-repository arm armed --nodes 'WEB*'", 1, 1,
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
    Command{"freeze", "FROM TO", "no changes between these times, in UTC as in the example",
            "channel=C reason=TEXT cancel",
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

constexpr std::size_t longest_platform_name = 64;

std::string synopsis(const Command& command) {
    return *command.operands == '\0' ? command.name : std::string(command.name) + " " + command.operands;
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

bool may_be_repeated(const Command& command, const std::string& option) {
    for (const char* repeated : {"threshold", "expiry", "platform", "signer", "nodes", "one-way", "json", "quiet"})
        if (option == repeated) return true;
    return option == "channel" && command.run == freeze;
}

} // namespace

Error usage(const std::string& what) {
    return Error("usage", what);
}

std::string Invocation::value(const std::string& name, const std::string& otherwise) const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : found->second.back();
}

std::vector<std::string> Invocation::values(const std::string& name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::vector<std::string>{} : found->second;
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
        if (!word.starts_with("-") || word == "-") {
            line.operands.push_back(word);
            continue;
        }
        if (word == "-h") {
            line.options["help"];
            continue;
        }
        if (!word.starts_with("--"))
            throw usage("unknown option " + word + " of " + command.name + "; a file of that name is ./" + word);
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
        const auto option = known.find(name);
        if (option == known.end())
            throw usage("unknown option --" + name + " of " + command.name + "; see 'autodeploy-repository " +
                        command.name + " --help'");
        if (line.has(name) && !may_be_repeated(command, name)) throw usage("--" + name + " is given twice");
        if (!option->second && equals != std::string::npos) throw usage("--" + name + " takes no value");
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
        throw usage("expected: autodeploy-repository " + synopsis(command) + "; see its --help");
    return line;
}

void print_help(const Command& command, std::ostream& out) {
    out << "autodeploy-repository " << synopsis(command) << "\n  " << command.purpose << "\n\nOptions:\n";
    std::istringstream words(std::string(command.options) + " " + common_options);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        out << "  --" << word.substr(0, equals) << (equals == std::string::npos ? "" : " " + word.substr(equals + 1))
            << "\n      " << meaning_of_option(command.name, word.substr(0, equals)) << "\n";
    }
    out << "\nExample:\n  " << command.example << "\n";
}

void print_help(std::ostream& out) {
    out << "autodeploy-repository COMMAND …: make and keep a signed repository of client updates\n\n";
    for (const Command& command : commands) {
        const std::string name = synopsis(command);
        // The ellipsis has three bytes and one column.
        const std::size_t columns = name.size() - (name.ends_with("…") ? 2 : 0);
        out << "  " << name << std::string(columns < 24 ? 25 - columns : 1, ' ') << command.purpose << "\n";
    }
    out << "\nEvery command has --help with an example. The repository is --repository DIR, else the working "
           "directory.\n";
}

std::int64_t number(const std::string& text, std::int64_t least, std::int64_t most, const std::string& what) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        throw usage(what + " is a number from " + std::to_string(least) + " to " + std::to_string(most) + ", not '" +
                    text + "'");
    return value;
}

std::string counted(std::size_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

ClientVersion version_of(const std::string& text) {
    const auto version = parse_client_version(text);
    if (!version) throw usage("'" + text + "' is no version: expected V.R.M.F, as 8.1.27.0");
    return *version;
}

void require_platform_name(const std::string& name) {
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos)
        throw usage("a platform's name has only a-z, 0-9, '-' and '_'");
    if (name.size() > longest_platform_name || name.front() == '-')
        throw usage("a platform's name begins with a letter or digit and has at most " +
                    std::to_string(longest_platform_name) + " characters");
    // It is a role, a folder, and a part of key files' names: on Windows too.
    for (const char* taken : {"root", "targets", "snapshot", "timestamp", "releases", "halt", "packages"})
        if (name == taken) throw usage("a platform cannot be called '" + name + "': that is a role of another kind");
    if (safe_file_name(name) != name)
        throw usage("a platform cannot be called '" + name + "': Windows has a device of that name");
}

} // namespace autodeploy::publisher
