// Covers platform/linux/unit_text.cpp
// Covers platform/posix/init_script.cpp
#include "platform/linux/systemctl.h"
#include "platform/linux/unit_text.h"
#include "platform/posix/init_script.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    for (const UnitProperties& unit : parse_unit_properties(text)) {
        fuzz::require(!unit.empty());
        unit.number("MainPID");
        parse_exec_property(unit.text("ExecStart"));
        parse_environment_file_property(unit.text("EnvironmentFiles"));
        for (const auto& [name, value] : parse_environment_property(unit.text("Environment")))
            fuzz::require(!name.empty() && name.find('=') == std::string::npos);
    }
    parse_systemd_version(text);
    for (const std::string& name : parse_service_names(text))
        fuzz::require(name.ends_with(".service") && name.find_first_of(" \t\n") == std::string::npos);
    for (const UnitCommand& command : parse_bus_commands(text))
        fuzz::require(command.arguments.size() < size);
    for (const char letter : bus_path_of_unit(text))
        fuzz::require(letter == '/' || letter == '_' || (letter >= '0' && letter <= '9') ||
                      (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'));
    const auto environment = parse_environment_file(text);
    with_variables(split_quoted(text), environment);
    const InitScript script =
        parse_init_script(text, [](const std::string& path) { return path.starts_with("/opt/"); });
    fuzz::require(script.program.empty() || script.program.starts_with("/opt/"));
    for (const auto& [name, value] : script.exported)
        fuzz::require(script.variables.contains(name));
    return 0;
}
