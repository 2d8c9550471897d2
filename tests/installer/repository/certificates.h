#pragma once

#include "tests/platform/temporary_directory.h"

#include <string>

namespace autodeploy {

/// PEM files of a small certificate authority and of those that it vouches for, made once for all tests.
class Certificates {
  public:
    static const Certificates& shared();

    std::string authority() const { return directory_ / "authority.pem"; }
    std::string other_authority() const { return directory_ / "other-authority.pem"; }
    /// For localhost and 127.0.0.1: "server", "wrong-host", "expired", "foreign" (of the other authority), and
    /// "client".
    std::string certificate(const std::string& name) const { return directory_ / (name + ".pem"); }
    std::string key(const std::string& name) const { return directory_ / (name + "-key.pem"); }
    std::string encrypted_key() const { return directory_ / "encrypted-key.pem"; }

  private:
    Certificates();
    TemporaryDirectory directory_;
};

} // namespace autodeploy
