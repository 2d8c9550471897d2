#include "platform/unfinished_mark.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy {

namespace {

std::string parent_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

bool is_directory(FileSystem& files, const std::string& path) {
    const auto status = files.status(path);
    return status && status->type == FileType::directory;
}

} // namespace

std::string unfinished_path(const std::string& evidence_path, const std::string& tool) {
    return evidence_path + "/" + tool + ".unfinished";
}

std::string mark_text(const UnfinishedMark& mark) {
    std::string text;
    for (const std::string& path : mark.administrators)
        text += "changed " + path + "\n";
    for (const std::string& path : mark.paths)
        text += "path " + path + "\n";
    for (const std::string& path : mark.new_paths)
        text += "new " + path + "\n";
    return text;
}

UnfinishedMark parse_mark(const std::string& text) {
    UnfinishedMark mark;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        const std::size_t blank = line.find(" /");
        if (blank == std::string::npos) continue;
        const std::string kind = line.substr(0, blank);
        const std::string path = line.substr(blank + 1);
        if (kind == "changed") mark.administrators.push_back(path);
        if (kind == "path") mark.paths.insert(path);
        if (kind == "new") mark.new_paths.insert(path);
    }
    return mark;
}

void note_paths(FileSystem& files, const std::string& root, const std::vector<std::string>& paths,
                UnfinishedMark& mark) {
    for (const std::string& path : paths) {
        // A name with a line's end in it cannot be noted; no package of the client has such a one.
        if (!path.starts_with('/') || path.find('\n') != std::string::npos) continue;
        mark.paths.insert(path);
        for (std::string up = path; !up.empty() && !mark.new_paths.contains(up) && !files.status(root + up);
             up = parent_of(up))
            mark.new_paths.insert(up);
    }
}

void remove_leftovers(FileSystem& files, const std::string& root, const UnfinishedMark& mark,
                      const std::vector<std::string>& target_paths,
                      const std::function<std::optional<std::string>(const std::string&)>& stem_of) {
    const std::set<std::string> target(target_paths.begin(), target_paths.end());
    std::set<std::string> all = target;
    all.insert(mark.paths.begin(), mark.paths.end());
    std::set<std::string> folders;
    for (const std::string& path : all)
        folders.insert(parent_of(path));
    for (const std::string& folder : folders) {
        if (!is_directory(files, root + folder)) continue;
        for (const std::string& name : files.list(root + folder)) {
            const std::optional<std::string> stem = stem_of(name);
            const std::string path = folder + "/" + name;
            if (stem && all.contains(folder + "/" + *stem) && !all.contains(path) && !is_directory(files, root + path))
                files.remove_durably(root + path);
        }
    }
    // From the last to the first: what is in a folder before the folder.
    for (auto path = mark.new_paths.rbegin(); path != mark.new_paths.rend(); ++path) {
        const auto inside = target.lower_bound(*path + "/");
        const bool wanted = target.contains(*path) || (inside != target.end() && inside->starts_with(*path + "/"));
        if (wanted || !files.status(root + *path)) continue;
        if (!is_directory(files, root + *path))
            files.remove_durably(root + *path);
        else if (files.list(root + *path).empty())
            files.remove_tree(root + *path);
    }
}

} // namespace autodeploy
