#include "platform/linux/deb_relations.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace autodeploy {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t at = text.find(separator);
        parts.push_back(trimmed(text.substr(0, at)));
        text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    }
    return parts;
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

/// The tilde before everything, even the end; letters before all other signs.
int weight(std::string_view text, std::size_t at) {
    if (at >= text.size() || is_digit(text[at])) return 0;
    const char letter = text[at];
    if (letter == '~') return -1;
    if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')) return letter;
    return static_cast<unsigned char>(letter) + 256;
}

/// Takes the digits off the front, without leading zeros.
std::string_view take_number(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end]))
        ++end;
    std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

std::strong_ordering compare_part(std::string_view left, std::string_view right) {
    while (!left.empty() || !right.empty()) {
        std::size_t at = 0;
        while ((at < left.size() && !is_digit(left[at])) || (at < right.size() && !is_digit(right[at]))) {
            const int a = weight(left, at);
            const int b = weight(right, at);
            if (a != b) return a <=> b;
            ++at;
        }
        left.remove_prefix(std::min(at, left.size()));
        right.remove_prefix(std::min(at, right.size()));
        const std::string_view a = take_number(left);
        const std::string_view b = take_number(right);
        if (a.size() != b.size()) return a.size() <=> b.size();
        if (a != b) return a.compare(b) <=> 0;
    }
    return std::strong_ordering::equal;
}

struct VersionParts {
    std::string_view epoch = "0";
    std::string_view upstream;
    std::string_view revision = "0";
};

VersionParts parts_of(std::string_view version) {
    VersionParts parts;
    const std::size_t colon = version.find(':');
    if (colon != std::string_view::npos) {
        parts.epoch = version.substr(0, colon);
        version.remove_prefix(colon + 1);
    }
    const std::size_t dash = version.rfind('-');
    parts.upstream = version.substr(0, dash);
    if (dash != std::string_view::npos) parts.revision = version.substr(dash + 1);
    return parts;
}

bool satisfies(std::string_view version, const DebRelation& relation) {
    if (relation.compare.empty()) return true;
    const std::strong_ordering order = compare_deb_versions(version, relation.version);
    if (relation.compare == "<<") return order < 0;
    if (relation.compare == "<=") return order <= 0;
    if (relation.compare == "=") return order == 0;
    if (relation.compare == ">=") return order >= 0;
    return order > 0;
}

/// Who is there under a name, its own or one that it provides.
class World {
  public:
    void add(const DebPackage& package) {
        names_[package.name].push_back({package.name, package.version});
        for (const auto& group : parse_deb_relations(package.provides))
            for (const DebRelation& provided : group)
                names_[provided.name].push_back({package.name, provided.version});
    }
    /// The packages that meet the relation. One that is provided without a version meets none to a version.
    std::vector<std::string> meeting(const DebRelation& relation) const {
        std::vector<std::string> packages;
        const auto found = names_.find(relation.name);
        if (found == names_.end()) return packages;
        for (const auto& [package, version] : found->second)
            if (relation.compare.empty() || (!version.empty() && satisfies(version, relation)))
                packages.push_back(package);
        return packages;
    }
    std::set<std::string> names() const {
        std::set<std::string> all;
        for (const auto& [name, packages] : names_)
            all.insert(name);
        return all;
    }

  private:
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> names_;
};

std::string text_of(const std::vector<DebRelation>& group) {
    std::string text;
    for (const DebRelation& relation : group) {
        text += (text.empty() ? "" : " | ") + relation.name;
        if (!relation.compare.empty()) text += " (" + relation.compare + " " + relation.version + ")";
    }
    return text;
}

/// What is unmet or in conflict for the package in this world. Only relations to these names are looked at, or all of
/// them where there is no list.
std::vector<std::string> problems_of(const DebPackage& package, const World& world,
                                     const std::set<std::string>* names) {
    const auto matters = [&](const std::vector<DebRelation>& group) {
        return names == nullptr || std::any_of(group.begin(), group.end(), [&](const DebRelation& relation) {
                   return names->contains(relation.name);
               });
    };
    std::vector<std::string> problems;
    for (const std::string* field : {&package.pre_depends, &package.depends})
        for (const auto& group : parse_deb_relations(*field)) {
            const bool met = std::any_of(group.begin(), group.end(),
                                         [&](const DebRelation& relation) { return !world.meeting(relation).empty(); });
            if (!met && matters(group)) problems.push_back(package.name + " depends on " + text_of(group));
        }
    for (const std::string* field : {&package.conflicts, &package.breaks})
        for (const auto& group : parse_deb_relations(*field)) {
            if (!matters(group)) continue;
            for (const DebRelation& relation : group)
                for (const std::string& other : world.meeting(relation))
                    if (other != package.name)
                        problems.push_back(package.name + " conflicts with " + text_of(group) + ": " + other);
        }
    return problems;
}

