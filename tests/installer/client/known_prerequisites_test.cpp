#include "installer/client/known_prerequisites.h"

#include "installer/client/program_version.h"
#include "tests/installer/client/windows_program.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

const std::string folder = "TSMClient/ISSetupPrerequisites/";

} // namespace

TEST_CASE("a program for Windows tells its version, a damaged one tells none") {
    CHECK(windows_program_version(windows_program()) == "14.38.33130.0");
    CHECK(windows_program_version(windows_program(true)) == "14.38.33130.0");
    CHECK(windows_program_version("") == std::nullopt);
    CHECK(windows_program_version("MZ") == std::nullopt);
    const std::string whole = windows_program();
    for (std::size_t length = 0; length < 0x529; ++length)
        CHECK(windows_program_version(whole.substr(0, length)) == std::nullopt);
    // Each number that leads to it, gone astray.
    for (const std::size_t at : {0x3CU, 0x81U, 0x108U, 0x460U, 0x528U}) {
        for (const unsigned wrong : {0U, 0x7FFFFFF0U, 0xFFFFFFFFU}) {
            std::string bytes = whole;
            put32(bytes, at, wrong);
            CAPTURE(at);
            CHECK(windows_program_version(bytes) == std::nullopt);
        }
    }
    std::string turning = whole; // a directory that leads to itself ends all the same
    put32(turning, 0x454, 0x80000040);
    CHECK(windows_program_version(turning) == std::nullopt);
}

TEST_CASE("Visual C++ is known by its name and version below the folder of prerequisites, and nothing else is") {
    const auto known = known_prerequisite(folder + "{1}/vc_redist.x64.exe", "14.38.33130.0");
    REQUIRE(known.has_value());
    CHECK(known->id == PackageId{"Microsoft Visual C++ 2015-2022 Redistributable (x64)", "14.38.33130", "x64"});
    CHECK(known->how.kind == PrerequisiteKind::vc_redist);
    CHECK(known->how.keys ==
          std::vector<std::string>{R"(HKLM64\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64)",
                                   R"(HKLM32\SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64)"});
    CHECK(known->how.installed_value == "Installed");
    CHECK(known->how.version_value == "Version");
    CHECK(known->how.files.front() == "msvcp140.dll");

    const auto old = known_prerequisite(folder + "{270b0954-35ca-4324-bbc6-ba5db9072dad}/setup.exe", "10.0.40219.1");
    REQUIRE(old.has_value());
    CHECK(old->id == PackageId{"Microsoft Visual C++ 2010 Redistributable (x86)", "10.0.40219", "x86"});
    CHECK(old->how.kind == PrerequisiteKind::vc_redist_2010);
    CHECK(
        known_prerequisite(folder + "{3A3AF437-A9CD-472f-9BC9-8EEDD7505A02}/a.exe", "11.0.61030.0")->id.architecture ==
        "x64");

    for (const auto& file : std::vector<std::pair<std::string, std::string>>{
             {"TSMClient/vc_redist.x64.exe", "14.38.33130.0"}, // elsewhere
             {folder + "{1}/vc_redist.x64.exe", ""},           // no version
             {folder + "{1}/vc_redist.x64.exe", "15.0.0.0"},   // a generation of later
             {folder + "{1}/vc_redist.x64.exe", "140.0.0.0"},  // no such one
             {folder + "{1}/vc_redist.arm64.exe", "14.38.33130.0"},
             {folder + "{1}/vc_redist.exe", "14.38.33130.0"},
             {folder + "{2}/spinstall.exe", "8.0.8.20"},
             {folder + "{1}/vc_redist.x64.txt", "14.38.33130.0"}}) {
        CAPTURE(file.first);
        CAPTURE(file.second);
        CHECK_FALSE(known_prerequisite(file.first, file.second).has_value());
    }
    CHECK(is_below_prerequisites("a/issetupprerequisites/b.exe"));
    CHECK_FALSE(is_below_prerequisites("a/ISSetupPrerequisites"));
}
