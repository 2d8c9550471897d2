// A power cut for a mounted ext4: from here on nothing reaches the disk, what was not synced is lost.
// Usage: shut_down_ext4 MOUNTPOINT
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int count, char** arguments) {
    constexpr unsigned long ext4_shutdown = _IOR('X', 125, std::uint32_t);
    std::uint32_t without_flushing_the_log = 2;
    if (count != 2) {
        std::fprintf(stderr, "usage: shut_down_ext4 MOUNTPOINT\n");
        return 2;
    }
    const int mounted = open(arguments[1], O_RDONLY | O_CLOEXEC);
    if (mounted < 0 || ioctl(mounted, ext4_shutdown, &without_flushing_the_log) != 0) {
        std::perror(arguments[1]);
        return 1;
    }
    close(mounted);
    return 0;
}
