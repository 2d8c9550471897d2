#include "tests/fakes/fake_file_system.h"

#include "installer/client/ascii.h"
#include "platform/digest.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

/// "C:\\a\\b" is kept as "/C:/a/b".
std::string with_slashes(std::string path) {
    if (path.size() < 2 || path[0] == '/' || path[1] != ':') return path;
    std::replace(path.begin(), path.end(), '\\', '/');
    return "/" + path;
}

bool is_on_drive(const std::string& path) {
    return path.size() > 2 && path[0] == '/' && path[2] == ':';
}

bool is_below(const std::string& path, const std::string& top) {
    return path.size() > top.size() && path.compare(0, top.size(), top) == 0 && (top == "/" || path[top.size()] == '/');
}

std::string without_end_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

[[noreturn]] void fail(const std::string& cause, const std::string& doing, const std::string& path) {
    throw Error(cause, "cannot " + doing + " " + path + ": " + cause + " (fake)");
}

} // namespace

class FakeFileSystem::Lock : public FileLock {
  public:
    Lock(FakeFileSystem& files, std::string path)
        : files_(files), path_(std::move(path)), generation_(files.generation_) {}
    ~Lock() override {
        if (files_.generation_ == generation_) files_.locked_.erase(path_);
    }

  private:
    FakeFileSystem& files_;
    std::string path_;
    int generation_;
};

class FakeFileSystem::Reader : public FileReader {
  public:
    Reader(FakeFileSystem& files, std::string path, std::shared_ptr<Node> node)
        : files_(files), path_(std::move(path)), node_(std::move(node)) {}
    std::size_t read(char* buffer, std::size_t size) override {
        files_.check_readable(path_);
        const std::size_t count = at_ >= node_->content.size() ? 0 : std::min(size, node_->content.size() - at_);
        std::copy_n(node_->content.data() + std::min(at_, node_->content.size()), count, buffer);
        at_ += count;
        return count;
    }
    void seek(std::uint64_t position) override { at_ = std::size_t(position); }
    FileStatus status() override { return node_->status; }

  private:
    FakeFileSystem& files_;
    std::string path_;
    std::shared_ptr<Node> node_;
    std::size_t at_ = 0;
};

class FakeFileSystem::Writer : public FileWriter {
  public:
    Writer(FakeFileSystem& files, std::string path, std::shared_ptr<Node> node)
        : files_(files), path_(std::move(path)), node_(std::move(node)) {}
    void write(std::string_view bytes) override {
        const auto append = [this](std::string_view piece) {
            if (piece.size() > files_.free_bytes_) fail("disk_full", "write", path_);
            node_->content += piece;
            node_->status.size = node_->content.size();
            node_->status.modified = files_.time_;
        };
        files_.change(
            "write_piece " + path_, path_, [&] { append(bytes); }, [&] { append(bytes.substr(0, bytes.size() / 2)); });
    }
    void cut(std::uint64_t size) override {
        files_.change("cut " + path_, path_, [this, size] {
            node_->content.resize(std::min(node_->content.size(), std::size_t(size)));
            node_->synced = std::min(node_->synced, node_->content.size());
            node_->status.size = node_->content.size();
        });
    }
    void sync() override {
        files_.change("sync " + path_, path_, [this] { node_->synced = node_->content.size(); });
    }

  private:
    FakeFileSystem& files_;
    std::string path_;
    std::shared_ptr<Node> node_;
};

FakeFileSystem::FakeFileSystem() {
    make("/", FileType::directory, 0755);
}

FakeFileSystem::Node& FakeFileSystem::make(const std::string& path, FileType type, std::uint32_t mode) {
    const auto node = std::make_shared<Node>();
    node->status.type = type;
    node->status.mode = mode;
    node->status.modified = time_;
    node->status.identity = next_identity_++;
    node->status.device = is_on_drive(path) ? std::uint64_t(path[1]) : 1;
    nodes_[path] = node;
    return *node;
}

