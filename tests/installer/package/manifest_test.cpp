#include "installer/package/manifest.h"

#include "installer/package/member_name.h"
#include "tests/installer/package/example_manifest.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a manifest comes back from its JSON as it was") {
    const Manifest manifest = example_manifest();
    CHECK(manifest_from_json(manifest_json(manifest)) == manifest);
    CHECK(manifest_from_json(parse_json(canonical_json(manifest_json(manifest)))) == manifest);
    CHECK(text(manifest) == "backup-archive-client 8.1.27.0 for linux-x86_64");

    Manifest other = manifest;
    other.signature = {SignatureResult::waived, "", "A. Person", "the vendor's key is new"};
    other.way_back_only = true;
    other.from_at_least.reset();
    other.from_at_most.reset();
    other.bits = 32;
    other.notes.clear();
    other.absent.clear();
    other.requirements.clear();
    other.one_way_edges.clear();
    CHECK(manifest_from_json(manifest_json(other)) == other);
    other.signature = {};
    CHECK(manifest_from_json(manifest_json(other)) == other);
}

TEST_CASE("what staging takes is the sum of the files, one that holds several packages once") {
    Manifest manifest = example_manifest();
    const std::uint64_t before = manifest.staged_bytes();
    Payload second = manifest.payloads[2];
    second.id.name = "TIVsm-BA.common";
    manifest.payloads.push_back(second);
    CHECK(manifest.staged_bytes() == before);
    CHECK(manifest_from_json(manifest_json(manifest)) == manifest);
}

TEST_CASE("a one-way edge covers the levels between its ends, both included") {
    const Manifest manifest = example_manifest();
    CHECK(manifest.one_way_from({7, 1, 7, 9999}) == &manifest.one_way_edges[0]);
    CHECK(manifest.one_way_from({7, 1, 8, 0}) == nullptr);
    CHECK(manifest.one_way_from({0, 0, 0, 0}) == &manifest.one_way_edges[0]);
}

