#include "tests/installer/repository/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <functional>
#include <memory>

namespace autodeploy {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct Identity {
    Key key;
    Certificate certificate;
};

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) std::abort();
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// issuer: nothing for one that vouches for itself.
Identity make(const std::string& name, const Identity* issuer, const std::string& hosts, long valid_for) {
    static long serial = 0;
    Identity made{Key(EVP_EC_gen("P-256"), EVP_PKEY_free), Certificate(X509_new(), X509_free)};
    X509* certificate = made.certificate.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), valid_for);
    X509_set_pubkey(certificate, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* by = issuer == nullptr ? certificate : issuer->certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(by));
    add_extension(certificate, by, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    if (!hosts.empty()) add_extension(certificate, by, NID_subject_alt_name, hosts);
    X509_sign(certificate, (issuer == nullptr ? made : *issuer).key.get(), EVP_sha256());
    return made;
}

void write(const std::string& path, const std::function<void(BIO*)>& content) {
    BIO* file = BIO_new_file(path.c_str(), "w");
    if (file == nullptr) std::abort();
    content(file);
    BIO_free(file);
}

void write_certificate(const std::string& path, const Identity& identity) {
    write(path, [&](BIO* file) { PEM_write_bio_X509(file, identity.certificate.get()); });
}

} // namespace

const Certificates& Certificates::shared() {
    static const Certificates certificates;
    return certificates;
}

Certificates::Certificates() {
    const Identity authority = make("authority", nullptr, "", 86400);
    const Identity other = make("other authority", nullptr, "", 86400);
    write_certificate(this->authority(), authority);
    write_certificate(other_authority(), other);
    const std::string here = "DNS:localhost,IP:127.0.0.1";
    const auto issue = [&](const std::string& name, const Identity& issuer, const std::string& hosts, long valid_for) {
        const Identity identity = make(name, &issuer, hosts, valid_for);
        write_certificate(certificate(name), identity);
        write(key(name), [&](BIO* file) {
            PEM_write_bio_PKCS8PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
        if (name == "client")
            write(encrypted_key(), [&](BIO* file) {
                PEM_write_bio_PKCS8PrivateKey(file, identity.key.get(), EVP_aes_256_cbc(), "secret", 6, nullptr,
                                              nullptr);
            });
    };
    issue("server", authority, here, 86400);
    issue("wrong-host", authority, "DNS:elsewhere.example,IP:127.0.0.2", 86400);
    issue("part-of-name", authority, "DNS:up*.mirrors.example", 86400);
    issue("whole-name", authority, "DNS:*.mirrors.example", 86400);
    issue("expired", authority, here, -3600);
    issue("foreign", other, here, 86400);
    issue("client", authority, "", 86400);
}

} // namespace autodeploy
