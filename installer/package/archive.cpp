#include "installer/package/archive.h"

#include "installer/package/dictionary_need.h"
#include "installer/package/manifest.h"
#include "installer/package/member_name.h"
#include "installer/package/seven_zip.h"
#include "platform/digest.h"
#include "platform/error.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <memory>
#include <vector>

namespace autodeploy {

namespace {

constexpr std::size_t piece_size = 256 * 1024;
constexpr std::uint64_t free_of_ratio = 16 << 20;

using namespace std::string_view_literals;

enum class Container { tar, zip, seven_zip };
enum class Compression { none, gzip, compress, xz, zstd };

Error refused(const std::string& archive, const std::string& why) {
    return Error("archive_refused", "cannot unpack " + archive + ": " + why);
}

/// What libarchive reads from: the file from `start` on. Whatever is thrown waits in `failure`, since nothing may be
/// thrown through C.
class Source {
  public:
    Source(FileReader& file, const std::string& name, const ArchiveLimits& limits,
           const std::function<void(std::uint64_t)>& bytes_read)
        : file_(file), name_(name), limits_(limits), report_(bytes_read), piece_(piece_size),
          size_(file.status().size) {
        read_piece();
        recognize();
        // Their directories lie at the end, so that reading jumps and cannot hash on its way.
        if (container_ != Container::tar) hash_all();
    }

    std::uint64_t size() const { return size_; }
    Container container() const { return container_; }
    Compression compression() const { return compression_; }

    /// To be called at the end: what the archive's reader had no need of is hashed too.
    std::string sha256() {
        if (container_ == Container::tar)
            while (!at_end_)
                read_piece();
        if (whole_.empty()) whole_ = hash_.hex();
        return whole_;
    }

    void rethrow() {
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }

    static la_ssize_t read(archive* reader, void* self, const void** buffer) {
        Source& source = *static_cast<Source*>(self);
        return source.guarded(reader, [&] {
            if (!source.first_is_fresh_) source.read_piece();
            source.first_is_fresh_ = false;
            *buffer = source.piece_.data();
            return la_ssize_t(source.filled_);
        });
    }

    static la_int64_t seek(archive* reader, void* self, la_int64_t offset, int whence) {
        Source& source = *static_cast<Source*>(self);
        return source.guarded(reader, [&] {
            const la_int64_t length = la_int64_t(source.size_ - source.start_);
            const la_int64_t base = whence == SEEK_SET   ? 0
                                    : whence == SEEK_CUR ? la_int64_t(source.position_ - source.start_)
                                                         : length;
            if (offset < -base || offset > length - base) {
                archive_set_error(reader, EINVAL, "a position outside of the file");
                return la_int64_t(ARCHIVE_FATAL);
            }
            source.go_to(source.start_ + std::uint64_t(base + offset));
            return base + offset;
        });
    }

  private:
    template<class Call> auto guarded(archive* reader, Call call) -> decltype(call()) {
        try {
            return call();
        } catch (...) {
            failure_ = std::current_exception();
            archive_set_error(reader, EIO, "reading stopped");
            return ARCHIVE_FATAL;
        }
    }

    void read_piece() {
        filled_ = file_.read(piece_.data(), piece_.size());
        at_end_ = filled_ == 0;
        position_ += filled_;
        const std::string_view bytes(piece_.data(), filled_);
        if (whole_.empty()) hash_.update(bytes.data(), bytes.size());
        if (compression_ == Compression::zstd) look_at_zstd(bytes);
        if (report_) report_(std::min(position_, size_));
    }

    void go_to(std::uint64_t position) {
        file_.seek(position);
        position_ = position;
        first_is_fresh_ = false;
    }

