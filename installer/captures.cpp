#include "installer/captures.h"

#include "installer/any_bytes_json.h"
#include "installer/json_fields.h"
#include "platform/error.h"

#include <utility>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_value = 16 << 20;

struct CapturedFile {
    std::string path;
    std::string copy;   ///< file name of the copy, or where it lies in another capture; empty: there was no such file
    std::string sha256; ///< of a regular file's content
    bool operator==(const CapturedFile&) const = default;
};

template<Like<CapturedFile> T> void fields(T& file, auto&& visit) {
    visit("path", file.path);
    visit("copy", file.copy);
    visit("sha256", file.sha256);
}

/// Everything that must come back but for times, which every restore of content changes on some file systems.
bool same_rights(const FileStatus& a, const FileStatus& b) {
    return a.type == b.type && a.size == b.size && a.mode == b.mode && a.user == b.user && a.group == b.group &&
           a.link_target == b.link_target && a.attributes == b.attributes;
}

} // namespace

struct Captures::Index {
    std::vector<CapturedFile> files;

    const CapturedFile* look_for(const std::string& path) const {
        for (const CapturedFile& file : files)
            if (file.path == path) return &file;
        return nullptr;
    }
    const CapturedFile& find(const std::string& path) const {
        if (const CapturedFile* file = look_for(path)) return *file;
        throw Error("capture_damaged", "cannot find " + path + " among the captured files");
    }
};

Captures::Captures(FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}

std::string Captures::value_path(const std::string& name) const {
    return directory_ + "/" + name + ".json";
}

void Captures::save(const std::string& name, const Json& value) {
    if (files_.status(value_path(name))) return;
    files_.make_private_directory(directory_);
    files_.write_durably(value_path(name), compact_any_bytes_json(value));
}

std::optional<Json> Captures::load(const std::string& name) const {
    if (!files_.status(value_path(name))) return std::nullopt;
    try {
        return parse_any_bytes_json(files_.read(value_path(name), largest_value));
    } catch (const Error& error) {
        throw Error("capture_damaged", "cannot use the capture " + value_path(name) + ": " + error.what());
    }
}

void Captures::save_files(const std::string& name, const std::vector<std::string>& paths) {
    copy_files(name, paths, nullptr);
}

void Captures::save_files(const std::string& name, const std::vector<std::string>& paths, const Earlier& earlier) {
    copy_files(name, paths, &earlier);
}

std::string Captures::copy_path(const std::string& name, const std::string& copy) const {
    const bool is_here = copy.find_first_not_of("0123456789") == std::string::npos;
    return is_here ? directory_ + "/" + name + "/" + copy : copy;
}

void Captures::copy_files(const std::string& name, const std::vector<std::string>& paths, const Earlier* earlier) {
    if (has_files(name)) return;
    const std::string folder = directory_ + "/" + name;
    files_.make_private_directory(folder);
    Index index;
    const Index known = earlier == nullptr ? Index{} : earlier->captures.index(earlier->name);
    for (const std::string& path : paths) {
        CapturedFile file{path, "", ""};
        if (const CapturedFile* before = known.look_for(path);
            before != nullptr && !earlier->captures.is_changed(earlier->name, path, known)) {
            file = *before;
            if (!file.copy.empty()) file.copy = earlier->captures.copy_path(earlier->name, file.copy);
            index.files.push_back(std::move(file));
            continue;
        }
        const std::optional<FileStatus> status = files_.status(path);
        if (status && (status->type == FileType::regular || status->type == FileType::link)) {
            file.copy = std::to_string(index.files.size());
            files_.copy_durably(path, folder + "/" + file.copy);
            if (status->type == FileType::regular) file.sha256 = files_.sha256(folder + "/" + file.copy);
        } else if (status) {
            throw Error("capture_failed", "cannot capture " + path + ": it is neither a regular file nor a link");
        }
        index.files.push_back(std::move(file));
    }
    save(name, to_json(index.files));
}

bool Captures::has(const std::string& name) const {
    return files_.status(value_path(name)).has_value();
}

bool Captures::has_files(const std::string& name) const {
    return has(name);
}

Captures::Index Captures::index(const std::string& name) const {
    const std::optional<Json> json = load(name);
    if (!json) throw Error("capture_damaged", "cannot restore files: there is no capture " + value_path(name));
    return Index{from_json<std::vector<CapturedFile>>(*json)};
}

bool Captures::is_changed(const std::string& name, const std::string& path, const Index& all) const {
    const CapturedFile& file = all.find(path);
    const std::optional<FileStatus> now = files_.status(path);
    if (file.copy.empty()) return now.has_value();
    const std::optional<FileStatus> then = files_.status(copy_path(name, file.copy));
    if (!then) throw Error("capture_damaged", "cannot find the captured copy of " + path);
    return !now || !same_rights(*now, *then) || (now->type == FileType::regular && files_.sha256(path) != file.sha256);
}

std::vector<std::string> Captures::changed_files(const std::string& name) const {
    const Index all = index(name);
    std::vector<std::string> changed;
    for (const CapturedFile& file : all.files)
        if (is_changed(name, file.path, all)) changed.push_back(file.path);
    return changed;
}

void Captures::restore_if_changed(const std::string& name, const std::string& path) {
    if (is_changed(name, path, index(name))) restore_file(name, path);
}

void Captures::restore_file(const std::string& name, const std::string& path) {
    const Index all = index(name);
    const CapturedFile& file = all.find(path);
    if (file.copy.empty()) {
        files_.remove_durably(path);
        return;
    }
    const std::string copy = copy_path(name, file.copy);
    if (!file.sha256.empty() && files_.sha256(copy) != file.sha256)
        throw Error("capture_damaged", "cannot restore " + path + ": the captured copy " + copy + " was damaged");
    files_.copy_durably(copy, path);
}

bool Captures::was_present(const std::string& name, const std::string& path) const {
    return !index(name).find(path).copy.empty();
}

} // namespace autodeploy
