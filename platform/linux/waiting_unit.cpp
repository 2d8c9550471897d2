#include "platform/linux/waiting_unit.h"

#include "platform/error.h"
#include "platform/posix/file_error.h"
#include "platform/posix/open_file.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>

namespace autodeploy {

namespace {

constexpr std::chrono::milliseconds patience{2000};
constexpr std::chrono::milliseconds between_looks{2};

// The text is constant; what varies reaches it as arguments only. timeout bounds the opening of the pipe as well.
const char* const script =
    "[ \"$(/usr/bin/timeout 600 /usr/bin/head -n 1 \"$0\" 2>/dev/null)\" = go ] || exit 0; exec \"$@\"";

} // namespace

std::vector<std::string> behind_gate(const std::string& gate, const std::vector<std::string>& tool) {
    std::vector<std::string> arguments = {"/bin/sh", "-c", script, gate};
    arguments.insert(arguments.end(), tool.begin(), tool.end());
    return arguments;
}

WaitingUnit::WaitingUnit(const std::string& gate) : gate_(gate) {
    const Place place = place_of(gate_, "make");
    unlink_file(place);
    if (::mkfifoat(place.directory.get(), place.name.c_str(), 0600) != 0) throw file_error("make", gate_, errno);
}

WaitingUnit::~WaitingUnit() {
    line_.close();
    try {
        open_without_word(gate_);
    } catch (const Error&) {
        // Then it ends by itself.
    }
}

bool WaitingUnit::reached() {
    const auto end = std::chrono::steady_clock::now() + patience;
    do {
        // Opens only when the other end is open.
        line_ = open_at(place_of(gate_, "open"), O_WRONLY | O_NONBLOCK);
        if (line_) return true;
        std::this_thread::sleep_for(between_looks);
    } while (std::chrono::steady_clock::now() < end);
    return false;
}

bool WaitingUnit::go() {
    try {
        // A gate that is still there tells a later run of ours that the word was not given.
        unlink_file(place_of(gate_, "open"));
        write_all(line_.get(), "go\n", gate_);
        line_.close();
        return true;
    } catch (const Error&) {
        return false;
    }
}

void open_without_word(const std::string& gate) {
    const Place place = place_of(gate, "open");
    // Who waits for the opening gets it, and with it the end.
    const Descriptor both = open_at(place, O_RDWR | O_NONBLOCK);
    unlink_file(place);
}

} // namespace autodeploy
