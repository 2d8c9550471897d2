#include "platform/windows/native/console_output.h"

#include "platform/windows/native/wide.h"
#include "platform/windows/utf16.h"

#include <windows.h>

namespace autodeploy {

namespace {

/// Older consoles take no more than 64 KiB at once.
constexpr std::size_t most_at_once = 8192;

} // namespace

ConsoleOutput::ConsoleOutput(std::ostream& stream, void* handle) : stream_(stream), console_(handle) {
    DWORD mode = 0;
    if (!::GetConsoleMode(console_, &mode)) return;
    stream_.flush();
    before_ = stream_.rdbuf(this);
}

ConsoleOutput::~ConsoleOutput() {
    if (before_ != nullptr) stream_.rdbuf(before_);
}

std::streambuf::int_type ConsoleOutput::overflow(int_type byte) {
    if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
    const char one = traits_type::to_char_type(byte);
    return xsputn(&one, 1) == 1 ? byte : traits_type::eof();
}

std::streamsize ConsoleOutput::xsputn(const char* bytes, std::streamsize size) {
    begun_.append(bytes, std::size_t(size));
    while (const std::size_t whole = whole_letters(std::string_view(begun_).substr(0, most_at_once))) {
        if (!write(std::string_view(begun_).substr(0, whole))) return 0;
        begun_.erase(0, whole);
    }
    return size;
}

bool ConsoleOutput::write(std::string_view letters) {
    const std::wstring units = wide(std::string(letters));
    DWORD written = 0;
    for (std::size_t at = 0; at < units.size(); at += written)
        if (!::WriteConsoleW(console_, units.data() + at, DWORD(units.size() - at), &written, nullptr) || written == 0)
            return false;
    return true;
}

} // namespace autodeploy
