#include "agent/command_line.h"

#include "agent/commands/commands.h"
#include "platform/error.h"
#include "tests/installer/client/options_case.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

using namespace autodeploy;

namespace {

std::vector<CommandDescription> table() {
    CommandDescription trigger;
    trigger.name = "trigger";
    trigger.purpose = "asks for an update";
    trigger.takes_settings = false;
    trigger.example = "autodeploy trigger";
    CommandDescription deploy;
    deploy.name = "deploy";
    deploy.purpose = "updates now";
    deploy.options = {{"release", "VERSION", "this one"}, {"no-wait", "", "returns at once"}};
    deploy.example = "autodeploy deploy --release 8.1.27.0";
    CommandDescription service;
    service.name = "service";
    service.purpose = "our own service";
    service.operands = "ACTION";
    service.least = service.most = 1;
    service.choices = {"run", "install", "uninstall"};
    service.example = "autodeploy service run";
    return {trigger, deploy, service};
}

std::string refused(const std::vector<std::string>& arguments) {
    try {
        parse_command_line(table(), arguments);
    } catch (const Error& error) {
        CHECK(error.cause() == "usage");
        return error.what();
    }
    return "accepted";
}

} // namespace

TEST_CASE("a command line is understood") {
    const auto commands = table();
    const Invocation invocation =
        parse_command_line(commands, {"deploy", "--release", "8.1.27.0", "--json", "--settings=/x.yaml", "--quiet"});
    CHECK(invocation.command->name == "deploy");
    CHECK(invocation.value("release") == "8.1.27.0");
    CHECK(invocation.json);
    CHECK(invocation.quiet);
    CHECK(invocation.settings == "/x.yaml");
    CHECK(!invocation.has("no-wait"));
    CHECK(parse_command_line(commands, {"service", "--", "run"}).operands == std::vector<std::string>{"run"});
}

TEST_CASE("bad command lines are told with what would have been right, and that is accepted") {
    using Line = std::vector<std::string>;
    const struct {
        Line arguments;
        const char* message;
        Line neighbour;
    } rows[] = {
        {{"triger"}, "there is no command \"triger\"; did you mean trigger?", {"trigger"}},
        {{"upgrade-everything"}, "there is no command \"upgrade-everything\"; see `autodeploy --help`", {"--help"}},
        {{"--json", "trigger"}, "a command comes first", {"trigger", "--json"}},
        {{"trigger", "http://evil/"}, "`trigger` takes no arguments, and \"http://evil/\" was given", {"trigger"}},
        {{"trigger", "--settings", "/tmp/x"}, "`trigger` has no option --settings", {"deploy", "--settings", "/tmp/x"}},
        {{"deploy", "--relase", "1"}, "did you mean --release?", {"deploy", "--release", "1"}},
        {{"deploy", "--release"},
         "the option --release needs a value: --release VERSION",
         {"deploy", "--release", "1"}},
        {{"deploy", "--release", "--json"},
         "the option --release needs a value",
         {"deploy", "--release", "1", "--json"}},
        {{"deploy", "--release="}, "the option --release needs a value", {"deploy", "--release=1"}},
        {{"deploy", "--json=yes"}, "the option --json takes no value", {"deploy", "--json"}},
        {{"deploy", "--json", "--json"}, "the option --json stands twice", {"deploy", "--json"}},
        {{"deploy", "-r"}, "`deploy` has no option -r", {"deploy"}},
        {{"deploy", "8.1.27.0"}, "\"8.1.27.0\" was given", {"deploy", "--release", "8.1.27.0"}},
        {{"service"}, "`service` needs ACTION, one of run, install", {"service", "run"}},
        {{"service", "explode"}, "`service` knows no \"explode\", one of run, install", {"service", "run"}},
        {{"service", "instal"}, "`service` knows no \"instal\"; did you mean install?", {"service", "install"}},
        {{"help", "deploi"}, "did you mean deploy?", {"help", "deploy"}},
    };
    for (const auto& row : rows) {
        const std::string message = refused(row.arguments);
        CAPTURE(message);
        CHECK(message.starts_with("cannot use the command line: "));
        CHECK(message.find(row.message) != std::string::npos);
        CHECK(message.find("--help`") != std::string::npos);
        CHECK(refused(row.neighbour) == "accepted");
    }
}

TEST_CASE("the manual page has every command and option of the help, and none more") {
    std::ifstream file(std::string(tests_directory()) + "/../packaging/man/autodeploy.8");
    std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::size_t place = page.find("@COMMANDS@");
    REQUIRE(place != std::string::npos);
    // By hand it names the options of all commands, and those of examples.
    std::set<std::string> known{"json", "quiet", "settings", "help"};
    const std::string commands = man_text(command_table());
    for (const CommandDescription& command : command_table()) {
        CAPTURE(command.name);
        CHECK(commands.find(".SS " + command.name) != std::string::npos);
        for (const OptionDescription& option : command.options) {
            known.insert(option.name);
            CHECK(commands.find(".B " + man_literal("--" + option.name)) != std::string::npos);
        }
    }
    page.replace(place, 10, commands);
    const std::regex option(R"(\\-\\-([a-z]+(?:\\-[a-z]+)*))");
    for (auto at = std::sregex_iterator(page.begin(), page.end(), option); at != std::sregex_iterator(); ++at) {
        const std::string name = std::regex_replace((*at)[1].str(), std::regex(R"(\\-)"), "-");
        CAPTURE(name);
        CHECK(known.contains(name));
    }
    for (std::size_t at = page.find("\n.SS "); at != std::string::npos; at = page.find("\n.SS ", at + 1)) {
        const std::string name = page.substr(at + 5, page.find_first_of(" \n", at + 5) - at - 5);
        CHECK(std::any_of(command_table().begin(), command_table().end(),
                          [&](const CommandDescription& command) { return command.name == name; }));
    }
}

TEST_CASE("help names every command and option, and has an example") {
    const auto commands = table();
    const std::string all = help_text(commands);
    for (const CommandDescription& command : commands)
        CHECK(all.find(command.name + " ") != std::string::npos);
    const std::string deploy = help_text(commands[1]);
    for (const char* part : {"--release VERSION", "--no-wait", "--json", "--settings FILE", "--quiet", "--help",
                             "Example: autodeploy deploy --release 8.1.27.0"})
        CHECK(deploy.find(part) != std::string::npos);
    CHECK(help_text(commands[0]).find("--settings") == std::string::npos);
    CHECK(parse_command_line(commands, {}).help);
    CHECK(parse_command_line(commands, {"deploy", "--help"}).help);
    CHECK(parse_command_line(commands, {"service", "--help"}).help);
}
