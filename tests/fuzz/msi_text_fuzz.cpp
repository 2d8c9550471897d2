// Covers platform/windows/msi_log.cpp
// Covers platform/windows/msi_way.cpp
#include "platform/windows/msi_log.h"
#include "platform/windows/msi_way.h"
#include "platform/windows/utf16.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

namespace {

void read_log(std::string_view bytes) {
    const MsiLog log = parse_msi_log(bytes);
    const std::string reason = reason_in(log);
    // It becomes part of one line for people.
    fuzz::require(reason.find('\n') == std::string::npos && reason.size() < 8192);
    fuzz::require(reason.empty() == (log.errors.empty() && log.failed_action.empty() && log.holders.empty()));
    // Windows writes the very same in UTF-16.
    const std::string text = text_of_tool_file(bytes);
    fuzz::require(parse_msi_log("\xFF\xFE" + utf16_of_utf8(text)) == parse_msi_log("\xEF\xBB\xBF" + text));
}

void read_versions(const std::string& text) {
    const std::vector<std::string> lines = fuzz::lines_of(text);
    const std::string& a = lines.front();
    const std::string& b = lines.back();
    fuzz::require(compare_msi_versions(a, a) == 0 && compare_msi_versions(a, b) == -compare_msi_versions(b, a));
    const std::uint32_t attributes = std::uint32_t(text.size()) << 8;
    if (takes_away({"{U}", a, b, attributes}, a)) fuzz::require(compare_msi_versions(a, b) <= 0 || b.empty());
    const MsiChoices choices = parse_choices(text);
    fuzz::require(parse_choices(choices_text(choices)) == choices);
    for (const auto& [place, choice] : choices) {
        MsiPackage package;
        package.features = choice.features;
        fuzz::require(!properties_of(choice, package).contains("INSTALLDIR"));
    }
    const std::string wrong = wrong_with({a, text.size() % 2 == 0, b, a, text.size() % 3 == 0});
    fuzz::require(text.size() % 2 == 0 || !wrong.empty());
    MsiPackage package;
    package.version = a;
    package.upgrades = {{"{U}", "", a, attributes}};
    const MsiWay way = msi_way(package, {{{"{P}", "", b, "", "", ""}, "", {"{U}"}}});
    fuzz::require(way.anew == !way.remove.empty());
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    read_log(text);
    read_versions(std::string(text));
    return 0;
}
