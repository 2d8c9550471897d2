#include "platform/aix/aix_clock.h"

#include "platform/error.h"

#include <utmpx.h>

namespace autodeploy {

std::string AixClock::boot_id() {
    ::setutxent();
    std::string found;
    while (const utmpx* const record = ::getutxent())
        if (record->ut_type == BOOT_TIME)
            found = "boot-" + std::to_string(record->ut_tv.tv_sec) + "-" + std::to_string(record->ut_tv.tv_usec);
    ::endutxent();
    if (found.empty())
        throw Error("io_error", "cannot tell one start of the machine from another: the record of who is logged on "
                                "(utmp; try `who -b`) does not have it");
    return found;
}

} // namespace autodeploy