/// The path with every link in it resolved; the last component only if asked. What is not there stays as it is.
std::string FakeFileSystem::resolve(const std::string& path, bool follow_last) const {
    std::string rest = with_slashes(path);
    if (rest.empty() || rest[0] != '/') fail("io_error", "use the relative path", path);
    std::string done;
    int links = 0;
    while (!rest.empty()) {
        const std::size_t end = rest.find('/', 1);
        const std::string part = rest.substr(1, end == std::string::npos ? end : end - 1);
        rest = end == std::string::npos ? "" : rest.substr(end);
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            done = parent_of(done.empty() ? "/" : done);
            if (done == "/") done.clear();
            continue;
        }
        std::string next = done + "/" + part;
        auto found = nodes_.find(next);
        if (found == nodes_.end() && is_on_drive(next)) {
            found = std::find_if(nodes_.begin(), nodes_.end(),
                                 [&next](const auto& node) { return same_ignoring_case(node.first, next); });
            if (found != nodes_.end()) next = found->first;
        }
        if (found != nodes_.end() && found->second->status.type == FileType::link && (follow_last || !rest.empty())) {
            if (++links > 40) fail("io_error", "follow the links of", path);
            const std::string target = with_slashes(found->second->status.link_target);
            if (target.starts_with("/")) done.clear();
            rest = (target.starts_with("/") ? target : "/" + target) + rest;
        } else {
            done = next;
        }
    }
    return done.empty() ? "/" : done;
}

FakeFileSystem::Node& FakeFileSystem::must_find(const std::string& path, bool follow_last, const char* doing) {
    const auto found = nodes_.find(resolve(path, follow_last));
    if (found == nodes_.end()) fail("file_not_found", doing, path);
    return *found->second;
}

void FakeFileSystem::check_readable(const std::string& path) {
    if (crashed_) throw Crash{};
    const auto failing = failing_paths_.find(path);
    if (failing != failing_paths_.end()) fail(failing->second, "read", path);
}

void FakeFileSystem::change(const std::string& line, const std::string& path, const std::function<void()>& whole,
                            const std::function<void()>& torn) {
    if (crashed_) throw Crash{};
    const auto failing = failing_paths_.find(path);
    if (failing != failing_paths_.end()) fail(failing->second, "change", path);
    ++calls_;
    log_.push_back(line);
    if (fail_in_ > 0 && --fail_in_ == 0) fail(fail_cause_, "do", line);
    if (crash_in_ > 0 && --crash_in_ == 0) {
        crashed_ = true;
        if (crash_moment_ == CrashMoment::after) whole();
        if (crash_moment_ == CrashMoment::torn && torn) torn();
        throw Crash{};
    }
    whole();
    if (after_each) after_each(line);
}

void FakeFileSystem::check_parent(const std::string& path, const char* doing) const {
    const auto parent = nodes_.find(parent_of(path));
    if (parent == nodes_.end() || parent->second->status.type != FileType::directory)
        fail("file_not_found", doing, path);
}

void FakeFileSystem::store(const std::string& path, std::string_view content, std::uint32_t mode) {
    check_parent(path, "write");
    const auto old = nodes_.find(path);
    if (old != nodes_.end() && old->second->status.type == FileType::directory) fail("io_error", "write", path);
    if (content.size() > free_bytes_) fail("disk_full", "write", path);
    Node& node = make(path, FileType::regular, mode);
    node.content = content;
    node.synced = content.size();
    node.status.size = content.size();
}

std::optional<FileStatus> FakeFileSystem::status(const std::string& path) {
    check_readable(path);
    const auto found = nodes_.find(resolve(path, false));
    if (found == nodes_.end()) return std::nullopt;
    return found->second->status;
}

