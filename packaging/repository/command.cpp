#include "packaging/repository/command.h"

#include "platform/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <sstream>

namespace autodeploy::publisher {

namespace {

// Every command has these too.
constexpr const char* common_options =
    "repository=DIR keys=DIR passphrase-file=FILE passphrase-fd=N by=NAME json quiet help";

constexpr std::array commands{
    Command{"init", "", "make the keys and an empty repository", "threshold=N platform=NAME",
            "autodeploy-repository init --repository /srv/updates --passphrase-file /root/passphrase", 0, 0, init},
    Command{"add", "FILE…", "read vendor packages and list them",
            "signer=FILE waive=NAME reason=TEXT way-back-only from-at-least=V from-at-most=V manifest=FILE",
            "autodeploy-repository add 8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar", 1, 100, add},
    Command{"remove", "VERSION", "take a package out, never one that is somebody's way back unless forced",
            "platform=NAME force", "autodeploy-repository remove 8.1.20.0", 1, 1, remove},
    Command{"release", "VERSION", "offer a version to clients",
            "channel=C share=P nodes=PATTERN platform=NAME change=ID one-way=ID",
            "autodeploy-repository release 8.1.27.0 --channel stable --share 10 --change CHG0012345", 1, 1, release},
    Command{"arm", "armed|observe", "tell clients in mode follow whether to act",
            "channel=C nodes=PATTERN platform=NAME", "autodeploy-repository arm armed --nodes 'WEB*'", 1, 1, arm},
    Command{"halt", "VERSION", "stop what has not begun", "platform=NAME reason=TEXT",
            "autodeploy-repository halt 8.1.27.0 --reason 'backups fail on cluster nodes'", 1, 1, halt},
    Command{"resume", "VERSION", "take a halt back", "", "autodeploy-repository resume 8.1.27.0", 1, 1, resume},
    Command{"recall", "VERSION", "send clients of a version back to an older one",
            "to=VERSION reason=TEXT change=ID platform=NAME",
            "autodeploy-repository recall 8.1.28.0 --to 8.1.27.0 --reason 'scheduler dies'", 1, 1, recall},
    Command{"freeze", "FROM TO", "no changes between these times", "channel=C reason=TEXT",
            "autodeploy-repository freeze 2026-12-20T00:00:00Z 2027-01-04T00:00:00Z --reason 'end of year'", 2, 2,
            freeze},
    Command{"publish", "", "sign what was staged and bring it out", "", "autodeploy-repository publish", 0, 0,
            publish_command},
    Command{"refresh", "", "renew snapshot and timestamp only; for a timer", "",
            "autodeploy-repository refresh --passphrase-file /root/passphrase", 0, 0, refresh},
    Command{"sign", "ROLE", "add signatures to a staged role, also on another machine", "",
            "autodeploy-repository sign root --keys /media/stick/keys", 1, 1, sign},
    Command{"rotate", "ROLE", "replace the keys of a role by new ones", "", "autodeploy-repository rotate timestamp", 1,
            1, rotate},
    Command{"add-key", "ROLE", "give a role one more key: a new one, or somebody's public key", "public=FILE",
            "autodeploy-repository add-key releases --public alice.pub.json", 1, 1, add_key},
    Command{"remove-key", "ROLE KEYID", "take a key away from a role", "",
            "autodeploy-repository remove-key releases 3fa85f64", 2, 2, remove_key},
    Command{"threshold", "ROLE N", "how many signatures a role needs", "", "autodeploy-repository threshold releases 2",
            2, 2, threshold},
    Command{"expiry", "ROLE DAYS", "how long a role is valid from its next version on", "",
            "autodeploy-repository expiry timestamp 7", 2, 2, expiry},
    Command{"delegate", "PLATFORM", "make a role for the packages of one more platform", "",
            "autodeploy-repository delegate linux-s390x", 1, 1, delegate},
    Command{"status", "", "what expires when, and what is offered to whom", "", "autodeploy-repository status --json",
            0, 0, status},
    Command{"audit", "", "who did what, when, with which change", "", "autodeploy-repository audit", 0, 0, audit},
    Command{"verify", "", "read the repository as an agent does", "root=FILE", "autodeploy-repository verify", 0, 0,
            verify},
    Command{"mirror", "DIR", "copy what is published, byte for byte; goes on after an interruption", "",
            "autodeploy-repository mirror /media/updates", 1, 1, mirror_command},
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

/// Asked for at most once in a run.
Passphrase passphrase_of(Platform& platform, const Invocation& line, bool is_new) {
    const auto known = std::make_shared<std::string>();
    return [&platform, line, is_new, known] {
        if (!known->empty()) return *known;
        if (line.has("passphrase-file")) {
            *known = without_newline(platform.files.read(line.value("passphrase-file"), 64 << 10));
        } else if (line.has("passphrase-fd")) {
            *known = without_newline(platform.files.read("/dev/fd/" + line.value("passphrase-fd"), 64 << 10));
        } else {
            *known = prompt_for_passphrase(is_new);
        }
        if (known->empty()) throw Error("passphrase_missing", "cannot use the keys: the passphrase is empty");
        return *known;
    };
}

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

int run(Platform& platform, const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
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
        const bool is_init = std::string(command.name) == "init";
        for (std::string& operand : line.operands)
            if (std::string(command.name) == "add" || std::string(command.name) == "mirror")
                operand = absolute(operand);
        for (const char* path : {"signer", "manifest", "public", "root", "passphrase-file"})
            if (line.has(path))
                for (std::string& value : line.options[path])
                    value = absolute(value);
        Context context{platform,
                        Draft(platform.files, platform.clock, directory),
                        line,
                        line.has("keys") ? absolute(line.value("keys")) : directory + "/keys",
                        passphrase_of(platform, line, is_init),
                        line.value("by", user_name()),
                        line.has("json"),
                        line.has("quiet"),
                        out};
        if (!is_init) context.draft.require();
        command.run(context);
        return 0;
    } catch (const Error& error) {
        err << "autodeploy-repository: " << error.what() << "\n";
        return error.cause() == "usage" ? 2 : 1;
    }
}

} // namespace autodeploy::publisher
