// Covers installer/client/versions.cpp installer/client/program_header.cpp installer/client/registry_text.cpp
// Covers installer/client/program_version.cpp
#include "installer/client/program_header.h"
#include "installer/client/program_version.h"
#include "installer/client/registry_text.h"
#include "installer/client/text_encoding.h"
#include "installer/client/versions.h"
#include "installer/patterns.h"
#include "platform/prerequisite.h"
#include "tests/fuzz/fuzz.h"

using namespace autodeploy;

/// What programs, packages and the registry say of the client.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    if (const auto version = parse_client_version(input))
        fuzz::require(parse_client_version(text(*version)) == version);
    parse_package_version(input);
    parse_file_name_version(input);
    const auto client = parse_client_banner(input);
    if (parse_server_banner(input)) fuzz::require(client.has_value());
    const ProgramHeader header = parse_program_header(input);
    fuzz::require(header.bits == 0 || header.bits == 32 || header.bits == 64);
    if (const auto version = windows_program_version(input)) {
        fuzz::require(is_dotted_version(*version));
        fuzz::require(input.starts_with("MZ") && input.find("\xBD\x04\xEF\xFE") != std::string_view::npos);
    }
    registry_text(input);
    // What was decoded is UTF-8, and stays what it is.
    const DecodedText decoded = decode_text(input);
    if (decoded.text.find('\0') == std::string::npos && !decoded.text.starts_with("\xEF\xBB\xBF"))
        fuzz::require(decode_text(decoded.text).text == decoded.text);
    const std::size_t middle = input.size() / 2;
    if (input.size() < 256) fits_pattern(input.substr(0, middle), input.substr(middle));
    return 0;
}
