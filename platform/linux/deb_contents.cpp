#include "platform/linux/deb_contents.h"

#include "platform/error.h"
#include "platform/linux/package_digest.h"

#include <archive.h>
#include <archive_entry.h>

#include <map>
#include <memory>
#include <vector>

namespace autodeploy {

namespace {

constexpr std::size_t piece = 128 * 1024;

struct Close {
    void operator()(archive* opened) const { archive_read_free(opened); }
};
using Archive = std::unique_ptr<archive, Close>;

Error unreadable(const std::string& path, archive* reader) {
    const char* const why = reader == nullptr ? nullptr : archive_error_string(reader);
    return Error("package_unreadable",
                 "cannot read the package " + path + ": " + (why == nullptr ? "it is no whole deb" : why));
}

/// The member of the outer archive that the inner one reads from.
struct Member {
    archive* outer;
    std::vector<char> buffer = std::vector<char>(piece);
};

la_ssize_t read_member(archive*, void* data, const void** buffer) {
    Member* const member = static_cast<Member*>(data);
    *buffer = member->buffer.data();
    return archive_read_data(member->outer, member->buffer.data(), member->buffer.size());
}

std::string plain_name(const char* raw) {
    std::string name = raw == nullptr ? "" : raw;
    if (name.starts_with("./")) name.erase(0, 2);
    while (name.starts_with('/'))
        name.erase(0, 1);
    return name;
}

std::map<std::string, std::string> hashes_in(archive* reader, const std::string& path) {
    std::map<std::string, std::string> hashes;
    std::vector<char> buffer(piece);
    for (;;) {
        archive_entry* entry = nullptr;
        const int result = archive_read_next_header(reader, &entry);
        if (result == ARCHIVE_EOF) return hashes;
        if (result < ARCHIVE_WARN) throw unreadable(path, reader);
        const std::string name = plain_name(archive_entry_pathname(entry));
        if (const char* const link = archive_entry_hardlink(entry)) {
            const auto first = hashes.find(plain_name(link));
            if (first != hashes.end()) hashes[name] = first->second;
            continue;
        }
        if (archive_entry_filetype(entry) != AE_IFREG) continue;
        PackageDigest digest("md5");
        for (;;) {
            const la_ssize_t size = archive_read_data(reader, buffer.data(), buffer.size());
            if (size < 0) throw unreadable(path, reader);
            if (size == 0) break;
            digest.update(buffer.data(), std::size_t(size));
        }
        hashes[name] = digest.hex();
    }
}

} // namespace

std::string md5sums_of_deb(const std::string& path) {
    const Archive outer(archive_read_new());
    archive_read_support_format_ar(outer.get());
    if (archive_read_open_filename(outer.get(), path.c_str(), piece) != ARCHIVE_OK) throw unreadable(path, outer.get());
    for (archive_entry* entry = nullptr;;) {
        if (archive_read_next_header(outer.get(), &entry) != ARCHIVE_OK) throw unreadable(path, outer.get());
        if (plain_name(archive_entry_pathname(entry)).starts_with("data.tar")) break;
    }
    Member member{outer.get()};
    const Archive inner(archive_read_new());
    archive_read_support_filter_all(inner.get());
    archive_read_support_format_tar(inner.get());
    if (archive_read_open(inner.get(), &member, nullptr, read_member, nullptr) != ARCHIVE_OK)
        throw unreadable(path, inner.get());
    std::string text;
    for (const auto& [name, hash] : hashes_in(inner.get(), path))
        text += hash + "  " + name + "\n";
    return text;
}

} // namespace autodeploy
