#include "agent/settings.h"

#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

#include <set>

using namespace autodeploy;

namespace {

std::string refusal(const std::string& yaml) {
    try {
        parse_settings(yaml, "/etc/x.yaml");
    } catch (const Error& error) {
        CHECK(error.cause() == "settings_invalid");
        return error.what();
    }
    return "accepted";
}

} // namespace

TEST_CASE("an empty file is the defaults") {
    for (const char* yaml : {"", "\n", "# nothing\n", "---\n", "repository:\nwait:\n"})
        CHECK(parse_settings(yaml, "x") == Settings{});
}

TEST_CASE("settings are read") {
    const Settings settings = parse_settings("mode: armed\n"
                                             "pin: 8.1.27.0\n"
                                             "repository:\n"
                                             "  mirrors: [https://updates.example:8443/client, /media/updates]\n"
                                             "  bytes_per_second: 2MiB\n"
                                             "  idle_timeout: 90s\n"
                                             "wait:\n"
                                             "  window:\n"
                                             "    - mon-fri 20:00-04:00\n"
                                             "    - \"sat,sun 00:00-24:00\"\n"
                                             "  deadline: 2d\n"
                                             "  at_deadline: proceed_if_unknown\n"
                                             "apply: {kill_at_deadline: true}\n"
                                             "requirements:\n"
                                             "  room: warning\n",
                                             "x");
    CHECK(settings.mode == Mode::armed);
    CHECK(settings.pin == ClientVersion{8, 1, 27, 0});
    CHECK(settings.repository.mirrors.size() == 2);
    CHECK(settings.repository.bytes_per_second == 2 << 20);
    CHECK(settings.repository.idle_timeout == Seconds(90));
    CHECK(settings.wait.window.rules.size() == 2);
    CHECK(settings.wait.deadline == Seconds(2 * 86400));
    CHECK(settings.wait.at_deadline == DeadlinePolicy::proceed_if_unknown);
    CHECK(settings.apply.kill_at_deadline);
    CHECK(settings.requirements.at("room") == Severity::warning);
}

