#include "platform/windows/pending_renames.h"

#include "platform/windows/folded.h"
#include "platform/windows/utf16.h"

#include <algorithm>

namespace autodeploy {

namespace {

using Names = std::vector<std::string>;

std::string without_prefix(std::string path) {
    // "!": an existing file is replaced. "*1" and the like: written by newer systems, before the path.
    if (path.starts_with("!")) path.erase(0, 1);
    if (path.starts_with("*") && path.find('\\') != std::string::npos) path.erase(0, path.find('\\'));
    for (const std::string_view prefix : {R"(\??\)", R"(\\?\)"}) {
        if (!path.starts_with(prefix)) continue;
        path.erase(0, prefix.size());
        if (path.starts_with("UNC\\")) path.replace(0, 4, "\\\\");
        break;
    }
    return path;
}

Names names_of(const std::string& path) {
    Names names;
    std::string name;
    for (const char c : path + "\\") {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\\' || c == '/') {
            if (!name.empty()) names.push_back(name);
            name.clear();
        } else if (byte < 0x80) {
            name += folded(c);
        } else if ((byte & 0xC0) != 0x80) {
            name += '?';
        }
    }
    return names;
}

/// Whether one may be the short name of the other: at most eight letters with "~1" in them, without blanks and dots.
bool may_be_short_for(const std::string& name, const std::string& whole) {
    const std::size_t tilde = name.find('~');
    if (tilde == std::string::npos || tilde == 0 || tilde + 1 == name.size() || name[tilde + 1] < '0' ||
        name[tilde + 1] > '9')
        return false;
    std::string letters = whole;
    std::erase_if(letters, [](char c) { return c == ' ' || c == '.' || c == '?' || c == '+'; });
    // From the fifth of its kind on only two letters are the name's, the other four are made up.
    return letters.starts_with(name.substr(0, tilde)) || (tilde == 6 && letters.starts_with(name.substr(0, 2))) ||
           whole.find('?') != std::string::npos;
}

bool lies_below(const Names& path, const Names& top) {
    if (top.empty() || path.size() < top.size()) return false;
    return std::equal(top.begin(), top.end(), path.begin(), [](const std::string& ours, const std::string& theirs) {
        return ours == theirs || may_be_short_for(theirs, ours) || may_be_short_for(ours, theirs);
    });
}

} // namespace

std::vector<PendingRename> pending_renames_in(std::string_view value) {
    std::vector<std::string> texts;
    for (std::size_t begin = 0, i = 0; i + 1 < value.size(); i += 2) {
        if (value[i] != 0 || value[i + 1] != 0) continue;
        texts.push_back(without_prefix(utf8_of_utf16(value.substr(begin, i - begin))));
        begin = i + 2;
    }
    std::vector<PendingRename> renames;
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
        if (!texts[i].empty()) renames.push_back({texts[i], texts[i + 1]});
    return renames;
}

std::vector<std::string> pending_renames_below(const std::vector<PendingRename>& renames,
                                               const std::vector<std::string>& paths) {
    std::vector<std::string> found;
    for (const PendingRename& rename : renames) {
        const Names from = names_of(rename.from);
        const Names to = names_of(rename.to);
        const bool touches = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
            const Names top = names_of(path);
            return lies_below(from, top) || lies_below(to, top);
        });
        if (!touches) continue;
        found.push_back(rename.from + (rename.to.empty() ? " is removed" : " becomes " + rename.to) +
                        " at the next start of Windows");
    }
    return found;
}

} // namespace autodeploy
