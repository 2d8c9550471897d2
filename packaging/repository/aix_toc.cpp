#include "packaging/repository/aix_toc.h"

#include "platform/error.h"

#include <charconv>
#include <optional>
#include <sstream>

namespace autodeploy {
namespace {

constexpr std::uint64_t block = 512;
constexpr std::uint64_t most_blocks = std::uint64_t(1) << 40;

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

std::optional<std::uint64_t> number_of(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "08.01.0027.0000" is shown as "8.1.27.0".
std::optional<std::string> plain_level(const std::string& text) {
    std::istringstream stream(text);
    std::string level;
    int parts = 0;
    for (std::string part; std::getline(stream, part, '.'); ++parts) {
        const auto number = number_of(part);
        if (!number || part.size() > 4) return std::nullopt;
        level += (parts == 0 ? "" : ".") + std::to_string(*number);
    }
    if (parts != 4) return std::nullopt;
    return level;
}

} // namespace

std::vector<AixFileset> parse_aix_toc(std::string_view text) {
    enum class Place { outside, image, requisites, sizes };
    std::vector<AixFileset> filesets;
    std::istringstream lines{std::string(text)};
    std::string image;
    Place place = Place::outside;
    int number = 0;
    const auto fail = [&](const std::string& reason) {
        throw Error("package_unreadable",
                    "cannot read the AIX table of contents, line " + std::to_string(number) + ": " + reason);
    };
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const std::vector<std::string> words = words_of(line);
        if (words.empty()) continue;
        switch (place) {
        case Place::outside:
            if (words.back() == "{") {
                image = words.front();
                place = Place::image;
            } else if (number != 1) {
                fail("expected the name of an image and \"{\"");
            }
            break;
        case Place::image:
            if (words.front() == "}") {
                place = Place::outside;
            } else if (words.front() == "[") {
                if (filesets.empty() || filesets.back().image != image) fail("\"[\" without a fileset before it");
                place = Place::requisites;
            } else {
                const auto level = words.size() < 2 ? std::nullopt : plain_level(words[1]);
                if (!level) fail("expected a fileset and its level");
                filesets.push_back({image, words[0], *level, {}, 0});
            }
            break;
        case Place::requisites:
        case Place::sizes:
            if (words.front() == "]") {
                place = Place::image;
            } else if (words.front() == "%") {
                // What lies behind the second one (supersedes, fix information) is of no concern here.
                place = Place::sizes;
            } else if (place == Place::requisites && words.front().starts_with('*')) {
                filesets.back().prerequisites.push_back(line.substr(line.find('*')));
            } else if (place == Place::sizes && words.front().starts_with('/') && words.size() >= 2) {
                const auto blocks = number_of(words[1]);
                if (blocks && *blocks < most_blocks) filesets.back().installed_bytes += *blocks * block;
            }
            break;
        }
    }
    if (place != Place::outside) fail("it ends in the middle of an image");
    if (filesets.empty()) fail("there is no fileset in it");
    return filesets;
}

} // namespace autodeploy
