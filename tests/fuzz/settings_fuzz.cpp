// Covers agent/settings.cpp agent/settings_table.cpp
#include "agent/settings.h"
#include "platform/error.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Settings settings;
    try {
        settings = parse_settings(fuzz::text_of(data, size), "/etc/autodeploy/autodeploy.yaml");
    } catch (const Error& error) {
        fuzz::require(error.cause() == "settings_invalid");
        fuzz::require(std::string_view(error.what()).starts_with("cannot use the settings /etc/"));
        return 0;
    }
    fuzz::require(parse_settings(settings_yaml(settings), "again") == settings);
    for (const std::string& mirror : settings.repository.mirrors)
        fuzz::require(mirror.find('\n') == std::string::npos);
    return 0;
}
