#include "agent/commands/commands.h"
#include "agent/reports/history.h"
#include "installer/plan.h"
#include "tests/fakes/fake_service_host.h"
#include "tests/fakes/still_machine.h"
#include "tests/fakes/test_paths.h"
#include "tests/installer/client/options_case.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

using namespace autodeploy;

namespace {

Json published() {
    std::ifstream file(tests_directory() + "/../agent/schemas/answers.schema.json");
    return parse_json(std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()));
}

bool is_of_type(const Json& value, const std::string& type) {
    return type == "string"    ? value.is_string()
           : type == "integer" ? value.is_integer()
           : type == "boolean" ? value.is_bool()
           : type == "array"   ? value.is_array()
           : type == "object"  ? value.is_object()
                               : type == "null" && value.is_null();
}

/// As much of JSON Schema as ours uses. What an answer has and the schema does not tell is a fault as well: then it is
/// not published.
class Validator {
  public:
    explicit Validator(const Json& root) : root_(root) {}

    std::string faults(const Json& value, const Json& schema, const std::string& place) const {
        if (const Json* target = schema.find("$ref"))
            return faults(value, root_.at("$defs").at(target->string().substr(8)), place);
        if (const Json* choices = schema.find("anyOf")) {
            std::string all;
            for (const Json& choice : choices->array()) {
                const std::string found = faults(value, choice, place);
                if (found.empty()) return "";
                all += found;
            }
            return all;
        }
        if (schema.object().empty()) return ""; // anything
        if (const Json* only = schema.find("const"))
            return value == *only ? "" : place + " is not " + compact_json(*only) + "\n";
        if (!is_of_type(value, schema.at("type").string()))
            return place + " is no " + schema.at("type").string() + "\n";
        if (const Json* words = schema.find("enum"))
            if (std::find(words->array().begin(), words->array().end(), value) == words->array().end())
                return place + " is " + value.string() + "\n";
        std::string all;
        if (value.is_array())
            for (const Json& item : value.array())
                all += faults(item, schema.at("items"), place + "[]");
        if (value.is_object()) all += faults_of_members(value, schema, place);
        return all;
    }

  private:
    std::string faults_of_members(const Json& value, const Json& schema, const std::string& place) const {
        std::string all;
        const Json* properties = schema.find("properties");
        for (const auto& [name, member] : value.object()) {
            const Json* known = properties ? properties->find(name) : schema.find("additionalProperties");
            all += known ? faults(member, *known, place + "." + name) : place + "." + name + " is not told\n";
        }
        if (const Json* required = schema.find("required"))
            for (const Json& name : required->array())
                if (!value.find(name.string())) all += place + "." + name.string() + " is missing\n";
        return all;
    }

    const Json& root_;
};

Report full_report() {
    Report report;
    report.id = "20261128T200000Z-0001";
    report.kind = "trigger";
    report.direction = "up";
    report.requirements = {{"disk-room", "not_met", "blocker", "there is room", "/opt", "make some", true}};
    report.notes = {"a note"};
    report.approvals = {"alice 2026-11-28T20:00:00Z"};
    return report;
}

} // namespace

TEST_CASE("every answer of --json is as its published schema tells, member for member") {
    const Json root = published();
    const Validator validator(root);
    StillMachine machine;
    put_client(machine, "dpkg");
    FakeServiceHost host(machine.clock);
    const StandardPaths paths = test_paths();
    machine.files.put_directory("/state", 0700);
    machine.files.put("/etc/autodeploy/autodeploy.yaml", "mode: armed\n", 0600);
    History(machine.files, paths.history()).add(full_report());
    const struct {
        const char* schema;
        std::vector<std::string> arguments;
    } table[] = {
        {"version", {"version"}},
        {"status", {"status"}},
        {"history", {"history"}},
        {"report", {"history", "last"}},
        {"inventory", {"inventory"}},
        {"settings", {"settings"}},
        {"check", {"check", "--offline"}},
        {"explain", {"explain", "--offline"}},
        {"page", {"explain", "disk_full"}},
        {"pages", {"explain", "--list"}},
        {"plan", {"plan"}},
        {"accepted", {"trigger"}},
        {"accepted", {"deploy", "--no-wait"}},
        {"accepted", {"rollback", "--no-wait"}},
        {"retry", {"retry"}},
        {"support", {"support", "/state/support.tar"}},
        {"service", {"service", "status"}},
        {"error", {"explain", "no-such-page"}},
        {"error", {"explain", "--no-such-option"}},
        {"error", {"history", "no-such-deployment"}},
    };
    for (const auto& row : table) {
        CAPTURE(row.schema);
        std::vector<std::string> arguments = row.arguments;
        arguments.emplace_back("--json");
        std::ostringstream out;
        std::ostringstream err;
        run_command(arguments, machine.platform(), host, paths, out, err);
        CAPTURE(out.str());
        REQUIRE(err.str().empty());
        CHECK(validator.faults(parse_json(out.str()), root.at("$defs").at(row.schema), row.schema) == "");
    }
}

TEST_CASE("no command that answers with --json is without a published schema") {
    // What starts and stops our own service has no answer but its exit code.
    const std::map<std::string, std::string> schemas{
        {"trigger", "accepted"}, {"check", "check"},     {"plan", "plan"},           {"deploy", "report"},
        {"rollback", "report"},  {"status", "status"},   {"history", "history"},     {"cancel", "cancel"},
        {"retry", "retry"},      {"explain", "explain"}, {"inventory", "inventory"}, {"settings", "settings"},
        {"support", "support"},  {"service", "service"}, {"version", "version"}};
    const Json root = published();
    for (const CommandDescription& command : command_table()) {
        CAPTURE(command.name);
        REQUIRE(schemas.contains(command.name));
        CHECK(root.at("$defs").find(schemas.at(command.name)) != nullptr);
    }
}

TEST_CASE("a plan with all that it can have is as its published schema tells") {
    const Json root = published();
    const Validator validator(root);
    Plan plan;
    plan.attempt = "1";
    plan.restart_services = {"dsmcad.service"};
    plan.steps.emplace_back(BackUpFiles{{"/etc/a"}});
    plan.steps.emplace_back(ConvergePackages{});
    plan.steps.emplace_back(Verify{});
    const Json answer = Json::Object{{"format", 1},
                                     {"report", report_json(full_report())},
                                     {"plan", plan_json(plan)},
                                     {"needs", Json::Object{{"package_bytes", 1},
                                                            {"staging_bytes", 1},
                                                            {"way_back_bytes", 1},
                                                            {"installed_bytes", 1},
                                                            {"restart_allowed", false}}}};
    CHECK(validator.faults(answer, root.at("$defs").at("plan"), "plan") == "");
}

TEST_CASE("a status with all that it can have is as its published schema tells") {
    const Json root = published();
    const Validator validator(root);
    Status status;
    status.last = full_report();
    status.deployment = ActiveDeployment{};
    status.deployment->waiting_for = {"the window"};
    status.metadata = MetadataAge{};
    status.metadata->parts = {MetadataPart{}};
    status.probation = Probation{};
    status.probation->services = {WatchedService{}};
    status.told = {"1", 2, {"wait"}};
    status.problems = {{"a problem", 1, 2}};
    CHECK(validator.faults(status_json(status, 0), root.at("$defs").at("status"), "status") == "");
    Json wrong = status_json(status, 0);
    wrong["state"] = "dreaming";
    wrong["surprise"] = 1;
    CHECK(validator.faults(wrong, root.at("$defs").at("status"), "status") ==
          "status.state is dreaming\nstatus.surprise is not told\n");
}
