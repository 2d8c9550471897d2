#include "installer/client/versions.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a version is exactly four numbers") {
    CHECK(parse_client_version("8.1.27.0") == ClientVersion{8, 1, 27, 0});
    CHECK(text(ClientVersion{8, 1, 27, 0}) == "8.1.27.0");
    for (const char* bad : {"", "8", "8.1.27", "8.1.27.", "8.1.27.0.1", "8.1.27-0", " 8.1.27.0", "8.1.27.x", "8..1.2",
                            "99999.1.1.1", "8.1.99999999999999999999.0", "-8.1.2.3"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_client_version(bad));
    }
    CHECK(ClientVersion{8, 1, 9, 3} < ClientVersion{8, 1, 10, 0});
}

TEST_CASE("package versions of all native tools are the client's level") {
    CHECK(parse_package_version("8.1.27-0") == ClientVersion{8, 1, 27, 0});
    CHECK(parse_package_version("8.1.15-2") == ClientVersion{8, 1, 15, 2});
    CHECK(parse_package_version("8.1.25.0") == ClientVersion{8, 1, 25, 0});
    CHECK(parse_package_version("1:8.1.27-0") == ClientVersion{8, 1, 27, 0});
    CHECK_FALSE(parse_package_version("8.0-60.4"));
    CHECK_FALSE(parse_package_version(":8.1.27-0"));
    CHECK_FALSE(parse_package_version("8.1.27-0.el9"));
}

TEST_CASE("the client's own line gives the version, in any language, and never the server's") {
    const char* english = "IBM Spectrum Protect\n"
                          "Command Line Backup-Archive Client Interface\n"
                          "  Client Version 8, Release 1, Level 13.3\n"
                          "  Client date/time: 09/06/2022 09:29:36\n"
                          "(c) Copyright by IBM Corporation and other(s) 1990, 2021. All Rights Reserved.\n"
                          "Node Name: A230-PC46\n"
                          "Session established with server EXT_BACKUP: Linux/ppc64le\n"
                          "  Server Version 8, Release 1, Level 12.114\n";
    CHECK(parse_client_banner(english) == ClientVersion{8, 1, 13, 3});
    CHECK(parse_server_banner(english) == ClientVersion{8, 1, 12, 114});
    CHECK(parse_client_banner("  Client-Version 8, Release 1, Stufe 27.0 \r\n") == ClientVersion{8, 1, 27, 0});
    CHECK_FALSE(parse_client_banner("  Client date/time: 09/06/2022 09:29:36\n"));
    CHECK_FALSE(parse_client_banner("Copyright 1990, 2021, 5.0 x"));
    CHECK_FALSE(parse_client_banner(""));
    CHECK_FALSE(parse_server_banner("Client Version 8, Release 1, Level 13.3\n"));
}

TEST_CASE("the vendor's file names carry the version") {
    CHECK(parse_file_name_version("8.1.27.0-TIV-TSMBAC-LinuxX86_DEB.tar") == ClientVersion{8, 1, 27, 0});
    CHECK(parse_file_name_version("/srv/8.1.25.0-TIV-TSMBAC-AIX.tar.Z") == ClientVersion{8, 1, 25, 0});
    CHECK_FALSE(parse_file_name_version("TIVsm-BA.x86_64.rpm"));
    CHECK_FALSE(parse_file_name_version("8.1.27.0.tar"));
}
