#include "installer/repository/https_transport.h"
#include "installer/repository/safe_name.h"
#include "installer/repository/updater.h"
#include "platform/error.h"
#include "platform/linux/extended_attributes.h"
#include "platform/linux/linux_clock.h"
#include "platform/posix/posix_file_system.h"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

using namespace autodeploy;

namespace {

struct Arguments {
    std::map<std::string, std::string> options;
    std::vector<std::string> targets;
    std::vector<std::string> words;
};

Arguments read_arguments(const std::vector<std::string>& given) {
    Arguments arguments;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (!given[i].starts_with("--"))
            arguments.words.push_back(given[i]);
        else if (i + 1 == given.size())
            throw Error("usage", "cannot read the arguments: " + given[i] + " needs a value");
        else if (given[i] == "--target-name")
            arguments.targets.push_back(given[++i]);
        else {
            arguments.options[given[i]] = given[i + 1];
            ++i;
        }
    }
    return arguments;
}

std::string without_slash(std::string url) {
    if (url.ends_with("/")) url.pop_back();
    return url;
}

void run(const Arguments& arguments) {
    const std::string directory = arguments.options.at("--metadata-dir");
    const std::string& command = arguments.words.at(0);
    // The suite makes the folder for everybody to read; the store insists on a private one.
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
    ExtendedAttributes attributes;
    PosixFileSystem files(attributes);
    LinuxClock clock;
    if (command == "init") {
        Updater(files, clock, {}, directory).init(files.read(arguments.words.at(1), 1 << 20));
        return;
    }
    const auto base = arguments.options.find("--target-base-url");
    HttpsSource source;
    source.metadata_url = without_slash(arguments.options.at("--metadata-url"));
    source.targets_url = base == arguments.options.end() ? source.metadata_url : without_slash(base->second);
    const auto transport = https_transport(clock, source);
    Updater updater(files, clock, {transport.get()}, directory);
    updater.refresh();
    if (command != "download") return;
    for (const std::string& name : arguments.targets) {
        const auto found = updater.find_target(name);
        if (!found) throw Error("target_unknown", "cannot download " + name + ": no role lists it");
        DownloadLimits once;
        once.attempts = 1;
        updater.download(*found, arguments.options.at("--target-dir") + "/" + safe_file_name(name), once);
    }
}

} // namespace

int main(int count, char** values) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        run(read_arguments({values + 1, values + count}));
        return 0;
    } catch (const std::exception& exception) {
        std::cerr << exception.what() << "\n";
        return 1;
    }
}