TEST_CASE("a manifest that is not exactly as it must be is refused with the field's path and why") {
    struct Case {
        const char* what;
        std::function<void(Json&)> spoil;
        const char* message;
        std::function<void(Json&)> neighbour; ///< the nearest that is taken
    };
    const auto whole = [](Json&) {};
    const auto payload = [](Json& json, std::size_t i) -> Json& { return json["payloads"].array().at(i); };
    const Case cases[] = {
        {"another format", [](Json& j) { j["format"] = 3; },
         "manifest_too_new: cannot use the manifest: its format is 3, this agent knows format 2; update the agent "
         "first",
         [](Json& j) { j["format"] = 2; }},
        {"no format", [](Json& j) { j.object().erase("format"); },
         "manifest_malformed: cannot use the manifest: format: it is missing", whole},
        {"unknown field", [](Json& j) { j["only_on_sundays"] = true; },
         "manifest_malformed: cannot use the manifest: only_on_sundays: this agent does not know the field; it may be "
         "a "
         "restriction that a newer agent understands",
         [](Json& j) { j["notes"] = "on sundays"; }},
        {"unknown field below", [&](Json& j) { payload(j, 1)["weight"] = 7; },
         "manifest_malformed: cannot use the manifest: payloads[1].weight: this agent does not know the field; it may "
         "be a "
         "restriction that a newer agent understands",
         [&](Json& j) { payload(j, 1)["size"] = 7; }},
        {"wrong type", [](Json& j) { j["release"] = 8; },
         "manifest_malformed: cannot use the manifest: release: expected a text, found a number",
         [](Json& j) { j["release"] = "8.1.27.0"; }},
        {"no level", [](Json& j) { j["release"] = "8.1.27"; },
         "manifest_malformed: cannot use the manifest: release: expected a level like 8.1.27.0, found \"8.1.27\"",
         [](Json& j) { j["release"] = "8.1.27.1"; }},
        {"unknown installer", [](Json& j) { j["installer"] = "pip"; },
         "manifest_malformed: cannot use the manifest: installer: expected one of rpm, dpkg, installp, msi; found "
         "\"pip\"",
         [](Json& j) { j["installer"] = "dpkg"; }},
        {"platform with a slash", [](Json& j) { j["platform"] = "../aix"; },
         "manifest_malformed: cannot use the manifest: platform: expected lowercase letters, digits, '-', '_' and '.'",
         [](Json& j) { j["platform"] = "aix"; }},
        {"bits", [](Json& j) { j["bits"] = 48; },
         "manifest_malformed: cannot use the manifest: bits: expected 32 or 64", [](Json& j) { j["bits"] = 32; }},
        {"levels the wrong way round", [](Json& j) { j["from_at_most"] = "7.0.0.0"; },
         "manifest_malformed: cannot use the manifest: from_at_most: it is lower than from_at_least",
         [](Json& j) { j["from_at_most"] = j["from_at_least"]; }},
        {"no payloads", [](Json& j) { j["payloads"] = Json::Array{}; },
         "manifest_malformed: cannot use the manifest: payloads: none of them is required, so there is nothing to "
         "install",
         [&](Json& j) { j["payloads"] = Json::Array{payload(j, 2)}; }},
        {"payload that leads out", [&](Json& j) { payload(j, 0)["path"] = "../passwd"; },
         "manifest_malformed: cannot use the manifest: payloads[0].path: it leads out by \"..\"",
         [&](Json& j) { payload(j, 0)["path"] = "..passwd"; }},
        {"short hash", [&](Json& j) { payload(j, 0)["sha256"] = "abc"; },
         "manifest_malformed: cannot use the manifest: payloads[0].sha256: expected 64 lowercase hexadecimal digits, "
         "found \"abc\"",
         [&](Json& j) { payload(j, 0)["sha256"] = std::string(64, 'a'); }},
        {"negative size", [&](Json& j) { payload(j, 0)["size"] = -1; },
         "manifest_malformed: cannot use the manifest: payloads[0].size: expected 0 to 1099511627776, found -1",
         [&](Json& j) { payload(j, 0)["size"] = 0; }},
        {"one path, two contents", [&](Json& j) { payload(j, 1)["path"] = payload(j, 0)["path"]; },
         "manifest_malformed: cannot use the manifest: payloads[1].path: \"gskcrypt64-8.0-60.4.linux.x86_64.rpm\" "
         "stands "
         "twice, with different content",
         [&](Json& j) {
             for (const char* field : {"path", "sha256", "size"})
                 payload(j, 1)[field] = payload(j, 0)[field];
         }},
        {"paths that collide", [&](Json& j) { payload(j, 1)["path"] = "tivsm-ba.x86_64.RPM"; },
         "manifest_malformed: cannot use the manifest: payloads[2].path: it differs from \"tivsm-ba.x86_64.RPM\" by "
         "letter "
         "case only",
         [&](Json& j) { payload(j, 1)["path"] = "tivsm-ba2.x86_64.RPM"; }},
        {"one package twice", [&](Json& j) { payload(j, 2)["name"] = "gskcrypt64"; },
         "manifest_malformed: cannot use the manifest: payloads[2].name: the package gskcrypt64 stands in payloads[0] "
         "already",
         [&](Json& j) { payload(j, 2)["name"] = "gskcrypt65"; }},
        {"wanted and not wanted", [](Json& j) { j["absent"] = Json::Array{"TIVsm-BA"}; },
         "manifest_malformed: cannot use the manifest: absent[0]: the package is one of the payloads",
         [](Json& j) { j["absent"] = Json::Array{"TIVsm-BA2"}; }},
        {"name twice",
         [](Json& j) {
             j["absent"] = Json::Array{"a", "a"};
         },
         "manifest_malformed: cannot use the manifest: absent[1]: \"a\" stands twice",
         [](Json& j) {
             j["absent"] = Json::Array{"a", "b"};
         }},
        {"waiver without a name",
         [](Json& j) {
             j["signature"] = Json::Object{{"result", "waived"}, {"waiver_reason", "in a hurry"}};
         },
         "manifest_malformed: cannot use the manifest: signature.waived_by: it is missing",
         [](Json& j) {
             j["signature"] = Json::Object{{"result", "waived"}, {"waived_by", "a"}, {"waiver_reason", "in a hurry"}};
         }},
        {"more in the payloads than in the archive", [](Json& j) { j["unpacked_bytes"] = 10; },
         "manifest_malformed: cannot use the manifest: unpacked_bytes: it is less than the payloads have together",
         [](Json& j) { j["unpacked_bytes"] = std::int64_t(example_manifest().staged_bytes()); }},
        {"edge without a reason", [](Json& j) { j["one_way_edges"].array().at(0)["reason"] = ""; },
         "manifest_malformed: cannot use the manifest: one_way_edges[0].reason: it is empty",
         [](Json& j) { j["one_way_edges"].array().at(0)["reason"] = "r"; }},
        {"control character", [](Json& j) { j["notes"] = "a\nb"; },
         "manifest_malformed: cannot use the manifest: notes: it holds a control character",
         [](Json& j) { j["notes"] = "a b"; }},
    };
    CHECK_NOTHROW(manifest_from_json(manifest_json(example_manifest())));
    for (const Case& bad : cases) {
        CAPTURE(bad.what);
        Json json = manifest_json(example_manifest());
        bad.spoil(json);
        CHECK(error_of([&] { manifest_from_json(json); }) == bad.message);
        json = manifest_json(example_manifest());
        bad.neighbour(json);
        CHECK_NOTHROW(manifest_from_json(json));
    }
    CHECK(error_of([] { manifest_from_json(Json()); }) ==
          "manifest_malformed: cannot use the manifest: expected an object, found null");
}

