#include "packaging/repository/asked_passphrase.h"

#include "packaging/repository/signer.h"
#include "platform/error.h"

#include <fstream>

namespace autodeploy::publisher {

namespace {

constexpr std::size_t longest_passphrase = 1023;
constexpr std::uint64_t largest_secret_file = 64 << 10;

std::string without_newline(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

std::string read_secret_file(FileSystem& files, const std::string& path) {
    const auto status = files.status(path);
    if (status && status->type == FileType::link)
        throw Error("passphrase_insecure", "cannot use the passphrase in " + path +
                                               ": it is a link, whose rights say nothing; name the file itself");
    if (status && status->type == FileType::regular && (status->mode & 077) != 0)
        throw Error("passphrase_insecure", "cannot use the passphrase in " + path +
                                               ": others may read or change that file; chmod 600 it, and change the "
                                               "passphrase if they did");
    return without_newline(files.read(path, largest_secret_file));
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

} // namespace

std::string AskedPassphrase::operator()() {
    if (!known_.empty()) return known_;
    if (line_.has("passphrase-file")) {
        known_ = read_secret_file(files_, line_.value("passphrase-file"));
    } else if (line_.has("passphrase-fd")) {
        known_ = read_descriptor(number(line_.value("passphrase-fd"), 0, 1023, "--passphrase-fd"));
    } else {
        known_ = prompt_for_passphrase(is_new_);
    }
    if (known_.empty()) throw Error("passphrase_missing", "cannot use the keys: the passphrase is empty");
    // OpenSSL reads keys with no more than that of it: they could be made, and never used.
    if (known_.size() > longest_passphrase || known_.find_first_of(std::string("\0\r\n", 3)) != std::string::npos)
        throw Error("passphrase_unusable", "cannot use the passphrase: it has to be one line of at most " +
                                               std::to_string(longest_passphrase) + " bytes, without NUL");
    return known_;
}

} // namespace autodeploy::publisher
