#include "agent/reports/evidence.h"

#include "agent/reports/redact.h"
#include "installer/json.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("what must not leave the machine is taken out of texts") {
    const std::pair<const char*, const char*> table[] = {
        {"PASSWORD geheim", "PASSWORD ***"},
        {"dsmc set password -password=abc def", "dsmc set password ***"},
        {"\"passphrase\": \"x\",", "\"passphrase\": \"***"},
        {"PASSWORDACCESS generate", "PASSWORDACCESS generate"},
        {"PASSWORDDIR /etc/adsm", "PASSWORDDIR /etc/adsm"},
        {"proxy: http://user:pass@proxy:8080/x", "proxy: http://***@proxy:8080/x"},
        {"https://host/a@b", "https://host/a@b"},
        {"key_password=1", "key_password=***"},
        {"a\n-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nb", "a\n***\n***\n***\nb"},
        {"", ""},
    };
    for (const auto& [text, expected] : table)
        CHECK(redacted(text) == expected);
}

TEST_CASE("JSON stays JSON when secrets are taken out of it") {
    const std::string report = R"({"kind": "password store", "secret": true, "token": "x", "users": [{"password": "y"}],
"proxy": "http://me:z@proxy.example", "why": "PASSWORD geheim", "plain": "p"})";
    const Json cut = parse_json(redacted(report));
    CHECK(cut.at("kind").string() == "password ***");
    CHECK(cut.at("secret") == Json(true));
    CHECK(cut.at("token").string() == "***");
    CHECK(cut.at("users").array()[0].at("password").string() == "***");
    CHECK(cut.at("proxy").string() == "http://***@proxy.example");
    CHECK(cut.at("why").string() == "PASSWORD ***");
    CHECK(cut.at("plain").string() == "p");
    CHECK(redacted(R"({"token": 12, "password": ["x"], "secret": {"a": "b"}})") ==
          R"({"password":"***","secret":"***","token":"***"})");
    // Line by line, where each is a document, if there is only one, too; half a document is text.
    CHECK(redacted("{\"password\":\"x\"}\n") == "{\"password\":\"***\"}\n");
    CHECK(redacted("{\"password\":\"x\",\"a\":1}\n{\"password\":\"x\",\n") ==
          "{\"a\":1,\"password\":\"***\"}\n{\"password\":\"***\n");
}

TEST_CASE("names are hidden as whole words, in any letter case, the longer one first") {
    HiddenNames names;
    for (const char* node : {"DB01", "db01-logs", "", "db01"})
        names.add("node", node);
    names.add("server", "backup.example.com");
    const std::pair<const char*, const char*> table[] = {
        {"node DB01, service", "node node-1, service"},
        {"db01-logs db01", "node-2 node-1"},
        {"xdb01 db012 db01_a", "xdb01 db012 db01_a"},
        {"\"db01\":1", "\"node-1\":1"},
        {"Backup.Example.Com:1500", "server-1:1500"},
        {"on db01.", "on node-1."},
        {"backup.example.community", "backup.example.community"},
        {"", ""},
    };
    for (const auto& [text, expected] : table)
        CHECK(names.hide(text) == expected);
}

TEST_CASE("evidence stays within its limit, the beginning and the end of a long text are kept") {
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    Evidence evidence(files, "/state/attempts", "1", 1000);
    evidence.add("plan.txt", "begin" + std::string(5000, 'x') + "end");
    const std::string plan = *files.content("/state/attempts/1/evidence/plan.txt");
    CHECK(plan.size() <= 1000);
    CHECK(plan.starts_with("begin"));
    CHECK(plan.ends_with("end"));
    CHECK(plan.find("left out") != std::string::npos);
}

TEST_CASE("what native tools wrote is cut to the limit, its last lines stay whole") {
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    Evidence evidence(files, "/state/attempts", "1", 10000);
    files.put("/state/attempts/1/evidence/rpm.log", std::string(50000, 'x') + "\nlast line\nthe end");
    evidence.bound();
    const std::string log = *files.content("/state/attempts/1/evidence/rpm.log");
    CHECK(log.size() <= 10000);
    CHECK(log == "last line\nthe end");
}

TEST_CASE("evidence that cannot be written fails nothing") {
    FakeFileSystem files;
    files.put_directory("/state", 0700);
    Evidence evidence(files, "/state/attempts", "1", 1000);
    files.fail_path("/state/attempts/1/evidence/plan.txt", "disk_full");
    CHECK_NOTHROW(evidence.add("plan.txt", "x"));
}

TEST_CASE("the oldest attempts go, those in use stay") {
    FakeFileSystem files;
    for (const char* id :
         {"20260101T000000Z-0001", "20260102T000000Z-0001", "20260103T000000Z-0001", "20260104T000000Z-0001"})
        files.put("/state/attempts/" + std::string(id) + "/plan.json", "{}");
    prune_attempts(files, "/state/attempts", 2, {"20260101T000000Z-0001"});
    CHECK(files.list("/state/attempts") == std::vector<std::string>{"20260101T000000Z-0001", "20260104T000000Z-0001"});
}
