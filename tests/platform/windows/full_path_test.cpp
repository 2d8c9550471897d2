#include "platform/windows/full_path.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("a path of a drive or of a share is taken apart, whichever slashes it has") {
    CHECK(parts_of_path("C:/a\\b") == PathParts{"C:\\", {"a", "b"}});
    CHECK(parts_of_path("C:\\") == PathParts{"C:\\", {}});
    CHECK(parts_of_path("\\\\server\\share\\a") == PathParts{"\\\\server\\share\\", {"a"}});
    CHECK(parts_of_path("//server/share") == PathParts{"\\\\server\\share\\", {}});
    CHECK(parts_of_path("\\\\?\\D:\\a") == PathParts{"D:\\", {"a"}});
    CHECK(parts_of_path("\\\\?\\UNC\\server\\share\\a") == PathParts{"\\\\server\\share\\", {"a"}});
}

TEST_CASE("dots are resolved, and nothing leads above the root") {
    CHECK(plain_path(parts_of_path("C:/a/./b/../c//d/")) == "C:\\a\\c\\d");
    CHECK(plain_path(parts_of_path("C:/../../x")) == "C:\\x");
}

TEST_CASE("what is not absolute has no root") {
    for (const char* path :
         {"", "a", "C:", "C:a", "/etc/passwd", "\\a", "\\\\server", "\\\\server\\", "1:\\a", "\\\\?\\a"})
        CHECK(parts_of_path(path).root.empty());
}

TEST_CASE("the kernel gets a path without limits and without devices") {
    CHECK(kernel_path("C:/a/nul") == "\\\\?\\C:\\a\\nul");
    CHECK(kernel_path("\\\\server\\share\\a") == "\\\\?\\UNC\\server\\share\\a");
    CHECK(kernel_path("C:\\") == "\\\\?\\C:\\");
    CHECK(kernel_path("\\\\?\\C:\\a\\..\\b") == "\\\\?\\C:\\a\\..\\b");
    CHECK(kernel_path("relative") == "relative");
}

TEST_CASE("a parent is one name shorter, and a root is its own") {
    CHECK(parent_path("C:\\a\\b") == "C:\\a");
    CHECK(parent_path("C:/a") == "C:\\");
    CHECK(parent_path("C:\\") == "C:\\");
    CHECK(parent_path("\\\\server\\share\\a") == "\\\\server\\share\\");
}
