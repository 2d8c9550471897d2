// Covers installer/package/offers.cpp installer/package/choose_release.cpp
#include "installer/package/offers.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

using namespace autodeploy;

namespace {

/// "channel pin wanted edge mode now NODE NODE…", each but the nodes one word, "-" for none.
ChoiceInput input_from(const std::string& line) {
    std::vector<std::string> words(1);
    for (const char c : line) {
        if (c == ' ')
            words.emplace_back();
        else
            words.back() += c;
    }
    words.resize(std::max<std::size_t>(words.size(), 7));
    ChoiceInput input;
    input.platform = "linux-x86_64";
    input.installed = parse_client_version(words[0]);
    input.channel = words[1];
    input.pin = parse_client_version(words[2]);
    input.wanted = parse_client_version(words[3]);
    input.approved_one_way = {words[4]};
    input.mode = parse_mode(words[5]).value_or(Mode::follow);
    input.now = parse_utc(words[6]).value_or(0);
    input.node_names.assign(words.begin() + 7, words.end());
    return input;
}

AvailablePackage package(int fix) {
    AvailablePackage package;
    package.manifest.product = "backup-archive-client";
    package.manifest.platform = "linux-x86_64";
    package.manifest.release = {8, 1, 25 + fix, 0};
    package.manifest.from_at_least = ClientVersion{7, 1, 0, 0};
    package.manifest.way_back_only = fix == 0;
    package.manifest.one_way_edges = {{"edge", {0, 0, 0, 0}, {8, 1, 1, 0}, "reason", ""}};
    return package;
}

} // namespace

/// Four lines: the offers, the halt list, the client, and anything.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> lines = fuzz::lines_of(fuzz::text_of(data, size));
    lines.resize(3);
    Offers offers;
    Halt halt;
    try {
        offers = offers_from_json(parse_json(lines[0]));
        halt = halt_from_json(parse_json(lines[1]));
    } catch (const Error& error) {
        const std::string& cause = error.cause();
        fuzz::require(cause == "metadata_malformed" || cause == "offers_malformed" || cause == "offers_too_new" ||
                      cause == "halt_malformed" || cause == "halt_too_new");
        return 0;
    }
    fuzz::require(offers_from_json(offers_json(offers)) == offers);
    fuzz::require(halt_from_json(halt_json(halt)) == halt);
    for (const Recall& recall : offers.recalls)
        fuzz::require(recall.to < recall.from);
    for (const Freeze& freeze : halt.freezes)
        fuzz::require(freeze.from < freeze.to);

    const ChoiceInput input = input_from(lines[2]);
    const Choice choice = choose_release(input, offers, halt, {package(0), package(1), package(2), package(3)});
    fuzz::require(choice.package.has_value() == choice.cause.empty());
    fuzz::require(choice.mode != Mode::follow && !choice.why.empty());
    if (input.mode == Mode::observe) fuzz::require(choice.mode == Mode::observe);
    if (!choice.package) return 0;
    const ClientVersion& to = choice.package->manifest.release;
    fuzz::require(input.installed && to != *input.installed && choice.recall == (to < *input.installed));
    fuzz::require(!input.pin || *input.pin == to);
    fuzz::require(!input.wanted || *input.wanted == to);
    fuzz::require(!stopped(halt, to, input.platform, input.channel, input.now));
    const bool recalled = std::any_of(offers.recalls.begin(), offers.recalls.end(), [&](const Recall& recall) {
        return recall.from == *input.installed && recall.to == to;
    });
    fuzz::require(!choice.recall || recalled);
    fuzz::require(choice.recall || !choice.package->manifest.way_back_only);
    return 0;
}
