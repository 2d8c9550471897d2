#include "agent/help/help.h"

#include "agent/command_line.h"

#include <algorithm>

namespace autodeploy {

namespace {

std::string comparable(std::string_view id) {
    std::string text(id);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '_') c = '-';
    }
    return text;
}

void append_wrapped(std::string& text, std::string_view words, std::size_t width) {
    const std::string indent = "  ";
    std::size_t column = 0;
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        const std::string_view word = words.substr(0, end);
        words.remove_prefix(std::min(end + 1, words.size()));
        if (word.empty()) continue;
        if (column > 0 && column + 1 + word.size() > width) {
            text += "\n";
            column = 0;
        }
        text += column == 0 ? indent : " ";
        column += (column == 0 ? indent.size() : 1) + word.size();
        text += word;
    }
    text += "\n";
}

} // namespace

std::vector<const HelpPage*> help_pages() {
    std::vector<const HelpPage*> pages;
    for (const auto& part :
         {requirement_pages(), client_cause_pages(), machine_cause_pages(), repository_cause_pages()})
        for (const HelpPage& page : part)
            pages.push_back(&page);
    std::sort(pages.begin(), pages.end(), [](const HelpPage* a, const HelpPage* b) { return a->id < b->id; });
    return pages;
}

const HelpPage* find_help(std::string_view id) {
    const std::string wanted = comparable(id);
    for (const HelpPage* page : help_pages())
        if (comparable(page->id) == wanted) return page;
    return nullptr;
}

std::string nearest_help(std::string_view id) {
    constexpr std::size_t longest = 64;
    const std::string wanted = comparable(id.substr(0, longest));
    std::string nearest;
    std::size_t least = wanted.size() / 2 + 1;
    for (const HelpPage* page : help_pages()) {
        const std::size_t found = edit_distance(wanted, comparable(page->id));
        if (found >= least) continue;
        least = found;
        nearest = page->id;
    }
    return nearest;
}

std::string help_text(const HelpPage& page, std::size_t width) {
    std::string text = std::string(page.id) + "\n";
    append_wrapped(text, page.title, width);
    text += "\nWhat it means\n";
    append_wrapped(text, page.means, width);
    text += "\nWhy\n";
    append_wrapped(text, page.why, width);
    text += "\nWhat to do\n";
    append_wrapped(text, page.mend, width);
    return text;
}

} // namespace autodeploy
