#include "images.h"

#include "state.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace standin::aix {

std::string shown_level(const std::string& level) {
    std::string shown;
    for (const std::string& part : split(level, '.'))
        shown += (shown.empty() ? "" : ".") + std::to_string(std::atoi(part.c_str()));
    return shown;
}

int compare_levels(const std::string& left, const std::string& right) {
    const std::vector<std::string> a = split(left, '.');
    const std::vector<std::string> b = split(right, '.');
    for (std::size_t i = 0; i < 4; ++i) {
        const int one = i < a.size() ? std::atoi(a[i].c_str()) : 0;
        const int two = i < b.size() ? std::atoi(b[i].c_str()) : 0;
        if (one != two) return one < two ? -1 : 1;
    }
    return 0;
}

bool fits(const std::string& pattern, const std::string& name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos) return pattern == name || name.rfind(pattern + ".", 0) == 0;
    return name.rfind(pattern.substr(0, star), 0) == 0;
}

std::vector<Fileset> parse_filesets(const std::vector<std::string>& lines, const std::string& image) {
    std::vector<Fileset> found;
    std::string package;
    bool inside = false;
    for (const std::string& line : lines) {
        const std::vector<std::string> words = words_of(line);
        if (words.empty()) continue;
        if (words.back() == "{") {
            package = words[words.size() - 2];
            continue;
        }
        if (words[0] == "}") break;
        if (words[0] == "[") {
            inside = true;
        } else if (words[0] == "]") {
            inside = false;
        } else if (!inside) {
            Fileset one;
            one.image = image;
            one.package = package;
            one.name = words[0];
            one.level = shown_level(words.size() > 1 ? words[1] : "");
            for (std::size_t i = 6; i < words.size(); ++i)
                one.description += (i > 6 ? " " : "") + words[i];
            found.push_back(one);
        } else if (words[0] == "*prereq" && words.size() >= 3 && !found.empty()) {
            found.back().requisites.emplace_back(words[1], words[2]);
        }
        if (!found.empty()) found.back().text += line + "\n";
    }
    return found;
}

std::vector<Fileset> read_toc(const std::string& folder) {
    std::vector<Fileset> found;
    std::vector<std::string> block;
    std::string image;
    for (const std::string& line : lines_of(read_file(folder + "/.toc"))) {
        const std::vector<std::string> words = words_of(line);
        if (words.empty() || (block.empty() && words.back() != "{")) continue;
        if (block.empty()) image = words[0];
        block.push_back(line);
        if (words[0] != "}") continue;
        for (Fileset& one : parse_filesets(block, image))
            found.push_back(one);
        block.clear();
    }
    return found;
}

std::vector<std::string> lpp_name_lines(const std::string& image_path) {
    for (const Member& member : members_of(image_path))
        if (member.path == "lpp_name") return lines_of(member.content);
    return {};
}

std::vector<Member> members_of(const std::string& image_path) {
    std::vector<Member> found;
    const std::string bytes = read_file(image_path);
    for (std::size_t position = 0; position + 512 <= bytes.size();) {
        const std::string head = bytes.substr(position, 512);
        if (head[0] == '\0' || head.compare(257, 5, "ustar") != 0) break;
        const auto text = [&](std::size_t begin, std::size_t size) {
            return std::string(head.substr(begin, size).c_str());
        };
        const std::size_t size = std::strtoul(text(124, 12).c_str(), nullptr, 8);
        Member member;
        member.path = text(345, 155).empty() ? text(0, 100) : text(345, 155) + "/" + text(0, 100);
        if (member.path.rfind("./", 0) == 0) member.path.erase(0, 2);
        member.mode = unsigned(std::strtoul(text(100, 8).c_str(), nullptr, 8));
        member.folder = head[156] == '5';
        if (head[156] == '2') member.link = text(157, 100);
        if (position + 512 + size > bytes.size()) break;
        member.content = bytes.substr(position + 512, size);
        if (!member.path.empty()) found.push_back(member);
        position += 512 + (size + 511) / 512 * 512;
    }
    return found;
}

int inutoc(const Arguments& arguments) {
    const std::string folder = arguments.empty() ? "/usr/sys/inst.images" : arguments.back();
    if (!exists(folder)) {
        std::fprintf(stderr, "inutoc: 0503-207 The directory %s does not exist.\n", folder.c_str());
        return 1;
    }
    note("inutoc " + folder);
    // Always made anew; what is no image is passed over.
    std::string toc = "0 112318272126 1\n";
    for (const std::string& file : files_in(folder)) {
        const std::vector<std::string> lines = file == ".toc" || std::filesystem::is_directory(at(folder + "/" + file))
                                                   ? std::vector<std::string>()
                                                   : lpp_name_lines(folder + "/" + file);
        if (lines.empty()) continue;
        toc += file + " " + lines[0] + "\n";
        for (std::size_t i = 1; i < lines.size(); ++i)
            toc += lines[i] + "\n";
    }
    write_file(folder + "/.toc", toc);
    return 0;
}

} // namespace standin::aix