    void recognize() {
        const std::string_view start(piece_.data(), filled_);
        if (start.starts_with("PK\x03\x04"sv) || start.starts_with("PK\x05\x06"sv)) {
            container_ = Container::zip;
        } else if (start.starts_with("7z\xBC\xAF\x27\x1C"sv) || start.starts_with("MZ"sv)) {
            container_ = Container::seven_zip;
            is_program_ = start.front() == 'M';
        } else if (start.starts_with("\x1F\x8B"sv)) {
            compression_ = Compression::gzip;
        } else if (start.starts_with("\x1F\x9D"sv)) {
            compression_ = Compression::compress;
        } else if (start.starts_with("\xFD\x37zXZ\x00"sv)) {
            compression_ = Compression::xz;
            if (const auto need = xz_dictionary(start)) check_dictionary(*need);
        } else if (start.starts_with("\x28\xB5\x2F\xFD"sv) ||
                   (start.size() > 4 && (start[0] & 0xF0) == 0x50 && start.substr(1, 3) == "\x2A\x4D\x18"sv)) {
            compression_ = Compression::zstd;
            look_at_zstd(start);
        }
        first_is_fresh_ = true;
    }

    void look_at_zstd(std::string_view bytes) {
        zstd_frames_.look(bytes);
        check_dictionary(zstd_frames_.largest_window());
    }

    void check_dictionary(std::uint64_t need) const {
        if (need > limits_.dictionary_bytes)
            throw refused(name_, "its compression wants a dictionary of " + std::to_string(need) +
                                     " bytes in memory, and the setting limits.dictionary_bytes allows " +
                                     std::to_string(limits_.dictionary_bytes));
    }

    void hash_all() {
        SevenZipFinder finder;
        while (filled_ > 0) {
            if (is_program_) finder.look({piece_.data(), filled_});
            read_piece();
        }
        whole_ = hash_.hex();
        if (is_program_ && !finder.found())
            throw Error("archive_unknown", "cannot unpack " + name_ + ": it is a program with no 7z archive in it");
        start_ = finder.found().value_or(0);
        go_to(start_);
    }

    FileReader& file_;
    const std::string& name_;
    const ArchiveLimits& limits_;
    const std::function<void(std::uint64_t)>& report_;
    std::vector<char> piece_;
    std::size_t filled_ = 0;
    bool first_is_fresh_ = false; ///< the piece was read to recognize the file and is still to be given
    bool at_end_ = false;
    std::uint64_t size_ = 0;
    std::uint64_t start_ = 0;    ///< where the archive begins in the file
    std::uint64_t position_ = 0; ///< behind the piece, in the file
    Container container_ = Container::tar;
    Compression compression_ = Compression::none;
    bool is_program_ = false;
    ZstdFrames zstd_frames_;
    Sha256 hash_;
    std::string whole_; ///< the hash, once everything was read
    std::exception_ptr failure_;
};

/// Only what a vendor's package of that kind needs: each reader less is code less that hostile bytes can reach.
void enable(archive* reader, const Source& source) {
    int result = ARCHIVE_OK;
    switch (source.container()) {
    case Container::zip:
        result = archive_read_support_format_zip_seekable(reader);
        break;
    case Container::seven_zip:
        result = archive_read_support_format_7zip(reader);
        break;
    case Container::tar:
        result = archive_read_support_format_tar(reader);
        break;
    }
    switch (source.compression()) {
    case Compression::none:
        break;
    case Compression::gzip:
        result = std::min(result, archive_read_support_filter_gzip(reader));
        break;
    case Compression::compress:
        result = std::min(result, archive_read_support_filter_compress(reader));
        break;
    case Compression::xz:
        result = std::min(result, archive_read_support_filter_xz(reader));
        break;
    case Compression::zstd:
        result = std::min(result, archive_read_support_filter_zstd(reader));
        break;
    }
    // ARCHIVE_WARN would mean an external program: never.
    if (result != ARCHIVE_OK)
        throw Error("archive_unknown", "cannot unpack: this build's libarchive lacks that kind of compression");
}

/// Where a link leads, inside of the archive; nothing if it leads out or cannot be told.
bool leads_inside(const std::string& from_directory, const std::string& target) {
    if (target.empty() || target.front() == '/' || target.find_first_of("\\:\0"sv) != std::string::npos) return false;
    std::ptrdiff_t depth =
        from_directory.empty() ? 0 : std::count(from_directory.begin(), from_directory.end(), '/') + 1;
    for (std::size_t start = 0; start <= target.size();) {
        const std::size_t slash = std::min(target.find('/', start), target.size());
        const std::string_view name = std::string_view(target).substr(start, slash - start);
        if (name == "..")
            --depth;
        else if (!name.empty() && name != ".")
            ++depth;
        if (depth < 0) return false;
        start = slash + 1;
    }
    return true;
}

class Unpacking {
  public:
    Unpacking(FileReader& file, const std::string& name, const ArchiveLimits& limits, MemberSink& sink,
              const std::function<void(std::uint64_t)>& bytes_read)
        : name_(name), limits_(limits), sink_(sink), source_(file, name, limits, bytes_read),
          reader_(archive_read_new(), archive_read_free) {
        if (!reader_) throw Error("io_error", "cannot unpack " + name + ": no memory for a reader", Retry::later);
    }

