#include "agent/reports/evidence.h"

#include "agent/reports/redact.h"
#include "platform/error.h"

#include <algorithm>
#include <vector>

namespace autodeploy {
namespace {

constexpr const char* gap = "\n[… left out: over the limit of evidence_bytes …]\n";

std::string with_middle_left_out(std::string_view text, std::uint64_t room) {
    if (text.size() <= room) return std::string(text);
    const std::size_t gap_size = std::string_view(gap).size();
    if (room <= gap_size) return std::string(text.substr(0, room));
    const std::size_t half = (room - gap_size) / 2;
    return std::string(text.substr(0, half)) + gap + std::string(text.substr(text.size() - half));
}

std::string tail_of(FileSystem& files, const std::string& path, std::uint64_t bytes) {
    const auto reader = files.reader(path);
    const std::uint64_t size = reader->status().size;
    if (size > bytes) reader->seek(size - bytes);
    std::string text;
    std::string piece(65536, '\0');
    while (text.size() < bytes) {
        const std::size_t count = reader->read(piece.data(), piece.size());
        if (count == 0) break;
        text.append(piece, 0, count);
    }
    // A line that was cut in its middle says nothing.
    const std::size_t line = size > bytes ? text.find('\n') : std::string::npos;
    return line == std::string::npos ? text : text.substr(line + 1);
}

} // namespace

Evidence::Evidence(FileSystem& files, const std::string& attempts, const std::string& id, std::uint64_t limit)
    : files_(files), folder_(attempts + "/" + id + "/evidence"), limit_(limit) {
    files_.make_private_directory(folder_);
}

std::uint64_t Evidence::used() {
    std::uint64_t bytes = 0;
    for (const std::string& name : files_.list(folder_))
        if (const auto status = files_.status(folder_ + "/" + name)) bytes += status->size;
    return bytes;
}

void Evidence::add(const std::string& name, std::string_view text) {
    try {
        const std::uint64_t taken = used();
        files_.write_durably(folder_ + "/" + name,
                             with_middle_left_out(redacted(text), limit_ > taken ? limit_ - taken : 0));
    } catch (const Error&) {
        // Said in the class: evidence never fails a deployment.
    }
}

void Evidence::bound() {
    try {
        std::uint64_t taken = used();
        if (taken <= limit_) return;
        std::vector<std::pair<std::uint64_t, std::string>> largest;
        for (const std::string& name : files_.list(folder_))
            if (const auto status = files_.status(folder_ + "/" + name); status && status->type == FileType::regular)
                largest.emplace_back(status->size, folder_ + "/" + name);
        std::sort(largest.rbegin(), largest.rend());
        for (const auto& [size, path] : largest) {
            if (taken <= limit_) break;
            const std::uint64_t stays =
                std::max<std::uint64_t>(size > taken - limit_ ? size - (taken - limit_) : 0, 4096);
            if (stays >= size) continue;
            files_.write_durably(path, tail_of(files_, path, stays));
            taken -= size - stays;
        }
    } catch (const Error&) {
        // As above.
    }
}

void prune_attempts(FileSystem& files, const std::string& attempts, int keep, const std::set<std::string>& in_use) {
    try {
        if (!files.status(attempts)) return;
        // Ids begin with their time, so they sort by it.
        std::vector<std::string> names = files.list(attempts);
        int surplus = int(names.size()) - keep;
        for (const std::string& name : names) {
            if (surplus <= 0) break;
            if (in_use.contains(name)) continue;
            files.remove_tree(attempts + "/" + name);
            --surplus;
        }
    } catch (const Error&) {
        // Tried again after the next deployment.
    }
}

} // namespace autodeploy
