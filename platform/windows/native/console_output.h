#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace autodeploy {

/// While it lives, UTF-8 that a stream prints reaches a person at a console in its letters, whatever code page the
/// console has. Nothing changes for what goes to a file or a pipe. One thread at a time.
class ConsoleOutput : private std::streambuf {
  public:
    /// handle: what the stream writes to, as Windows has it.
    ConsoleOutput(std::ostream& stream, void* handle);
    ~ConsoleOutput() override;

  private:
    int_type overflow(int_type byte) override;
    std::streamsize xsputn(const char* bytes, std::streamsize size) override;
    bool write(std::string_view letters);

    std::ostream& stream_;
    void* console_;
    std::streambuf* before_ = nullptr; ///< null: it is no console
    std::string begun_;                ///< of a letter whose other bytes are still to come
};

} // namespace autodeploy
