#pragma once

#include <map>
#include <string>
#include <vector>

namespace standin::aix {

/// What an lpp_name file or a .toc says of a fileset.
struct Fileset {
    std::string image, package, name, level, description;
    std::vector<std::pair<std::string, std::string>> requisites; ///< name and least level
    std::string text;                                            ///< its own lines, for the .toc
};

/// "08.01.0027.0000" as it is shown: "8.1.27.0".
std::string shown_level(const std::string& level);
int compare_levels(const std::string& left, const std::string& right);
bool fits(const std::string& pattern, const std::string& name);

/// Of the lines between "{" and "}"; image is what they are said to be in.
std::vector<Fileset> parse_filesets(const std::vector<std::string>& lines, const std::string& image);
/// Of the .toc in the folder (path of the machine); empty where there is none.
std::vector<Fileset> read_toc(const std::string& folder);
std::vector<std::string> lpp_name_lines(const std::string& image_path);

struct Member {
    std::string path, content, link;
    unsigned mode = 0644;
    bool folder = false;
};
/// The image is a tar file here; the real format is that of backup(1).
std::vector<Member> members_of(const std::string& image_path);

} // namespace standin::aix
