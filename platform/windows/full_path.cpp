#include "platform/windows/full_path.h"

#include <algorithm>

namespace autodeploy {

namespace {

bool is_slash(char c) {
    return c == '/' || c == '\\';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The text before the next slash; takes it and the slash off.
std::string_view next_name(std::string_view& path) {
    const auto end = std::find_if(path.begin(), path.end(), is_slash);
    const std::string_view name = path.substr(0, std::size_t(end - path.begin()));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    return name;
}

bool has_kernel_prefix(std::string_view path) {
    return path.starts_with("\\\\?\\") || path.starts_with("\\\\.\\");
}

} // namespace

PathParts parts_of_path(std::string_view path) {
    PathParts parts;
    if (path.starts_with("\\\\?\\UNC\\")) {
        path.remove_prefix(8);
        parts.root = "\\\\";
    } else if (path.starts_with("\\\\?\\")) {
        path.remove_prefix(4);
    } else if (path.size() > 2 && is_slash(path[0]) && is_slash(path[1])) {
        path.remove_prefix(2);
        parts.root = "\\\\";
    }
    if (!parts.root.empty()) {
        const std::string_view server = next_name(path);
        const std::string_view share = next_name(path);
        if (server.empty() || share.empty()) return {};
        parts.root += std::string(server) + "\\" + std::string(share) + "\\";
    } else {
        if (path.size() < 3 || !is_letter(path[0]) || path[1] != ':' || !is_slash(path[2])) return {};
        parts.root = std::string(path.substr(0, 2)) + "\\";
        path.remove_prefix(3);
    }
    while (!path.empty()) {
        const std::string_view name = next_name(path);
        if (name.empty() || name == ".") continue;
        if (name != "..")
            parts.names.emplace_back(name);
        else if (!parts.names.empty())
            parts.names.pop_back();
    }
    return parts;
}

std::string plain_path(const PathParts& parts) {
    std::string path = parts.root;
    for (const std::string& name : parts.names)
        path += (path.ends_with('\\') ? "" : "\\") + name;
    return path;
}

std::string windows_path(const std::string& path) {
    const PathParts parts = parts_of_path(path);
    return parts.root.empty() ? path : plain_path(parts);
}

std::string kernel_path(std::string_view path) {
    const PathParts parts = parts_of_path(path);
    if (has_kernel_prefix(path) || parts.root.empty()) return std::string(path);
    const std::string plain = plain_path(parts);
    return plain.starts_with("\\\\") ? "\\\\?\\UNC" + plain.substr(1) : "\\\\?\\" + plain;
}

std::string parent_path(std::string_view path) {
    PathParts parts = parts_of_path(path);
    if (!parts.names.empty()) parts.names.pop_back();
    return plain_path(parts);
}

} // namespace autodeploy
