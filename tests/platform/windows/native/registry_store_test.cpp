#include "platform/windows/native/registry_store.h"

#include "platform/error.h"

#include <doctest/doctest.h>

using namespace autodeploy;
using Tree = SettingsStore::Tree;

namespace {

/// Two keys of our own, gone again at the end.
struct OwnKeys {
    RegistryStore registry;
    const std::string native = R"(HKLM64\SOFTWARE\AutodeployTest)";
    const std::string wow = R"(HKLM32\SOFTWARE\AutodeployTest)";

    OwnKeys() { clear(); }
    ~OwnKeys() { clear(); }
    void clear() {
        registry.write(native, {});
        registry.write(wow, {});
    }
};

} // namespace

TEST_CASE("a key of the registry comes back with every type, name and byte of its values") {
    OwnKeys keys;
    const Tree tree{{keys.native,
                     {{"", "1:610062000000"},
                      {"Path", "2:25004100000042"},
                      {"odd", "3:00ff7f"},
                      {"empty", "3:"},
                      {"n", "4:01000000"}}},
                    {keys.native + "\\Node \xC3\x84",
                     {{"\xE2\x82\xAC", "7:6100000000000000"}, {"long", "3:" + std::string(20000, 'a')}}},
                    {keys.native + "\\Node \xC3\x84\\Server", {}}};
    keys.registry.write(keys.native, tree);
    CHECK(keys.registry.read(keys.native) == tree);
    keys.registry.write(keys.native, tree);
    CHECK(keys.registry.read(keys.native) == tree);
}

TEST_CASE("the two views of the registry are two places") {
    OwnKeys keys;
    keys.registry.write(keys.native, {{keys.native, {{"view", "1:36003400"}}}});
    CHECK(keys.registry.read(keys.wow).empty());
    keys.registry.write(keys.wow, {{keys.wow, {{"view", "1:33003200"}}}});
    CHECK(keys.registry.read(keys.native).at(keys.native).at("view") == "1:36003400");
    CHECK(keys.registry.read(keys.wow).at(keys.wow).at("view") == "1:33003200");
}

TEST_CASE("a key is made exactly so: what is not named goes, by Windows' idea of equal names") {
    OwnKeys keys;
    keys.registry.write(keys.native, {{keys.native, {{"Kept", "4:01000000"}, {"gone", "4:02000000"}}},
                                      {keys.native + "\\Old", {{"a", "3:00"}}},
                                      {keys.native + "\\Old\\Inner", {}},
                                      {keys.native + "\\Old-er", {}},
                                      {keys.native + "\\Other", {{"a", "3:01"}}}});
    keys.registry.write(keys.native,
                        {{keys.native, {{"KEPT", "4:03000000"}}}, {keys.native + "\\OTHER", {{"a", "3:02"}}}});
    CHECK(keys.registry.read(keys.native) ==
          Tree{{keys.native, {{"Kept", "4:03000000"}}}, {keys.native + "\\Other", {{"a", "3:02"}}}});
    keys.registry.write(keys.native, {});
    CHECK(keys.registry.read(keys.native).empty());
}

TEST_CASE("neither a damaged value nor a key of another place is written") {
    OwnKeys keys;
    for (const char* value : {"", "1", "x:00", "3:0", "3:0g", "3:00 "}) {
        CAPTURE(value);
        CHECK_THROWS_AS(keys.registry.write(keys.native, {{keys.native, {{"a", value}}}}), Error);
    }
    CHECK_THROWS_AS(keys.registry.write(keys.native, {{keys.native + "2", {}}}), Error);
    CHECK_THROWS_AS(keys.registry.read(R"(HKCU\SOFTWARE)"), Error);
    CHECK_THROWS_AS(keys.registry.write("HKLM64\\", {}), Error);
}