namespace {

Manifest windows_manifest() {
    Manifest manifest = example_manifest("8.1.27.0", "windows-x64");
    manifest.installer = "msi";
    Payload payload;
    payload.path = "TSMClient/ISSetupPrerequisites/{1}/vc_redist.x64.exe";
    payload.sha256 = std::string(64, 'c');
    payload.size = 25;
    payload.use = PayloadUse::prerequisite;
    payload.id = {"Microsoft Visual C++ 2015-2022 Redistributable (x64)", "14.38.33130", "x64"};
    payload.installed_bytes = 75;
    payload.how = Prerequisite{PrerequisiteKind::vc_redist,
                               {"HKLM64\\SOFTWARE\\Microsoft\\VisualStudio\\14.0\\VC\\Runtimes\\x64"},
                               "",
                               "Installed",
                               "Version",
                               {"msvcp140.dll"}};
    manifest.payloads.push_back(payload);
    payload.path = "TSMClient/ISSetupPrerequisites/{2}/spinstall.exe";
    payload.id = {"IBM Java", "8.0.8.20", "x86"};
    payload.how = Prerequisite{PrerequisiteKind::spinstall,
                               {"HKLM64\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"},
                               "IBM Java*",
                               "",
                               "DisplayVersion",
                               {}};
    manifest.payloads.push_back(payload);
    return manifest;
}

} // namespace

TEST_CASE("prerequisites stand in manifests of format 2, and all others stay as older agents read them") {
    const Manifest manifest = windows_manifest();
    CHECK(manifest_json(manifest).at("format").integer() == 2);
    CHECK(manifest_from_json(parse_json(canonical_json(manifest_json(manifest)))) == manifest);
    CHECK(manifest_json(example_manifest()).at("format").integer() == 1);
    Json first = manifest_json(example_manifest());
    CHECK(manifest_from_json(first) == example_manifest());
    CHECK(manifest.staged_bytes() == example_manifest("8.1.27.0", "windows-x64").staged_bytes() + 50);
}