    ArchiveTotals run() {
        enable(reader_.get(), source_);
        if (source_.container() != Container::tar) archive_read_set_seek_callback(reader_.get(), Source::seek);
        archive_read_set_read_callback(reader_.get(), Source::read);
        archive_read_set_callback_data(reader_.get(), &source_);
        check(archive_read_open1(reader_.get()));
        archive_entry* entry = nullptr;
        while (check(archive_read_next_header(reader_.get(), &entry)))
            take(entry);
        totals_.bytes = source_.size();
        totals_.sha256 = source_.sha256();
        return totals_;
    }

  private:
    /// False at the end of the archive; throws unless it is good or good enough.
    bool check(int result) {
        if (result == ARCHIVE_EOF) return false;
        if (result == ARCHIVE_OK) return true;
        source_.rethrow();
        if (result == ARCHIVE_WARN) return true;
        const char* text = archive_error_string(reader_.get());
        const std::string why = text == nullptr ? "no reason given" : text;
        if (archive_format(reader_.get()) == 0)
            throw Error("archive_unknown",
                        "cannot unpack " + name_ + ": it is no archive of a known kind (" + why + ")");
        throw Error("archive_damaged", "cannot unpack " + name_ + ": it is damaged (" + why + ")");
    }

    [[noreturn]] void refuse(const std::string& member, const std::string& why) const {
        throw refused(name_, "member \"" + member + "\": " + why);
    }

    /// Without "./" in front and '/' at the end; empty for the archive's own root.
    std::string path_of(archive_entry* entry) const {
        const char* text = archive_entry_pathname_utf8(entry);
        if (text == nullptr) text = archive_entry_pathname(entry);
        if (text == nullptr) throw refused(name_, "a member has a name that cannot be read");
        std::string path = text;
        while (path.starts_with("./"))
            path.erase(0, path.find_first_not_of('/', 1) == std::string::npos ? path.size()
                                                                              : path.find_first_not_of('/', 1));
        if (path == ".") path.clear();
        if (path.size() > 1 && path.back() == '/') path.pop_back();
        return path;
    }

    void count(const std::string& path, std::uint64_t declared) {
        if (++totals_.entries > limits_.entries)
            throw refused(name_, "it has more than " + std::to_string(limits_.entries) + " members");
        check_volume(path, declared);
    }

    /// Whether more bytes may come, beside those that were unpacked already.
    void check_volume(const std::string& path, std::uint64_t more) const {
        if (more > limits_.unpacked_bytes || totals_.unpacked_bytes > limits_.unpacked_bytes - more)
            refuse(path,
                   "with it the archive is larger than " + std::to_string(limits_.unpacked_bytes) + " bytes unpacked");
        const std::uint64_t all = totals_.unpacked_bytes + more;
        if (all > free_of_ratio && all / limits_.ratio > source_.size())
            refuse(path, "with it the archive is more than " + std::to_string(limits_.ratio) +
                             " times larger unpacked than packed");
    }

