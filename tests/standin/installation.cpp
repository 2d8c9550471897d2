#include "installation.h"

#include "switches.h"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace standin {

std::string missing_part() {
    // Only where it is installed: a package brings .standin and the texts.
    if (::access((own_directory() + "/.standin").c_str(), F_OK) != 0) return {};
    if (::access((own_directory() + "/EN_US/dsmclientV3.cat").c_str(), R_OK) == 0) return {};
    return "ANS0101E NLInit: Unable to open English message repository 'dsmclientV3.cat'.";
}

std::string banner(const std::string& interface, const std::string& release, const std::string& date) {
    std::array<int, 4> part{};
    std::sscanf(release.c_str(), "%d.%d.%d.%d", &part[0], &part[1], &part[2], &part[3]);
    const char* title = "IBM Storage Protect";
    if (part[0] < 8 && (part[0] < 7 || part[1] < 1 || part[2] < 3))
        title = "IBM Tivoli Storage Manager";
    else if (part[0] < 8 || (part[0] == 8 && part[1] == 1 && part[2] < 19))
        title = "IBM Spectrum Protect";
    char text[512];
    std::snprintf(text, sizeof text,
                  "%s\n%s\n  Client Version %d, Release %d, Level %d.%d \n  Client date/time: %s\n"
                  "(c) Copyright by IBM Corporation and other(s) 1990, 2025. All Rights Reserved.\n\n",
                  title, interface.c_str(), part[0], part[1], part[2], part[3], date.c_str());
    return text;
}

} // namespace standin