TEST_CASE("a prerequisite that is not exactly as it must be is refused with the field's path and why") {
    struct Case {
        const char* what;
        std::function<void(Json& manifest, Json& payload)> spoil;
        const char* message;
        std::function<void(Json& manifest, Json& payload)> neighbour;
    };
    const auto whole = [](Json&, Json&) {};
    const Case cases[] = {
        {"in the older format", [](Json& j, Json&) { j["format"] = 1; },
         "payloads[5].use: there are prerequisites from format 2 on", whole},
        {"of another system", [](Json& j, Json&) { j["installer"] = "rpm"; },
         "payloads[5].use: only packages for Windows have prerequisites", whole},
        {"version in words", [](Json&, Json& p) { p["version"] = "14.38-beta"; },
         "payloads[5].version: expected one to four numbers with dots between them, found \"14.38-beta\"",
         [](Json&, Json& p) { p["version"] = "14"; }},
        {"version of five numbers", [](Json&, Json& p) { p["version"] = "1.2.3.4.5"; },
         "payloads[5].version: expected one to four numbers with dots between them, found \"1.2.3.4.5\"",
         [](Json&, Json& p) { p["version"] = "1.2.3.4"; }},
        {"architecture", [](Json&, Json& p) { p["architecture"] = "amd64"; },
         "payloads[5].architecture: expected x64 or x86, found \"amd64\"",
         [](Json&, Json& p) { p["architecture"] = "x86"; }},
        {"no way to install it", [](Json&, Json& p) { p.object().erase("how"); }, "payloads[5].how: it is missing",
         whole},
        {"unknown kind", [](Json&, Json& p) { p["how"]["kind"] = "bat"; },
         "payloads[5].how.kind: expected one of vc_redist, vc_redist_2010, spinstall, msi; found \"bat\"",
         [](Json&, Json& p) { p["how"]["kind"] = "msi"; }},
        {"a switch of its own", [](Json&, Json& p) { p["how"]["arguments"] = "/forcerestart"; },
         "payloads[5].how.arguments: this agent does not know the field; it may be a restriction that a newer agent "
         "understands",
         whole},
        {"nothing tells it", [](Json&, Json& p) { p["how"]["keys"] = Json::Array{}; },
         "payloads[5].how.keys: there is none, so nothing could tell that it is installed", whole},
        {"a key elsewhere", [](Json&, Json& p) { p["how"]["keys"] = Json::Array{"HKLM64\\SYSTEM\\a"}; },
         "payloads[5].how.keys[0]: expected HKLM64\\SOFTWARE\\… or HKLM32\\SOFTWARE\\…",
         [](Json&, Json& p) { p["how"]["keys"] = Json::Array{"HKLM32\\SOFTWARE\\a"}; }},
        {"any name", [](Json&, Json& p) { p["how"]["display_name"] = "*"; },
         "payloads[5].how.display_name: it would fit anything",
         [](Json&, Json& p) { p["how"]["display_name"] = "a*"; }},
        {"no version", [](Json&, Json& p) { p["how"].object().erase("version_value"); },
         "payloads[5].how.version_value: it is missing", whole},
        {"one file twice", [](Json& j, Json& p) { p["path"] = j["payloads"].array().at(0)["path"]; },
         "payloads[5].path: \"gskcrypt64-8.0-60.4.linux.x86_64.rpm\" stands twice, with different content",
         [](Json&, Json& p) { p["path"] = "another.exe"; }},
        {"a package and a prerequisite in one file",
         [](Json& j, Json& p) {
             for (const char* field : {"path", "sha256", "size"})
                 p[field] = j["payloads"].array().at(0)[field];
         },
         "payloads[5].path: \"gskcrypt64-8.0-60.4.linux.x86_64.rpm\" stands twice", whole},
    };
    for (const Case& bad : cases) {
        CAPTURE(bad.what);
        Json json = manifest_json(windows_manifest());
        bad.spoil(json, json["payloads"].array().at(5));
        CHECK(error_of([&] { manifest_from_json(json); }) ==
              std::string("manifest_malformed: cannot use the manifest: ") + bad.message);
        json = manifest_json(windows_manifest());
        bad.neighbour(json, json["payloads"].array().at(5));
        CHECK_NOTHROW(manifest_from_json(json));
    }
}

TEST_CASE("what a publisher describes by hand is read as strictly") {
    Json entry = manifest_json(windows_manifest())["payloads"].array().at(5);
    for (const char* field : {"use", "sha256", "size"})
        entry.object().erase(field);
    const auto read = [&] { return prerequisites_from_json(Json::Object{{"prerequisites", Json::Array{entry}}}); };
    Payload wanted = windows_manifest().payloads.at(5);
    wanted.sha256.clear();
    wanted.size = 0;
    CHECK(read() == std::vector<Payload>{wanted});
    entry["size"] = 7;
    CHECK(error_of(read) ==
          "manifest_malformed: cannot use the description of prerequisites: prerequisites[0].size: this "
          "agent does not know the field; it may be a restriction that a newer agent understands");
    CHECK(error_of([] {
              prerequisites_from_json(Json::Object{{"prerequisite", Json::Array{}}});
          }) ==
          "manifest_malformed: cannot use the description of prerequisites: prerequisite: this agent does not know the "
          "field; it may be a restriction that a newer agent understands");
}

