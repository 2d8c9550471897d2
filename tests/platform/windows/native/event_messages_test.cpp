#include "platform/windows/event_number.h"
#include "platform/windows/native/wide.h"

#include <doctest/doctest.h>

#include <windows.h>

#include <string>

using namespace autodeploy;

namespace {

std::wstring program_beside_us() {
    std::wstring path(32768, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), DWORD(path.size())));
    return path.substr(0, path.find_last_of(L'\\') + 1) + L"autodeploy.exe";
}

/// As the event viewer does it.
std::string shown(HMODULE messages, DWORD number, const std::wstring& text) {
    wchar_t* found = nullptr;
    const wchar_t* texts[] = {text.c_str()};
    const DWORD size = ::FormatMessageW(
        FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_ARGUMENT_ARRAY, messages, number,
        0, reinterpret_cast<wchar_t*>(&found), 0, reinterpret_cast<va_list*>(const_cast<wchar_t**>(texts)));
    const std::string result = size == 0 ? "nothing" : narrow(std::wstring(found, size));
    ::LocalFree(found);
    return result;
}

} // namespace

TEST_CASE("what the event viewer shows for each number of ours is the text that came with the event") {
    const HMODULE messages = ::LoadLibraryExW(program_beside_us().c_str(), nullptr, LOAD_LIBRARY_AS_DATAFILE);
    REQUIRE(messages != nullptr);
    for (const char* id : {"agent-started", "deployment-phase", "deployment-ended", "probation", "metadata-expires",
                           "attempts-cleared", "problem", "none of these"})
        CHECK_MESSAGE(shown(messages, event_number(id), L"It ended in \u00DCbung: 100 %1.") ==
                          "It ended in \u00DCbung: 100 %1.\r\n",
                      id);
    CHECK(shown(messages, 99, L"x") == "nothing");
    CHECK(shown(messages, event_number("problem") + 1, L"x") == "nothing");
    ::FreeLibrary(messages);
}