TEST_CASE("bad settings are told with file, line, what was expected and what was found") {
    const struct {
        const char* yaml;
        const char* message;
        const char* good; ///< the smallest valid neighbour
    } table[] = {
        {"\nmod: armed\n", "/etc/x.yaml:2: there is no setting mod; did you mean mode?", "\nmode: armed\n"},
        {"mode: on\n", "x.yaml:1: mode must be one of observe, armed, follow, not \"on\"", "mode: observe\n"},
        {"mode: armed\nmode: armed\n", "x.yaml:2: mode stands here again, after line 1", "mode: armed\n"},
        {"mode: [armed]\n", "mode must be one of observe, armed, follow, not a list", "mode: armed\n"},
        {"mode:\n", "not nothing", "mode: follow\n"},
        {"wait:\n  deadlin: 1h\n", "x.yaml:2: there is no setting wait.deadlin; did you mean wait.deadline?",
         "wait:\n  deadline: 1h\n"},
        {"deadline: 1h\n", "did you mean wait.deadline?", "wait: {deadline: 1h}\n"},
        {"wait:\n  deadline: 1 hour\n", "a duration from 1s to 30d, like 90s, 5m, 2h or 1d, not \"1 hour\"",
         "wait:\n  deadline: 1h\n"},
        {"wait:\n  deadline: 31d\n", "from 1s to 30d", "wait:\n  deadline: 30d\n"},
        {"wait:\n  deadline: 99999999999999999999w\n", "from 1s to 30d", "wait:\n  deadline: 4w\n"},
        {"wait:\n  jitter: 500ms\n", "whole seconds", "wait:\n  jitter: 5s\n"},
        {"wait:\n  window: [fryday 20:00-21:00]\n", "\"fryday\" is no day", "wait:\n  window: [fri 20:00-21:00]\n"},
        {"wait:\n  window: fri 20:00-21:00\n", "must be a list", "wait:\n  window: [fri 20:00-21:00]\n"},
        {"wait: 5\n", "wait must be a block of keys, not a text", "wait: {look_every: 5s}\n"},
        {"repository: {mirrors: [http://updates.example/]}\n", "http is for addresses of this very machine only",
         "repository: {mirrors: [http://127.0.0.1:8080/]}\n"},
        {"repository: {mirrors: [http://localhost.example/]}\n", "http is for addresses of this very machine only",
         "repository: {mirrors: [http://localhost/]}\n"},
        {"repository: {mirrors: [http://127.0.0.1.example/]}\n", "http is for addresses of this very machine only",
         "repository: {mirrors: [\"http://[::1]:8080/\"]}\n"},
        {"repository: {mirrors: [http://localhost@example/]}\n",
         "https://HOST:PORT/PATH, an absolute path, or retrieve", "repository: {mirrors: [http://localhost:80/]}\n"},
        {"repository: {mirrors: [https://]}\n", "https://HOST:PORT/PATH", "repository: {mirrors: [https://x]}\n"},
        {"repository: {mirrors: [https://x:0/]}\n", "https://HOST:PORT/PATH",
         "repository: {mirrors: [https://x:1/]}\n"},
        {"repository: {mirrors: [\"/a\\nb\"]}\n", "without control characters", "repository: {mirrors: [\"/a b\"]}\n"},
        {"repository: {no_proxy: [Host]}\n", "HOST or .DOMAIN", "repository: {no_proxy: [host, .domain]}\n"},
        {"repository: {proxy: \"http://:3128\"}\n", "http://HOST:PORT", "repository: {proxy: \"http://p:3128\"}\n"},
        {"repository: {mirrors: [updates]}\n", "an absolute path", "repository: {mirrors: [/updates]}\n"},
        {"repository: {mirrors: [ftp://x/]}\n", "https://HOST:PORT/PATH", "repository: {mirrors: [https://x/]}\n"},
        {"repository: {mirrors: [[a]]}\n", "must be a list of texts, not of a list", "repository: {mirrors: [/a]}\n"},
        {"repository: {mirrors: [retrieve]}\n", "needs repository.retrieve_command",
         "repository: {mirrors: [retrieve], retrieve_command: [/usr/bin/dsmc, retrieve, \"{directory}\"]}\n"},
        {"repository: {client_key: /k}\n", "belong together", "repository: {client_key: /k, client_certificate: /c}\n"},
        {"retry: {attempts: 0}\n", "a number from 1 to 20", "retry: {attempts: 1}\n"},
        {"retry: {pause: 2h, longest_pause: 1h}\n", "must not be shorter", "retry: {pause: 1h, longest_pause: 1h}\n"},
        {"limits: {spare_bytes: 200MB}\n", "a size from 0 to 1TiB, like 200MiB or 8GiB",
         "limits: {spare_bytes: 200MiB}\n"},
        {"apply: {kill_at_deadline: yes}\n", "must be true or false, not \"yes\"", "apply: {kill_at_deadline: true}\n"},
        {"restart: yes\n", "restart must be one of never, in_window, at_once", "restart: in_window\n"},
        {"report: {textfile: /var/lib/metrics/autodeploy.txt}\n", "an absolute path that ends with .prom",
         "report: {textfile: /var/lib/metrics/autodeploy.prom}\n"},
        {"report: {textfile: /tmp/autodeploy.prom}\n", "not below /tmp or /var/tmp, of which the service has its own",
         "report: {textfile: /tmpfs/autodeploy.prom}\n"},
        {"hold_files: [/var/tmp/hold]\n", "not below /tmp or /var/tmp", "hold_files: [/var/lib/hold]\n"},
        {"pin: 8.1\n", "a version like 8.1.27.0", "pin: 8.1.27.0\n"},
        {"channel: a/b\n", "letters, digits", "channel: a-b\n"},
        {"requirements: {room: ignore}\n", "requirements.room must be one of blocker, warning, note",
         "requirements: {room: note}\n"},
        {"requirements: {disk-room: note}\n", "there is no requirement disk-room", "requirements: {room: note}\n"},
        {"requirements: {no-clusters: note}\n", "did you mean no-cluster?", "requirements: {no-cluster: note}\n"},
        {"hold_files:\n  - /a\n  - b\n", "x.yaml:3: each of hold_files must be an absolute path, not \"b\"",
         "hold_files:\n  - /a\n  - /b\n"},
        {"repository: {mirrors: [/a, ftp://b]}\n", "or retrieve, not \"ftp://b\"", "repository: {mirrors: [/a, /b]}\n"},
        {"wait: {window: [daily 01:00-02:00, mon 25:00-26:00]}\n",
         "x.yaml:1: wait.window: cannot use the maintenance window \"mon 25:00-26:00\": \"25:00\" is no time of a day",
         "wait: {window: [daily 01:00-02:00, mon 22:00-23:00]}\n"},
        {"mode: \"\\e[31m\\0\"\n", "not \"?[31m?\"", "mode: armed\n"},
        {"- mode\n", "must be keys with values", "mode: armed\n"},
        {"mode: armed\n---\nmode: armed\n", "a second document", "---\nmode: armed\n"},
        {"mode: [armed\n", "it is no YAML", "mode: armed\n"},
        {"a: b: c\n", "it is no YAML", "mode: armed\n"},
    };
    for (const auto& row : table) {
        const std::string message = refusal(row.yaml);
        CAPTURE(row.yaml);
        CAPTURE(message);
        CHECK(message.starts_with("cannot use the settings /etc/x.yaml:"));
        CHECK(message.find(row.message) != std::string::npos);
        CHECK(refusal(row.good) == "accepted");
    }
}

