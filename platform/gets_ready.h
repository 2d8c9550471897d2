#pragma once

#include "platform/native_installer.h"

namespace autodeploy {

/// A NativeInstaller may have this besides: it reads beforehand what converge to that set would have to read first, so
/// that it does not do so while services are down. Changes nothing, and converge works without it.
class GetsReady {
  public:
    GetsReady() = default;
    GetsReady(const GetsReady&) = delete;
    GetsReady& operator=(const GetsReady&) = delete;
    virtual ~GetsReady() = default;
    virtual void get_ready(const PackageSet& target, const ConvergeOptions& options) = 0;
};

} // namespace autodeploy
