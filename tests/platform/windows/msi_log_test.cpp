#include "platform/windows/msi_log.h"

#include "platform/windows/utf16.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

// Form from the public documentation of Windows Installer's log; no log of the vendor's packages was at hand.
const std::string english =
    "=== Verbose logging started: 23.11.2026  18:00:00  Build type: SHIP UNICODE 5.00.10011.00 ===\r\n"
    "Action start 18:00:01: INSTALL.\r\n"
    "CustomAction FailIt returned actual error code 1603 (note this may not be 100% accurate)\r\n"
    "Action ended 18:00:02: InstallExecute. Return value 3.\r\n"
    "Action ended 18:00:02: INSTALL. Return value 3.\r\n"
    "Property(S): ReplacedInUseFiles = 1\r\n"
    "MSI (s) (A4:B0) [18:00:03:123]: Product: Client -- Error 1920. Service 'Größe' failed.\r\n"
    "Error 1920. Service 'Größe' failed.\r\n"
    "Info 1603.The file C:\\a.dll is being held in use by the following process: Name: sqlservr, "
    "Id: 17, Window Title: '(not determined yet)'. Close that application and retry.\r\n"
    "MSI (s) (A4:B0) [18:00:04:000]: MainEngineThread is returning 1603\r\n";

} // namespace

TEST_CASE("a log of msiexec is read as Windows writes it, in UTF-16, and in single bytes") {
    const MsiLog wide = parse_msi_log("\xFF\xFE" + utf16_of_utf8(english));
    CHECK(wide.failed_action == "FailIt");
    CHECK(wide.errors == std::vector<std::string>{"Error 1920. Service 'Größe' failed."});
    CHECK(wide.holders.size() == 1);
    CHECK(wide.files_were_in_use);
    CHECK(wide.result == 1603);
    CHECK(reason_in(wide).starts_with(
        "Error 1920. Service 'Größe' failed.; the action FailIt failed; Info 1603.The file"));
    CHECK(parse_msi_log(english) == wide);
    CHECK(parse_msi_log("Error 1925. Gr\xF6\xDF"
                        "e.\n")
              .errors == std::vector<std::string>{"Error 1925. Größe."});
}

TEST_CASE("the action that failed is the first one that ended so, not the one around it") {
    CHECK(
        parse_msi_log("Action ended 18:00:02: InstallFinalize. Return value 3.\nAction ended 18:00:02: INSTALL. Return "
                      "value 3.\n")
            .failed_action == "InstallFinalize");
    CHECK(parse_msi_log("Action ended 1: A. Return value 1.\n").failed_action.empty());
}

TEST_CASE("a log without anything wrong, empty or damaged, has no reason in it") {
    CHECK(parse_msi_log("") == MsiLog{});
    CHECK(reason_in(parse_msi_log("Error \nError 12\nCustomAction A returned actual error code 0\n")).empty());
    CHECK(parse_msi_log(std::string("\xFF\xFE\x00", 3)) == MsiLog{});
}

TEST_CASE("however long a log is, its reason stays a few lines") {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "Error 1" + std::to_string(100 + i) + ". " + std::string(1000, 'x') + "\n";
    CHECK(reason_in(parse_msi_log(text)).size() < 2100);
}
