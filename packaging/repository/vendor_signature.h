#pragma once

#include "platform/platform.h"

#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

/// Holds packages against the vendor's own signatures. Only the keys and certificates given here count, never those of
/// this machine.
class VendorSigners {
  public:
    /// files: OpenPGP public keys (for rpm), PEM certificates (for Windows: the signer's own and those that lead to
    /// it). work: a private folder, there already.
    VendorSigners(Platform& platform, std::vector<std::string> files, std::string work);

    /// Who signed the file, if it is whole and the signer is one of ours; installer is "rpm" or "msi". Throws Error
    /// signer_unreadable for a file of ours that cannot be used, tool_missing.
    std::optional<std::string> signer_of(const std::string& installer, const std::string& path);

  private:
    std::optional<std::string> rpm_signer(const std::string& path);
    std::optional<std::string> authenticode_signer(const std::string& path);
    void sort_files();
    void import_keys();

    Platform& platform_;
    std::vector<std::string> files_;
    std::string work_;
    bool sorted_ = false;
    bool imported_ = false;
    std::vector<std::string> keys_;         ///< files with OpenPGP keys
    std::vector<std::string> certificates_; ///< PEM, one each
};

/// What `rpmkeys --checksig --verbose` says of a file that it accepts: "key ID 96e7c766" if a good signature covers the
/// payload too, nothing if there are only digests, which anybody can make.
std::optional<std::string> signer_in_rpmkeys_output(const std::string& output);

/// The certificates in a PEM text, each as a text of its own.
std::vector<std::string> certificates_in(const std::string& pem);

struct CertificateFacts {
    std::string subject;
    std::string sha256; ///< of the certificate as a whole, lowercase hex
};
/// Nothing if it is none.
std::optional<CertificateFacts> certificate_facts(const std::string& pem);

} // namespace autodeploy