TEST_CASE("a character that may not stand there ends the reading and is told") {
    const std::string told = ": it is no YAML: a character that cannot stand here";
    for (const auto& [yaml, line] : {std::pair{",", 1}, {"# nothing\n,\n", 2}, {"mode: armed\n...\n,\n", 3}})
        CHECK(refusal(yaml) == "cannot use the settings /etc/x.yaml:" + std::to_string(line) + told);
    for (const char* yaml : {",mode: armed\n", "mode: armed\n,\n"})
        CHECK(refusal(yaml) != "accepted");
}

TEST_CASE("no short text of YAML's own characters keeps the reader") {
    const std::string alphabet = ",[]{}:-?#&*!|>%@`'\". \n\ta";
    int refused = 0;
    const auto read_all = [&](const std::string& front) {
        for (const char a : alphabet)
            for (const char b : alphabet)
                for (const char c : {' ', '\n', ',', ']', '}', ':', '-'})
                    refused += refusal(front + a + b + c) != "accepted";
    };
    for (const char* front : {"", "mode: armed\n", "wait: {", "node_names: [", "- "})
        read_all(front);
    CHECK(refused > 1000);
}

TEST_CASE("nesting without end is refused and not followed") {
    CHECK(refusal(std::string(100000, '[')) != "accepted");
    CHECK(refusal("mode: " + std::string(100000, '{')) != "accepted");
}

TEST_CASE("what is printed is read back as it was") {
    CHECK(parse_settings(settings_yaml(Settings{}), "x") == Settings{});
    Settings settings;
    settings.mode = Mode::observe;
    settings.pin = ClientVersion{8, 1, 27, 0};
    settings.repository.mirrors = {"https://a:8443/x y", "/media/\"quoted\" \\ path"};
    settings.repository.retrieve_command = {"/usr/bin/dsmc", "retrieve", "-replace=all", "{directory}"};
    settings.wait.window.rules = {parse_window_rule("mon-fri 20:00-04:00")};
    settings.wait.deadline = Seconds(90);
    settings.requirements["room"] = Severity::note;
    settings.hold_files = {"/etc/other/hold"};
    settings.limits.spare_bytes = 12345;
    CHECK(parse_settings(settings_yaml(settings), "x") == settings);
}

TEST_CASE("every setting is described once, with a default that can be read") {
    std::set<std::string> keys;
    for (const SettingDescription& description : describe_settings({})) {
        CHECK(keys.insert(description.key).second);
        CHECK(!description.meaning.empty());
        CHECK(!description.type.empty());
    }
    CHECK(keys.size() > 50);
}

TEST_CASE("settings that others may write to, or that are not there, are not used") {
    FakeFileSystem files;
    files.put("/etc/a.yaml", "mode: armed\n", 0644);
    CHECK(load_settings(files, "/etc/a.yaml", {}).mode == Mode::armed);
    const auto cause = [&files](const std::string& path) {
        try {
            load_settings(files, path, {});
        } catch (const Error& error) {
            return error.cause();
        }
        return std::string("accepted");
    };
    CHECK(cause("/etc/none.yaml") == "settings_missing");
    files.put("/etc/b.yaml", "mode: armed\n", 0664);
    CHECK(cause("/etc/b.yaml") == "settings_insecure");
    files.put_directory("/srv/user", 0775);
    files.put("/srv/user/a.yaml", "mode: armed\n", 0644);
    CHECK(cause("/srv/user/a.yaml") == "settings_insecure");
    files.put_link("/etc/c.yaml", "/etc/a.yaml");
    CHECK(cause("/etc/c.yaml") == "settings_insecure");
    files.put("/etc/d.yaml", std::string(2 << 20, '#'), 0644);
    CHECK(cause("/etc/d.yaml") == "file_too_large");
}
