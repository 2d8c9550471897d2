#pragma once

#include "platform/time_units.h"

#include <string>
#include <string_view>

namespace autodeploy {

/// A plain tar of texts, made in memory: for a support bundle.
class TarWriter {
  public:
    explicit TarWriter(UnixTime time) : time_(time) {}

    /// name is relative, names joined by '/'; over 99 bytes its beginning is cut.
    void add(const std::string& name, std::string_view content);
    /// The whole of it; nothing can be added any more.
    std::string finish();

  private:
    std::string tar_;
    UnixTime time_;
};

} // namespace autodeploy
