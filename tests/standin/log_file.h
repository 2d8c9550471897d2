#pragma once

#include "texts.h"

#include <string>

namespace standin {

/// A log of the client: each line with date and time in front. What is written is there for whoever reads the file
/// next.
class LogFile {
  public:
    /// retention: value of SCHEDLOGRETENTION: "N", "7", "7 S". max_bytes: the file wraps within itself; 0: it grows.
    LogFile(std::string path, const Speech& speech, std::string retention = {}, long max_bytes = 0);

    void line(const std::string& text);
    /// A line as line() would write it, without its end and in two pieces: a reader in between sees it cut off.
    void torn_line(const std::string& text, unsigned pause_milliseconds);
    /// Drops what is older than the retention allows, as at the start of a scheduler and after an event.
    void prune();
    /// Replaced by an empty file, the old one kept as PATH.1, as logrotate does; copied: the file itself is emptied.
    void rotate(bool copied);

  private:
    void append(const std::string& bytes);
    void append_wrapping(const std::string& bytes);

    std::string path_;
    const Speech& speech_;
    std::string retention_;
    long max_bytes_;
};

} // namespace standin
