#include "platform/linux/proc_text.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a process's line is read though its name holds blanks and parentheses") {
    const auto stat = parse_proc_stat("4711 (a) b (c) S 12 4711 4711 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 "
                                      "2519040 181 18446744073709551615 1 1\n");
    REQUIRE(stat.has_value());
    CHECK(stat->parent == 12);
    CHECK(stat->started == "98765");
    CHECK(stat->state == 'S');
    CHECK_FALSE(parse_proc_stat("").has_value());
    CHECK_FALSE(parse_proc_stat("4711 (dsmc) S 12").has_value());
    CHECK_FALSE(parse_proc_stat("4711 (dsmc)").has_value());
}

TEST_CASE("arguments and variables end with a zero byte each, empty ones too") {
    using namespace std::string_literals;
    CHECK(split_at_zeros("dsmc\0\0sched\0"s) == std::vector<std::string>{"dsmc", "", "sched"});
    CHECK(split_at_zeros("").empty());
    CHECK(parse_environ("A=1\0B=x=y\0odd\0A=2\0"s) == std::map<std::string, std::string>{{"A", "1"}, {"B", "x=y"}});
}

TEST_CASE("libraries in use are seen below their folder, also when they were replaced") {
    const std::string maps =
        "7f1-7f2 r-xp 00000000 fe:00 1 /usr/lib64/libc.so.6\n7f3-7f4 rw-p 00000000 00:00 0 [heap]\n"
        "7f5-7f6 r--p 00000000 fe:00 2 /opt/tivoli/tsm/client/api/bin64/libApiTSM64.so (deleted)\n";
    CHECK(maps_file_below(maps, "/opt/tivoli/tsm/client/"));
    CHECK_FALSE(maps_file_below(maps, "/opt/other/"));
    CHECK(without_deleted_mark("/usr/bin/dsmc (deleted)") == "/usr/bin/dsmc");
    CHECK(without_deleted_mark("/usr/bin/dsmc") == "/usr/bin/dsmc");
}

TEST_CASE("mounts are read with their options and blanks in their names") {
    const auto mounts =
        parse_mountinfo("24 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,errors=remount-ro\n"
                        "25 24 0:22 / /mnt/with\\040blank ro,noexec - nfs4 server:/x rw\n"
                        "garbage\n");
    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0].point == "/");
    CHECK(mounts[0].type == "ext4");
    CHECK(mounts[0].super_options == "rw,errors=remount-ro");
    CHECK(mounts[1].point == "/mnt/with blank");
    CHECK(mounts[1].type == "nfs4");
    CHECK(mounts[1].options == "ro,noexec");
}
