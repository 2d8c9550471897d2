// Covers installer/repository/safe_name.cpp installer/repository/transport.cpp
#include "installer/repository/safe_name.h"
#include "installer/repository/transport.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const std::string name = safe_file_name(text);
    fuzz::require(!name.empty() && name.size() <= 200 && name.front() != '.' && name.back() != '.');
    fuzz::require(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.%ABCDEF") == std::string::npos);
    fuzz::require(percent_encoded(text).find('/') == std::string::npos);
    if (is_safe_target_path(text))
        fuzz::require(text.front() != '/' && text.find("//") == text.npos && text != ".." && !text.starts_with("../") &&
                      !text.ends_with("/..") && text.find("/../") == text.npos && text.find('\0') == text.npos);
    return 0;
}
