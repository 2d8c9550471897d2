#include "tests/installer/package/make_archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <stdexcept>

namespace autodeploy {

namespace {

using Writer = std::unique_ptr<archive, int (*)(archive*)>;

struct Memory {
    std::string bytes;
    static la_ssize_t take(archive*, void* self, const void* bytes, std::size_t size) {
        static_cast<Memory*>(self)->bytes.append(static_cast<const char*>(bytes), size);
        return la_ssize_t(size);
    }
};

void must(archive* writer, int result) {
    if (result < ARCHIVE_WARN) throw std::runtime_error(archive_error_string(writer));
}

Writer open_writer(const std::string& format, const std::string& filter, const std::string& options, Memory& memory) {
    Writer writer(archive_write_new(), archive_write_free);
    must(writer.get(), archive_write_set_format_by_name(writer.get(), format.c_str()));
    if (filter != "none") must(writer.get(), archive_write_add_filter_by_name(writer.get(), filter.c_str()));
    if (options.find("encryption") != std::string::npos)
        must(writer.get(), archive_write_set_passphrase(writer.get(), "secret"));
    if (!options.empty()) must(writer.get(), archive_write_set_options(writer.get(), options.c_str()));
    must(writer.get(), archive_write_set_bytes_in_last_block(writer.get(), 1));
    must(writer.get(), archive_write_open(writer.get(), &memory, nullptr, Memory::take, nullptr));
    return writer;
}

mode_t type_of(MemberType type) {
    switch (type) {
    case MemberType::directory:
        return AE_IFDIR;
    case MemberType::symlink:
        return AE_IFLNK;
    case MemberType::character_device:
        return AE_IFCHR;
    case MemberType::block_device:
        return AE_IFBLK;
    case MemberType::pipe:
        return AE_IFIFO;
    default:
        return AE_IFREG;
    }
}

} // namespace

std::string make_archive(const std::string& format, const std::string& filter, const std::vector<TestMember>& members,
                         const std::string& options) {
    Memory memory;
    const Writer writer = open_writer(format, filter, options, memory);
    for (const TestMember& member : members) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), member.path.c_str());
        archive_entry_set_filetype(entry.get(), type_of(member.type));
        archive_entry_set_perm(entry.get(), 0644);
        archive_entry_set_size(entry.get(), la_int64_t(member.content.size()));
        if (member.type == MemberType::symlink) archive_entry_set_symlink(entry.get(), member.target.c_str());
        if (member.type == MemberType::hardlink) archive_entry_set_hardlink(entry.get(), member.target.c_str());
        must(writer.get(), archive_write_header(writer.get(), entry.get()));
        if (!member.content.empty() &&
            archive_write_data(writer.get(), member.content.data(), member.content.size()) < 0)
            throw std::runtime_error(archive_error_string(writer.get()));
    }
    must(writer.get(), archive_write_close(writer.get()));
    return memory.bytes;
}

std::string compressed(const std::string& filter, const std::string& text, const std::string& options) {
    Memory memory;
    const Writer writer = open_writer("raw", filter, options, memory);
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    must(writer.get(), archive_write_header(writer.get(), entry.get()));
    if (archive_write_data(writer.get(), text.data(), text.size()) < 0)
        throw std::runtime_error(archive_error_string(writer.get()));
    must(writer.get(), archive_write_close(writer.get()));
    return memory.bytes;
}

} // namespace autodeploy
