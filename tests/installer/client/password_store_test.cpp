#include "installer/client/password_store.h"

#include "platform/error.h"
#include "tests/fakes/fake_file_system.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

std::string record(const std::string& server, const std::string& node) {
    std::string bytes = "\xEF\x05\x01" + server;
    bytes.resize(3 + 256, '\0');
    bytes += node;
    bytes.resize(3 + 256 + 130, '\0');
    bytes += "label";
    bytes.resize(password_record_size, '\0');
    return bytes;
}

} // namespace

TEST_CASE("the index of the password store is read record by record") {
    const auto records = parse_password_index("/etc/adsm/TSM.IDX", record("SERVER1", "WEB01") + record("S2", "DB"));
    REQUIRE(records.size() == 2);
    CHECK(records[0] == StoredPassword{1, "SERVER1", "WEB01", "label"});
    CHECK(records[1].node == "DB");
    CHECK(parse_password_index("x", "").empty());
}

TEST_CASE("a broken index is told with its record") {
    CHECK_THROWS_WITH_AS(parse_password_index("/etc/adsm/TSM.IDX", record("A", "B") + "\xEF\x05"),
                         "cannot read /etc/adsm/TSM.IDX, record 2: it has 2 bytes instead of 645", Error);
    CHECK_THROWS_WITH_AS(parse_password_index("/etc/adsm/TSM.IDX", std::string(password_record_size, 'x')),
                         "cannot read /etc/adsm/TSM.IDX, record 1: it does not begin with EF 05", Error);
}

TEST_CASE("a field that fills its room has no zero behind it") {
    const auto records = parse_password_index("x", record(std::string(256, 'S'), std::string(130, 'N')));
    CHECK(records.front().server.size() == 256);
    CHECK(records.front().node.size() == 130);
}

TEST_CASE("a stored password is found for its server and node, whatever the case of the letters") {
    FakeFileSystem files;
    files.put("/etc/adsm/TSM.IDX", record("SERVER1", "WEB01"));
    files.put("/etc/adsm/TSM.KDB", "kdb");
    files.put("/etc/adsm/TSM.sth", "sth");
    const auto find = [&files](const char* server, const char* node) {
        return find_stored_password(files, "/etc/adsm", server, node);
    };
    CHECK(find("server1", "web01") ==
          PasswordPresence{Tell::yes, "/etc/adsm/TSM.IDX has the node WEB01 for the server SERVER1"});
    CHECK(find("server1", "").stored == Tell::yes);
    CHECK(find("server1", "web02") ==
          PasswordPresence{Tell::no, "/etc/adsm/TSM.IDX has no entry for the node web02 at the server server1"});
    CHECK(find("server2", "").evidence == "/etc/adsm/TSM.IDX has no entry for the server server2");

    files.put("/etc/adsm/TSM.sth", "");
    CHECK(find("server1", "web01") ==
          PasswordPresence{Tell::no, "/etc/adsm/TSM.IDX has the node WEB01 for the server SERVER1, but "
                                     "/etc/adsm/TSM.sth is missing or empty"});
}

TEST_CASE("what cannot be looked into is unknown, and what is not there is no") {
    FakeFileSystem files;
    CHECK(find_stored_password(files, "/etc/adsm", "A", "B").stored == Tell::no);
    files.put("/etc/adsm/TSM.PWD", "old");
    CHECK(find_stored_password(files, "/etc/adsm", "A", "B").stored == Tell::unknown);
    files.put("/etc/adsm/TSM.IDX", "torn");
    CHECK(find_stored_password(files, "/etc/adsm", "A", "B").stored == Tell::unknown);
    files.fail_path("/etc/adsm/TSM.IDX", "access_denied");
    CHECK(find_stored_password(files, "/etc/adsm", "A", "B").stored == Tell::unknown);
}

TEST_CASE("where each server has a folder of its own, any that has the node will do") {
    FakeFileSystem files;
    CHECK(find_stored_password_below(files, "/store/Nodes/WEB01", "WEB01") ==
          PasswordPresence{Tell::no, "/store/Nodes/WEB01 is not there"});
    files.put_directory("/store/Nodes/WEB01");
    files.put("/store/Nodes/WEB01/note.txt", "");
    CHECK(find_stored_password_below(files, "/store/Nodes/WEB01", "WEB01").evidence ==
          "/store/Nodes/WEB01 has no folder of a server");
    files.put("/store/Nodes/WEB01/OLD/TSM.IDX", record("OLD", "OTHER"));
    CHECK(find_stored_password_below(files, "/store/Nodes/WEB01", "WEB01") ==
          PasswordPresence{Tell::no, "/store/Nodes/WEB01/OLD/TSM.IDX has no entry for the node WEB01 at any server"});
    files.put("/store/Nodes/WEB01/SERVER1/TSM.IDX", record("SERVER1", "WEB01"));
    files.put("/store/Nodes/WEB01/SERVER1/TSM.KDB", "kdb");
    files.put("/store/Nodes/WEB01/SERVER1/TSM.sth", "sth");
    CHECK(find_stored_password_below(files, "/store/Nodes/WEB01", "WEB01").stored == Tell::yes);
}