    void take(archive_entry* entry) {
        const std::string path = path_of(entry);
        const auto type = archive_entry_filetype(entry);
        if (path.empty()) {
            if (type != AE_IFDIR) throw refused(name_, "a member has no name");
            return count(path, 0);
        }
        if (const auto fault = unsafe_member_name(path)) refuse(path, *fault);
        if (archive_entry_is_encrypted(entry) != 0) refuse(path, "it is encrypted");
        const char* hardlink = archive_entry_hardlink_utf8(entry);
        if (hardlink == nullptr) hardlink = archive_entry_hardlink(entry);
        if (hardlink != nullptr) return take_link(path, "", hardlink);
        if (type == AE_IFLNK) {
            const char* symlink = archive_entry_symlink_utf8(entry);
            if (symlink == nullptr) symlink = archive_entry_symlink(entry);
            const std::size_t slash = path.rfind('/');
            return take_link(path, slash == std::string::npos ? "" : path.substr(0, slash),
                             symlink == nullptr ? "" : symlink);
        }
        if (type == AE_IFDIR) {
            count(path, 0);
            if (const auto fault = names_.add_directory(path)) refuse(path, *fault);
            return;
        }
        if (type != AE_IFREG) refuse(path, "it is a device, a pipe or a socket");
        take_file(path, entry);
    }

    void take_link(const std::string& path, const std::string& directory, const std::string& target) {
        count(path, 0);
        if (const auto fault = names_.add_file(path)) refuse(path, *fault);
        if (!leads_inside(directory, target)) refuse(path, "it is a link that leads out of the archive");
        sink_.link(path);
    }

    void take_file(const std::string& path, archive_entry* entry) {
        ArchiveMember member;
        member.path = path;
        const bool size_known = archive_entry_size_is_set(entry) != 0;
        if (size_known) {
            if (archive_entry_size(entry) < 0) refuse(path, "its size is negative");
            member.size = std::uint64_t(archive_entry_size(entry));
        }
        if (const auto fault = names_.add_file(path)) refuse(path, *fault);
        count(path, member.size);
        const bool wanted = sink_.begin(member);
        if (!wanted && size_known) {
            check(archive_read_data_skip(reader_.get()));
            totals_.unpacked_bytes += member.size;
            return;
        }
        read_content(path, wanted);
        if (wanted) sink_.end();
    }

    void read_content(const std::string& path, bool wanted) {
        std::uint64_t end = 0;
        while (true) {
            const void* bytes = nullptr;
            std::size_t size = 0;
            la_int64_t offset = 0;
            if (!check(archive_read_data_block(reader_.get(), &bytes, &size, &offset))) {
                // Some readers tell the end of a file that ends with a hole by an empty last block.
                if (offset > 0 && std::uint64_t(offset) > end) refuse(path, "it is a file with holes");
                return;
            }
            if (size == 0) continue;
            if (offset < 0 || std::uint64_t(offset) != end) refuse(path, "it is a file with holes");
            check_volume(path, size);
            totals_.unpacked_bytes += size;
            end += size;
            if (wanted) sink_.write({static_cast<const char*>(bytes), size});
        }
    }

    const std::string& name_;
    const ArchiveLimits& limits_;
    MemberSink& sink_;
    Source source_;
    std::unique_ptr<archive, int (*)(archive*)> reader_;
    MemberNames names_;
    ArchiveTotals totals_;
};

} // namespace

ArchiveTotals read_archive(FileReader& file, const std::string& name, const ArchiveLimits& limits, MemberSink& sink,
                           const std::function<void(std::uint64_t)>& bytes_read) {
    return Unpacking(file, name, limits, sink, bytes_read).run();
}

} // namespace autodeploy
