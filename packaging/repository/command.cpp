#include "packaging/repository/command.h"

#include "packaging/repository/asked_passphrase.h"
#include "platform/error.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace autodeploy::publisher {

namespace {

/// Another publisher, or the timer's refresh, is awaited for a while.
std::unique_ptr<FileLock> lock(Platform& platform, const std::string& directory) {
    for (int i = 0; i < 150; ++i) {
        if (auto held = platform.files.try_lock(directory + "/lock")) return held;
        platform.clock.sleep(Milliseconds(200));
    }
    throw Error("repository_busy", "cannot change the repository in " + directory +
                                       ": another autodeploy-repository has been at work there for 30 s");
}

/// As the shell names it, if that is where we are: whoever starts us from another program may have left PWD alone.
std::string working_directory() {
    std::error_code error;
    const char* named = std::getenv("PWD");
    if (named != nullptr && *named == '/' && std::filesystem::equivalent(named, ".", error)) return named;
    const std::filesystem::path here = std::filesystem::current_path(error);
    if (error) throw usage("cannot tell the working directory: give absolute paths");
    return here.string();
}

/// "..", too, is understood as a shell's cd does.
std::string absolute(const std::string& path) {
    if (path.empty()) throw usage("the name of a file or folder is empty");
    const std::string full = path.starts_with("/") ? path : working_directory() + "/" + path;
    std::string plain = std::filesystem::path(full).lexically_normal().generic_string();
    while (plain.size() > 1 && plain.back() == '/')
        plain.pop_back();
    return plain;
}

/// Whom the audit names.
std::string checked_name(const std::string& name) {
    if (name.empty() || std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
        throw usage("--by is a name on one line");
    return name;
}

/// Everything that is signed would be expired as soon as it is out.
void refuse_clock_of_the_past(const Draft& draft, Clock& clock) {
    const std::optional<UnixTime> made = draft.made_at();
    if (made && clock.now() < *made)
        throw Error("clock_wrong", "cannot sign anything: the clock says " + utc_text(clock.now()) +
                                       ", and the repository was made at " + utc_text(*made) + "; set the clock");
}

void complain(bool json, std::ostream& out, std::ostream& err, const std::string& cause, const std::string& message) {
    if (json)
        out << pretty_json(
            Json::Object{{"format", 1}, {"error", Json::Object{{"cause", cause}, {"message", message}}}});
    else
        err << "autodeploy-repository: " << message << "\n";
}

} // namespace

void Context::say(const std::string& text) const {
    if (!quiet && !json) out << text << "\n";
}

void Context::print(const Json& value) const {
    out << pretty_json(value);
}

/// A staged file that was carried to where the keys are.
bool names_file(const std::string& command, const Invocation& line) {
    return command == "sign" && line.operands.size() == 1 && line.operands[0].ends_with(".json");
}

void Context::done(const std::string& action, Json detail, const std::string& words) {
    draft.audit(who, action, detail);
    tell(action, std::move(detail), words);
}

void Context::tell(const std::string& action, Json detail, const std::string& words) const {
    if (json) {
        Json all;
        all["action"] = action;
        all["detail"] = std::move(detail);
        print(all);
    }
    say(words);
}

int run(Platform& platform, const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        const std::string& caller, const KeyProtection& protection) {
    // Also where the rest of the line cannot be understood.
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    try {
        if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
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
        for (const char* path :
             {"signer", "manifest", "prerequisites", "toc", "public", "root", "ca-file", "trust", "passphrase-file"})
            if (line.has(path))
                for (std::string& value : line.options[path])
                    value = absolute(value);
        if (line.has("url") && line.value("url").find("://") == std::string::npos)
            line.options["url"] = {absolute(line.value("url"))};
        for (const char* path : {"nodes", "output"})
            if (name == "schedule" && line.has(path)) line.options[path] = {absolute(line.value(path))};
        const bool makes_keys =
            name == "init" || name == "rotate" || name == "delegate" || (name == "add-key" && !line.has("public"));
        AskedPassphrase passphrase(platform.files, line, makes_keys);
        Context context{platform,
                        Draft(platform.files, platform.clock, directory),
                        line,
                        line.has("keys") ? absolute(line.value("keys")) : directory + "/keys",
                        [&passphrase] { return passphrase(); },
                        protection,
                        checked_name(line.value("by", caller)),
                        line.has("json"),
                        line.has("quiet"),
                        out};
        const Access access = names_file(name, line) ? Access::none : command.access;
        if (access != Access::none) context.draft.require();
        std::unique_ptr<FileLock> held;
        if (access == Access::changes) held = lock(platform, directory);
        if (access == Access::changes && name != "verify") refuse_clock_of_the_past(context.draft, platform.clock);
        command.run(context);
        out.flush();
        if (out) return 0;
        err << "autodeploy-repository: cannot write the answer; is the disk of its output full?"
            << (access == Access::changes ? " What was asked for is done\n" : "\n");
        return 1;
    } catch (const Error& error) {
        complain(json, out, err, error.cause(), error.what());
        return error.cause() == "usage" ? 2 : 1;
    }
}

} // namespace autodeploy::publisher