std::vector<std::string> FakeFileSystem::list(const std::string& directory) {
    check_readable(directory);
    const std::string top = resolve(directory, true);
    if (must_find(directory, true, "list").status.type != FileType::directory) fail("io_error", "list", directory);
    std::set<std::string> names; // sorted bytewise, which the map of paths is not
    for (const auto& [path, node] : nodes_)
        if (path != "/" && parent_of(path) == top) names.insert(path.substr(path.rfind('/') + 1));
    return {names.begin(), names.end()};
}

std::string FakeFileSystem::read(const std::string& path, std::uint64_t limit) {
    check_readable(path);
    const Node& node = must_find(path, true, "read");
    if (node.status.type != FileType::regular) fail("io_error", "read", path);
    if (node.content.size() > limit) fail("file_too_large", "read", path);
    return node.content;
}

std::string FakeFileSystem::sha256(const std::string& path) {
    return sha256_hex(read(path, ~std::uint64_t(0)));
}

std::unique_ptr<FileReader> FakeFileSystem::reader(const std::string& path) {
    check_readable(path);
    const FileType type = must_find(path, false, "open").status.type;
    if (type == FileType::link) fail("access_denied", "open the link", path);
    if (type != FileType::regular) fail("io_error", "open", path);
    return std::make_unique<Reader>(*this, path, nodes_.at(resolve(path, false)));
}

std::unique_ptr<FileReader> FakeFileSystem::reader_below(const std::string& directory, const std::string& relative) {
    std::string path = resolve(directory, true);
    for (std::size_t start = 0; start <= relative.size();) {
        const std::size_t end = std::min(relative.find('/', start), relative.size());
        const std::string part = relative.substr(start, end - start);
        if (part.empty() || part == "." || part == "..")
            fail("access_denied", "open " + relative + " below", directory);
        path += path == "/" ? part : "/" + part;
        check_readable(path);
        const FileType type = must_find(path, false, "open").status.type;
        if (type != (end == relative.size() ? FileType::regular : FileType::directory))
            fail("access_denied", "open", path);
        start = end + 1;
    }
    return std::make_unique<Reader>(*this, path, nodes_.at(path));
}

std::unique_ptr<FileWriter> FakeFileSystem::writer(const std::string& path, WriteMode mode) {
    std::unique_ptr<FileWriter> writer;
    change("writer " + path, path, [&] {
        const std::string place = resolve(path, false);
        if (!nodes_.contains(place)) store(place, "", 0600);
        const auto& node = nodes_.at(place);
        if (node->status.type == FileType::link) fail("access_denied", "write to the link", path);
        if (node->status.type != FileType::regular) fail("io_error", "write to", path);
        if (mode == WriteMode::truncate) {
            node->content.clear();
            node->synced = 0;
            node->status.size = 0;
        }
        writer = std::make_unique<Writer>(*this, path, node);
    });
    return writer;
}

void FakeFileSystem::write_durably(const std::string& path, std::string_view content, std::uint32_t mode) {
    change("write " + path, path, [&] { store(resolve(path, false), content, mode); });
}

void FakeFileSystem::append_durably(const std::string& path, std::string_view content) {
    const auto append = [&](std::string_view piece) {
        const std::string place = resolve(path, false);
        if (nodes_.contains(place)) {
            Node& node = *nodes_.at(place);
            if (node.status.type != FileType::regular) fail("io_error", "append to", path);
            if (piece.size() > free_bytes_) fail("disk_full", "append to", path);
            node.content += piece;
            node.synced = node.content.size();
            node.status.size = node.content.size();
            node.status.modified = time_;
        } else {
            store(place, piece, 0600);
        }
    };
    change(
        "append " + path, path, [&] { append(content); }, [&] { append(content.substr(0, content.size() / 2)); });
}