TEST_CASE("a name that some system would take for another place is told, its nearest harmless neighbour is not") {
    struct Case {
        std::string bad;
        const char* why;
        std::string good;
    };
    const Case cases[] = {
        {"", "it has no name", "a"},
        {"/etc/passwd", "its name is absolute", "etc/passwd"},
        {"../a", "it leads out by \"..\"", "..a/a"},
        {"a/../../b", "it leads out by \"..\"", "a/b"},
        {"a/./b", "it has \".\" as a name", "a/.b"},
        {"a//b", "it has an empty name between slashes", "a/b"},
        {"a/", "it has an empty name between slashes", "a"},
        {"C:/a", "its name holds a colon (a drive, or a stream of a file)", "C/a"},
        {"a:b", "its name holds a colon (a drive, or a stream of a file)", "a-b"},
        {"a\\b", "its name holds a backslash", "a/b"},
        {"a/CON", "it has the name of a device of Windows, \"CON\"", "a/CONS"},
        {"nul.txt", "it has the name of a device of Windows, \"nul.txt\"", "null.txt"},
        {"com1", "it has the name of a device of Windows, \"com1\"", "com10"},
        {"LPT\xC2\xB9.rpm", "it has the name of a device of Windows, \"LPT\xC2\xB9.rpm\"", "LPT\xC2\xB4.rpm"},
        {"a.", "it has a name that ends with a blank or a dot", "a.b"},
        {"a /b", "it has a name that ends with a blank or a dot", "a a/b"},
        {" a", "it has a name that begins with a blank", "a"},
        {"a*", "its name holds '*', which no file of Windows can have", "a+"},
        {"a\nb", "its name holds a control character", "a b"},
        {std::string("a\0b", 3), "its name holds a control character", "ab"},
        {"\xFF", "its name is not UTF-8", "\xC3\xBF"},
        {"\xC0\xAE\xC0\xAE/a", "its name is not UTF-8", "\xC2\xAE/a"},
        {std::string(201, 'a'), "it has a name of more than 200 bytes", std::string(200, 'a')},
    };
    for (const Case& one : cases) {
        CAPTURE(one.bad);
        CHECK(unsafe_member_name(one.bad).value_or("fine") == one.why);
        CHECK(unsafe_member_name(one.good).value_or("fine") == "fine");
    }
    std::string deep = "a";
    for (int i = 1; i < 32; ++i)
        deep += "/a";
    CHECK_FALSE(unsafe_member_name(deep));
    CHECK(unsafe_member_name(deep + "/a") == "it lies more than 32 directories deep");
    std::string longest(1024, 'a');
    for (std::size_t i = 100; i < longest.size(); i += 100)
        longest[i] = '/';
    CHECK_FALSE(unsafe_member_name(longest));
    CHECK(unsafe_member_name(longest + "a") == "its name is longer than 1024 bytes");
}

TEST_CASE("names that cannot stand beside each other on every system are told") {
    MemberNames names;
    CHECK_FALSE(names.add_file("a/b"));
    CHECK_FALSE(names.add_directory("a"));
    CHECK_FALSE(names.add_file("a/c"));
    CHECK_FALSE(names.add_directory("d"));
    CHECK(names.add_directory("d") == "\"d\" stands twice");
    CHECK(names.add_file("a/b") == "\"a/b\" stands twice");
    CHECK(names.add_file("a/B") == "it differs from \"a/b\" by letter case only");
    CHECK(names.add_file("A/x") == "it differs from \"a\" by letter case only");
    CHECK(names.add_file("a") == "\"a\" is a file and a directory at once");
    CHECK(names.add_file("a/b/c") == "\"a/b\" is a file and a directory at once");
    CHECK(names.add_directory("a/b") == "\"a/b\" is a file and a directory at once");
    CHECK_FALSE(names.add_file("d/b"));
}
