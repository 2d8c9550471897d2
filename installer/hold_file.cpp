#include "installer/hold_file.h"

#include "installer/printable.h"
#include "platform/error.h"

namespace autodeploy {

std::string hold_file_text(FileSystem& files, const std::string& path) {
    constexpr std::size_t most_shown = 200;
    std::string shown;
    try {
        const auto status = files.status(path);
        if (status && status->type == FileType::regular) {
            std::string begin(most_shown + 1, '\0');
            begin.resize(files.reader(path)->read(begin.data(), begin.size()));
            shown = printable(begin.substr(0, begin.find_first_of("\r\n")), most_shown);
        }
    } catch (const Error&) {
        // That it is there is what counts.
    }
    return path + " is there" + (shown.empty() ? "" : " (\"" + shown + "\")");
}

} // namespace autodeploy