void FakeFileSystem::rename_durably(const std::string& from, const std::string& to) {
    change("rename " + from + " " + to, from, [&] {
        const std::string source = resolve(from, false);
        const std::string target = resolve(to, false);
        const FileType type = must_find(from, false, "rename").status.type;
        check_parent(target, "rename to");
        const auto old = nodes_.find(target);
        if (old != nodes_.end() && (old->second->status.type == FileType::directory) != (type == FileType::directory))
            fail("io_error", "rename to", to);
        if (old != nodes_.end() && type == FileType::directory && !list(to).empty()) fail("io_error", "rename to", to);
        if (source == target) return;
        std::map<std::string, std::shared_ptr<Node>> moved;
        for (const auto& [path, node] : nodes_)
            if (path == source || is_below(path, source)) moved[target + path.substr(source.size())] = node;
        std::erase_if(nodes_,
                      [&](const auto& entry) { return entry.first == source || is_below(entry.first, source); });
        for (auto& [path, node] : moved)
            nodes_[path] = std::move(node);
    });
}

void FakeFileSystem::remove_durably(const std::string& path) {
    change("remove " + path, path, [&] {
        const auto found = nodes_.find(resolve(path, false));
        if (found == nodes_.end()) return;
        if (found->second->status.type == FileType::directory) fail("io_error", "remove the directory", path);
        nodes_.erase(found);
    });
}

void FakeFileSystem::remove_tree(const std::string& path) {
    const auto remove = [&](bool half) {
        const std::string top = resolve(path, false);
        std::vector<std::string> doomed; // deepest first, as it happens
        for (const auto& [name, node] : nodes_)
            if (name == top || is_below(name, top)) doomed.insert(doomed.begin(), name);
        if (half) doomed.resize(doomed.size() / 2);
        for (const std::string& name : doomed)
            nodes_.erase(name);
    };
    change(
        "remove_tree " + path, path, [&] { remove(false); }, [&] { remove(true); });
}

std::optional<std::string> FakeFileSystem::changeable_by_others(const std::string& path) {
    check_readable(path);
    const std::string plain = without_end_slash(with_slashes(path));
    for (std::size_t end = plain.find('/', 1);; end = plain.find('/', end + 1)) {
        const std::string part = plain.substr(0, end);
        const FileStatus& found = must_find(part, false, "look at").status;
        if (found.type == FileType::link) return part + " is a link";
        if (found.user != 0) return part + " belongs to user " + std::to_string(found.user);
        const bool sticky = found.type == FileType::directory && (found.mode & 01000) != 0;
        if ((found.mode & 022) != 0 && !sticky) return "others may write to " + part;
        if (end == std::string::npos) return std::nullopt;
    }
}

void FakeFileSystem::make_private_directory(const std::string& path) {
    change("make_private_directory " + path, path, [&] {
        const std::string plain = without_end_slash(path);
        for (std::size_t end = plain.find('/', 1); end != std::string::npos; end = plain.find('/', end + 1)) {
            const std::string above = resolve(plain.substr(0, end), true);
            if (!nodes_.contains(above)) make(above, FileType::directory, 0700);
        }
        const std::string place = resolve(plain, false);
        const auto found = nodes_.find(place);
        if (found == nodes_.end()) {
            make(place, FileType::directory, 0700);
        } else if (found->second->status.type != FileType::directory || found->second->status.user != 0 ||
                   (found->second->status.mode & 077) != 0) {
            fail("access_denied", "use as a private directory", path);
        }
    });
}

void FakeFileSystem::copy_durably(const std::string& from, const std::string& to) {
    change("copy " + from + " " + to, from, [&] {
        Node copy = must_find(from, false, "copy");
        if (copy.status.type == FileType::directory) fail("io_error", "copy the directory", from);
        if (copy.content.size() > free_bytes_) fail("disk_full", "copy to", to);
        const std::string target = resolve(to, false);
        check_parent(target, "copy to");
        copy.status.identity = next_identity_++;
        copy.synced = copy.content.size();
        nodes_[target] = std::make_shared<Node>(std::move(copy));
    });
}

