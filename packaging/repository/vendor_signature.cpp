#include "packaging/repository/vendor_signature.h"

#include "platform/digest.h"
#include "platform/error.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <sstream>

namespace autodeploy {
namespace {

constexpr std::uint64_t largest_key_file = 1 << 20;
constexpr const char* rpmkeys = "/usr/bin/rpmkeys";
constexpr const char* osslsigncode = "/usr/bin/osslsigncode";
const std::string begin_certificate = "-----BEGIN CERTIFICATE-----";
const std::string end_certificate = "-----END CERTIFICATE-----";

void require_tool(Platform& platform, const std::string& program, const std::string& package) {
    if (!platform.files.status(program))
        throw Error("tool_missing", "cannot verify the vendor's signature: " + program +
                                        " is not there; install the package " + package);
}

CommandResult run(Platform& platform, const std::string& program, std::vector<std::string> arguments) {
    Command command;
    command.program = program;
    command.arguments = std::move(arguments);
    command.deadline = Milliseconds(600000);
    return platform.commands.run(command);
}

} // namespace

VendorSigners::VendorSigners(Platform& platform, std::vector<std::string> files, std::string work)
    : platform_(platform), files_(std::move(files)), work_(std::move(work)) {}

std::optional<std::string> VendorSigners::signer_of(const std::string& installer, const std::string& path) {
    sort_files();
    return installer == "rpm" ? rpm_signer(path) : authenticode_signer(path);
}

void VendorSigners::sort_files() {
    if (sorted_) return;
    sorted_ = true;
    for (const std::string& file : files_) {
        const std::string content = platform_.files.read(file, largest_key_file);
        const std::vector<std::string> certificates = certificates_in(content);
        if (certificates.empty()) keys_.push_back(file);
        for (const std::string& certificate : certificates) {
            if (!certificate_facts(certificate))
                throw Error("signer_unreadable",
                            "cannot use the pinned signer " + file + ": a certificate in it is damaged");
            certificates_.push_back(certificate);
        }
    }
}

void VendorSigners::import_keys() {
    if (imported_) return;
    const std::string database = work_ + "/rpm-keys";
    platform_.files.make_private_directory(database);
    for (const std::string& file : keys_) {
        const CommandResult result = run(platform_, rpmkeys, {"--dbpath", database, "--import", file});
        if (!result.succeeded())
            throw Error("signer_unreadable", "cannot use the pinned signer " + file +
                                                 ": rpmkeys takes it for no public key: " + result.error);
    }
    imported_ = true;
}

std::optional<std::string> VendorSigners::rpm_signer(const std::string& path) {
    if (keys_.empty()) return std::nullopt;
    require_tool(platform_, rpmkeys, "rpm");
    import_keys();
    const CommandResult result =
        run(platform_, rpmkeys, {"--dbpath", work_ + "/rpm-keys", "--checksig", "--verbose", path});
    if (!result.succeeded()) return std::nullopt;
    return signer_in_rpmkeys_output(result.output);
}

std::optional<std::string> VendorSigners::authenticode_signer(const std::string& path) {
    if (certificates_.empty()) return std::nullopt;
    require_tool(platform_, osslsigncode, "osslsigncode");
    const std::string bundle = work_ + "/certificates.pem";
    std::string all;
    for (const std::string& certificate : certificates_)
        all += certificate;
    platform_.files.write_durably(bundle, all);
    // A root alone would stand for everybody whom it ever vouched for: the signer's own certificate has to be pinned.
    for (const std::string& certificate : certificates_) {
        const auto facts = certificate_facts(certificate);
        const CommandResult result = run(platform_, osslsigncode,
                                         {"verify", "-CAfile", bundle, "-TSA-CAfile", bundle, "-require-leaf-hash",
                                          "sha256:" + facts->sha256, "-in", path});
        if (result.succeeded()) return facts->subject;
    }
    return std::nullopt;
}

std::optional<std::string> signer_in_rpmkeys_output(const std::string& output) {
    std::optional<std::string> header_signer;
    std::optional<std::string> file_signer;
    bool payload_digest = false;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        if (!line.ends_with(": OK")) continue;
        const std::size_t text = line.find_first_not_of(' ');
        payload_digest = payload_digest || line.compare(text, 14, "Payload SHA256") == 0;
        const std::size_t key = line.find(" Signature, key ID ");
        if (key == std::string::npos) continue;
        const std::size_t id = key + 12;
        auto& signer = line.compare(text, 7, "Header ") == 0 ? header_signer : file_signer;
        signer = line.substr(id, line.size() - 4 - id);
    }
    // The header's signature reaches the payload only through a digest in the header; older packages sign the whole.
    if (header_signer && payload_digest) return header_signer;
    return file_signer;
}

std::vector<std::string> certificates_in(const std::string& pem) {
    std::vector<std::string> found;
    for (std::size_t at = pem.find(begin_certificate); at != std::string::npos;
         at = pem.find(begin_certificate, at + 1)) {
        const std::size_t end = pem.find(end_certificate, at);
        if (end == std::string::npos) break;
        found.push_back(pem.substr(at, end + end_certificate.size() - at) + "\n");
    }
    return found;
}

std::optional<CertificateFacts> certificate_facts(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> memory(BIO_new_mem_buf(pem.data(), int(pem.size())),
                                                               BIO_free_all);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), X509_free);
    if (!certificate) return std::nullopt;
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    if (size <= 0) return std::nullopt;
    CertificateFacts facts;
    facts.sha256 = sha256_hex({reinterpret_cast<const char*>(der), std::size_t(size)});
    OPENSSL_free(der);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> text(BIO_new(BIO_s_mem()), BIO_free_all);
    X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
    const char* bytes = nullptr;
    const long length = BIO_get_mem_data(text.get(), &bytes);
    facts.subject.assign(bytes, std::size_t(length));
    return facts;
}

} // namespace autodeploy
