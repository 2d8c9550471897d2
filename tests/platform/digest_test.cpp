#include "platform/digest.h"

#include <doctest/doctest.h>

using namespace autodeploy;

TEST_CASE("SHA-256 is that of the standard, in one piece or in several") {
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Sha256 digest;
    digest.update("a", 1);
    digest.update("bc", 2);
    CHECK(digest.hex() == sha256_hex("abc"));
}