void FakeFileSystem::set_status(const std::string& path, const FileStatus& status) {
    change("set_status " + path, path, [&] {
        FileStatus& own = must_find(path, false, "set the status of").status;
        own.mode = status.mode;
        own.user = status.user;
        own.group = status.group;
        own.modified = status.modified;
        own.attributes = status.attributes;
    });
}

void FakeFileSystem::make_directory(const std::string& path) {
    change("make_directory " + path, path, [&] {
        const std::string place = resolve(without_end_slash(path), false);
        check_parent(place, "make the directory");
        const auto found = nodes_.find(place);
        if (found != nodes_.end() && found->second->status.type != FileType::directory)
            fail("io_error", "make the directory", path);
        if (found == nodes_.end()) make(place, FileType::directory, 0755);
    });
}

std::uint64_t FakeFileSystem::free_bytes(const std::string& path) {
    check_readable(path);
    return free_bytes_;
}

void FakeFileSystem::reserve(const std::string& path, std::uint64_t size) {
    change("reserve " + path, path, [&] {
        if (size > free_bytes_) fail("disk_full", "reserve room in", path);
        const std::string place = resolve(path, false);
        if (!nodes_.contains(place)) store(place, "", 0600);
        Node& node = *nodes_.at(place);
        if (node.content.size() < size) node.content.resize(std::size_t(size));
        node.synced = node.content.size();
        node.status.size = node.content.size();
    });
}

std::unique_ptr<FileLock> FakeFileSystem::try_lock(const std::string& path) {
    std::unique_ptr<FileLock> lock;
    change("try_lock " + path, path, [&] {
        const std::string place = resolve(path, false);
        if (!nodes_.contains(place)) store(place, "", 0600);
        if (locked_.insert(place).second) lock = std::make_unique<Lock>(*this, place);
    });
    return lock;
}

void FakeFileSystem::put(const std::string& path, std::string_view content, std::uint32_t mode) {
    put_directory(parent_of(with_slashes(path)));
    store(resolve(path, false), content, mode);
}

void FakeFileSystem::put_directory(const std::string& path, std::uint32_t mode) {
    if (nodes_.contains(resolve(path, true))) return;
    put_directory(parent_of(with_slashes(path)));
    make(resolve(path, false), FileType::directory, mode);
}

void FakeFileSystem::put_link(const std::string& path, const std::string& target) {
    put_directory(parent_of(with_slashes(path)));
    make(resolve(path, false), FileType::link, 0777).status.link_target = target;
}

std::optional<std::string> FakeFileSystem::content(const std::string& path) {
    const auto found = nodes_.find(resolve(path, true));
    if (found == nodes_.end() || found->second->status.type != FileType::regular) return std::nullopt;
    return found->second->content;
}

std::map<std::string, std::string> FakeFileSystem::everything() const {
    std::map<std::string, std::string> all;
    for (const auto& [path, node] : nodes_)
        all[path] = node->status.type == FileType::link ? "-> " + node->status.link_target : node->content;
    return all;
}

void FakeFileSystem::fail_at(int k, const std::string& cause) {
    fail_in_ = k;
    fail_cause_ = cause;
}

void FakeFileSystem::fail_path(const std::string& path, const std::string& cause) {
    if (cause.empty())
        failing_paths_.erase(path);
    else
        failing_paths_[path] = cause;
}

void FakeFileSystem::crash_at(int k, CrashMoment moment) {
    crash_in_ = k;
    crash_moment_ = moment;
}

void FakeFileSystem::restart() {
    for (auto& [path, node] : nodes_) {
        node->synced += (node->content.size() - node->synced) / 2;
        node->content.resize(node->synced);
        if (node->status.type == FileType::regular) node->status.size = node->synced;
    }
    crashed_ = false;
    crash_in_ = 0;
    fail_in_ = 0;
    locked_.clear();
    ++generation_;
}

} // namespace autodeploy
