#include "installer/repository/retrieved_transport.h"

#include "installer/repository/folder_transport.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

/// A name that no tool takes for a pattern or two words; an option it cannot be, with its folder in front.
bool is_plain(const std::string& file) {
    return std::all_of(file.begin(), file.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+~%@=,").find(c) != std::string_view::npos;
    });
}

std::string last_line(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string::npos) return "";
    const std::size_t begin = text.find_last_of('\n', end);
    return text
        .substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1) + 1)
        .substr(0, 300);
}

class RetrievedTransport final : public Transport {
  public:
    RetrievedTransport(FileSystem& files, CommandRunner& commands, const RetrieveCommand& command)
        : files_(files), commands_(commands), command_(command), folder_(folder_transport(files, command.directory)),
          name_("files retrieved by " + command.command.front()) {
        for (const std::string& argument : command.command)
            per_file_ = per_file_ || argument.find("{file}") != std::string::npos;
    }

    const std::string& name() const override { return name_; }

    std::optional<std::string> metadata(const std::string& file_name, std::uint64_t cap) override {
        bring("metadata/" + file_name, true);
        return folder_->metadata(file_name, cap);
    }

    bool target(const TargetRequest& request, TargetSink& sink) override {
        bring("targets/" + request.path, request.offset == 0);
        return folder_->target(request, sink);
    }

  private:
    /// again: what was brought before does not count.
    void bring(const std::string& file, bool again) {
        if (!prepared_) {
            files_.remove_tree(command_.directory);
            for (const char* part : {"", "/metadata", "/targets"})
                files_.make_private_directory(command_.directory + part);
            prepared_ = true;
            if (!per_file_) run("");
        }
        if (!per_file_) return;
        const std::string path = command_.directory + "/" + file;
        if (!again && files_.status(path)) return;
        if (!is_plain(file))
            throw Error("transport_refused",
                        "cannot retrieve " + file + ": its name could mean something to a command");
        files_.remove_durably(path);
        files_.make_private_directory(path.substr(0, path.rfind('/')));
        run(file);
    }

    void run(const std::string& file) {
        Command command;
        command.program = command_.command.front();
        for (std::size_t i = 1; i < command_.command.size(); ++i)
            command.arguments.push_back(
                replaced(replaced(command_.command[i], "{directory}", command_.directory), "{file}", file));
        command.deadline = command_.deadline;
        const CommandResult result = commands_.run(command);
        const std::string what =
            "cannot retrieve " + (file.empty() ? "the repository" : file) + " with " + command.program;
        if (result.timed_out)
            throw Error("transport_timed_out",
                        what + ": it did not end within " + std::to_string(command.deadline.count() / 1000) + " s",
                        Retry::later);
        const auto& good = command_.good_exit_codes;
        const bool ended_well =
            result.exit_code == 0 || std::find(good.begin(), good.end(), result.exit_code) != good.end();
        const bool not_there = !command_.no_such_file.empty() &&
                               (result.output + result.error).find(command_.no_such_file) != std::string::npos;
        if (ended_well || (not_there && !file.empty())) return;
        const std::string said = last_line(result.error.empty() ? result.output : result.error);
        throw Error("transport_failed",
                    what + ": it ended with " + std::to_string(result.exit_code) + (said.empty() ? "" : ": " + said),
                    Retry::later);
    }

    FileSystem& files_;
    CommandRunner& commands_;
    RetrieveCommand command_;
    std::unique_ptr<Transport> folder_;
    std::string name_;
    bool per_file_ = false;
    bool prepared_ = false;
};

} // namespace

std::unique_ptr<Transport> retrieved_transport(FileSystem& files, CommandRunner& commands,
                                               const RetrieveCommand& command) {
    if (command.command.empty() || command.directory.empty())
        throw Error("settings_invalid", "cannot retrieve the repository: no command is set for it");
    const auto names_directory = [](const std::string& argument) {
        return argument.find("{directory}") != std::string::npos;
    };
    if (std::none_of(command.command.begin() + 1, command.command.end(), names_directory))
        throw Error("settings_invalid", "cannot retrieve the repository: no argument of " + command.command.front() +
                                            " holds {directory}, the folder that it has to fill");
    return std::make_unique<RetrievedTransport>(files, commands, command);
}

} // namespace autodeploy