bool depends_on(const std::string& field, const std::string& name) {
    for (const auto& group : parse_deb_relations(field))
        for (const DebRelation& relation : group)
            if (relation.name == name) return true;
    return false;
}

} // namespace

std::strong_ordering compare_deb_versions(std::string_view left, std::string_view right) {
    const VersionParts a = parts_of(left);
    const VersionParts b = parts_of(right);
    if (const auto order = compare_part(a.epoch, b.epoch); order != 0) return order;
    if (const auto order = compare_part(a.upstream, b.upstream); order != 0) return order;
    return compare_part(a.revision, b.revision);
}

std::vector<std::vector<DebRelation>> parse_deb_relations(std::string_view field) {
    std::vector<std::vector<DebRelation>> groups;
    for (const std::string_view group : split(field, ',')) {
        if (group.empty()) continue;
        std::vector<DebRelation>& alternatives = groups.emplace_back();
        for (const std::string_view text : split(group, '|')) {
            DebRelation relation;
            // "name:any (>= 1.2) [amd64]"
            relation.name = text.substr(0, text.find_first_of(" \t(:["));
            const std::size_t open = text.find('(');
            const std::size_t close = text.find(')', open == std::string_view::npos ? 0 : open);
            if (open != std::string_view::npos && close != std::string_view::npos) {
                const std::string_view inner = trimmed(text.substr(open + 1, close - open - 1));
                const std::size_t end = std::min(inner.find_first_not_of("<>="), inner.size());
                relation.compare = inner.substr(0, end);
                relation.version = trimmed(inner.substr(end));
                // Obsolete spellings.
                if (relation.compare == "<") relation.compare = "<=";
                if (relation.compare == ">") relation.compare = ">=";
            }
            if (!relation.name.empty()) alternatives.push_back(std::move(relation));
        }
    }
    return groups;
}

std::vector<std::string> deb_problems(const std::vector<DebPackage>& installed, const std::vector<DebPackage>& target,
                                      const std::vector<std::string>& absent) {
    const auto is_changed = [&](const DebPackage& package) {
        return std::find(absent.begin(), absent.end(), package.name) != absent.end() ||
               std::any_of(target.begin(), target.end(),
                           [&](const DebPackage& wanted) { return wanted.name == package.name; });
    };
    World before;
    World after;
    World changed;
    std::vector<const DebPackage*> others;
    for (const DebPackage& package : installed) {
        if (package.status.size() < 2 || package.status[1] != 'i') continue;
        before.add(package);
        if (is_changed(package)) {
            changed.add(package);
        } else {
            after.add(package);
            others.push_back(&package);
        }
    }
    for (const DebPackage& package : target) {
        after.add(package);
        changed.add(package);
    }
    std::vector<std::string> problems;
    for (const DebPackage& package : target)
        for (std::string& problem : problems_of(package, after, nullptr))
            problems.push_back(std::move(problem));
    const std::set<std::string> changed_names = changed.names();
    for (const DebPackage* package : others) {
        const std::vector<std::string> now = problems_of(*package, after, &changed_names);
        if (now.empty()) continue;
        const std::vector<std::string> old = problems_of(*package, before, &changed_names);
        for (const std::string& problem : now)
            if (std::find(old.begin(), old.end(), problem) == old.end()) problems.push_back("installed " + problem);
    }
    return problems;
}

std::vector<std::vector<std::size_t>> deb_install_order(const std::vector<DebPackage>& target) {
    std::vector<std::size_t> level(target.size(), 0);
    // A circle would go on for ever; so many rounds are enough where there is none.
    for (std::size_t round = 0; round < target.size(); ++round)
        for (std::size_t one = 0; one < target.size(); ++one)
            for (std::size_t other = 0; other < target.size(); ++other) {
                if (one == other) continue;
                const bool before = depends_on(target[one].pre_depends, target[other].name);
                const bool beside = depends_on(target[one].depends, target[other].name);
                if (before)
                    level[one] = std::max(level[one], level[other] + 1);
                else if (beside)
                    level[one] = std::max(level[one], level[other]);
            }
    std::map<std::size_t, std::vector<std::size_t>> by_level;
    for (std::size_t one = 0; one < target.size(); ++one)
        by_level[level[one]].push_back(one);
    std::vector<std::vector<std::size_t>> groups;
    for (auto& [number, group] : by_level)
        groups.push_back(std::move(group));
    return groups;
}

} // namespace autodeploy
