#include "tests/fakes/fake_repository.h"

#include "installer/repository/keys.h"
#include "platform/clock.h"
#include "platform/digest.h"
#include "platform/error.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace autodeploy {

namespace {

std::string to_hex(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
        text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

Json key_object(const std::string& type, const std::string& scheme, const std::string& value) {
    return Json::Object{{"keytype", type}, {"scheme", scheme}, {"keyval", Json::Object{{"public", value}}}};
}

} // namespace

struct SigningKey::Handle {
    explicit Handle(EVP_PKEY* made) : key(made) {
        if (key == nullptr) throw std::runtime_error("no key");
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { EVP_PKEY_free(key); }
    EVP_PKEY* key;
};

SigningKey SigningKey::ed25519(const std::string& name) {
    const std::string seed = sha256_hex(name).substr(0, 32);
    SigningKey made;
    made.key_ = std::make_shared<Handle>(EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
    std::string raw(32, '\0');
    std::size_t size = raw.size();
    EVP_PKEY_get_raw_public_key(made.key_->key, reinterpret_cast<unsigned char*>(raw.data()), &size);
    made.object = key_object("ed25519", "ed25519", to_hex(raw));
    return made;
}

SigningKey SigningKey::ecdsa(const std::string& group) {
    SigningKey made;
    made.key_ = std::make_shared<Handle>(EVP_EC_gen(group.c_str()));
    made.object = key_object("ecdsa", "ecdsa-sha2-nistp256", made.pem());
    return made;
}

SigningKey SigningKey::rsa(int bits) {
    SigningKey made;
    made.key_ = std::make_shared<Handle>(EVP_RSA_gen(unsigned(bits)));
    made.object = key_object("rsa", "rsassa-pss-sha256", made.pem());
    return made;
}

SigningKey SigningKey::rsa_of_no_use(int bits) {
    // Any odd number of that length will do for a modulus: making a true one of 8192 bits takes minutes.
    std::string modulus(std::size_t((bits + 7) / 8), '\xAB');
    modulus[0] = char(1 << ((bits - 1) % 8));
    BIGNUM* n = BN_bin2bn(reinterpret_cast<const unsigned char*>(modulus.data()), int(modulus.size()), nullptr);
    OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(builder, "n", n);
    OSSL_PARAM_BLD_push_uint(builder, "e", 65537);
    OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata_init(context);
    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    SigningKey made;
    made.key_ = std::make_shared<Handle>(key);
    made.object = key_object("rsa", "rsassa-pss-sha256", made.pem());
    return made;
}

std::string SigningKey::id() const {
    return key_id(object);
}

std::string SigningKey::pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, key_->key);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, std::size_t(size));
    BIO_free(bio);
    return text;
}

std::string SigningKey::sign(const std::string& message) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* parameters = nullptr;
    const bool raw = EVP_PKEY_is_a(key_->key, "ED25519") == 1;
    EVP_DigestSignInit(context, &parameters, raw ? nullptr : EVP_sha256(), nullptr, key_->key);
    if (EVP_PKEY_is_a(key_->key, "RSA") == 1) {
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32);
    }
    std::string signature(2048, '\0');
    std::size_t size = signature.size();
    const int done = EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                    reinterpret_cast<const unsigned char*>(message.data()), message.size());
    EVP_MD_CTX_free(context);
    if (done != 1) throw std::runtime_error("cannot sign");
    signature.resize(size);
    return to_hex(signature);
}

FakeRepository::FakeRepository(UnixTime now) {
    const std::string expires = utc_text(now + 30 * 86400);
    const auto part = [&](const std::string& type) {
        return Json(Json::Object{{"_type", type}, {"spec_version", "1.0.34"}, {"version", 1}, {"expires", expires}});
    };
    for (const char* role : {"root", "timestamp", "snapshot", "targets"})
        roles[role] = part(role);
    roles["root"]["consistent_snapshot"] = true;
    roles["root"]["keys"] = Json::Object{};
    roles["root"]["roles"] = Json::Object{};
    for (const char* role : {"root", "timestamp", "snapshot", "targets"})
        set_keys(role, {SigningKey::ed25519(role)}, 1);
    roles["targets"]["targets"] = Json::Object{};
    roles["snapshot"]["meta"] = Json::Object{};
    roles["timestamp"]["meta"] = Json::Object{};
    for (const char* role : {"root", "targets", "snapshot", "timestamp"})
        put(role);
}

std::string FakeRepository::wrap(const Json& signed_part, const std::vector<SigningKey>& keys) const {
    Json::Array signatures;
    for (const SigningKey& key : keys)
        signatures.push_back(Json::Object{{"keyid", key.id()}, {"sig", key.sign(canonical_json(signed_part))}});
    return compact_json(Json::Object{{"signatures", std::move(signatures)}, {"signed", signed_part}});
}

std::string FakeRepository::bytes(const std::string& role) const {
    return wrap(roles.at(role), signers.at(role));
}

void FakeRepository::add_target(const std::string& role, const std::string& path, const std::string& content,
                                const Json& custom) {
    const std::string hash = sha256_hex(content);
    Json& file = roles.at(role)["targets"][path];
    file = Json::Object{{"length", std::uint64_t(content.size())}, {"hashes", Json::Object{{"sha256", hash}}}};
    if (!custom.is_null()) file["custom"] = custom;
    std::string remote = path;
    if (roles["root"]["consistent_snapshot"].boolean()) remote.insert(path.rfind('/') + 1, hash + ".");
    target_files[remote] = content;
}

Json& FakeRepository::delegate(const std::string& delegator, const std::string& role,
                               const std::vector<std::string>& paths, bool terminating) {
    if (!roles.contains(role)) {
        roles[role] = Json::Object{{"_type", "targets"},
                                   {"spec_version", "1.0.34"},
                                   {"version", 0},
                                   {"expires", roles["targets"]["expires"]},
                                   {"targets", Json::Object{}}};
        signers[role] = {SigningKey::ed25519("KEY of " + role)};
    }
    Json& delegations = roles.at(delegator)["delegations"];
    if (delegations.is_null()) delegations = Json::Object{{"keys", Json::Object{}}, {"roles", Json::Array{}}};
    Json::Array ids;
    for (const SigningKey& key : signers[role]) {
        delegations["keys"][key.id()] = key.object;
        ids.emplace_back(key.id());
    }
    delegations["roles"].array().push_back(Json::Object{
        {"name", role}, {"keyids", ids}, {"threshold", 1}, {"terminating", terminating}, {"paths", Json(paths)}});
    return delegations["roles"].array().back();
}

void FakeRepository::set_keys(const std::string& role, const std::vector<SigningKey>& keys, int threshold) {
    Json::Array ids;
    for (const SigningKey& key : keys) {
        roles["root"]["keys"][key.id()] = key.object;
        ids.emplace_back(key.id());
    }
    roles["root"]["roles"][role] = Json::Object{{"keyids", ids}, {"threshold", threshold}};
    signers[role] = keys;
}

std::string FakeRepository::file_of(const std::string& role) const {
    const Json& part = roles.at(role);
    const bool versioned =
        role == "root" || (role != "timestamp" && roles.at("root").at("consistent_snapshot").boolean());
    return (versioned ? std::to_string(part.at("version").integer()) + "." : "") + percent_encoded(role) + ".json";
}

void FakeRepository::enter(const std::string& list, const std::string& role) {
    Json& entry = roles[list]["meta"][role + ".json"];
    entry = Json::Object{{"version", roles.at(role).at("version")}};
    if (!hashes_of_metadata) return;
    const std::string content = bytes(role);
    entry["length"] = std::uint64_t(content.size());
    entry["hashes"] = Json::Object{{"sha256", sha256_hex(content)}};
}

void FakeRepository::put(const std::string& role) {
    metadata_files[file_of(role)] = bytes(role);
    if (role == "snapshot")
        enter("timestamp", role);
    else if (role != "root" && role != "timestamp")
        enter("snapshot", role);
}

void FakeRepository::publish(const std::vector<std::string>& changed) {
    const auto next = [this](const std::string& role) {
        roles.at(role)["version"] = roles.at(role)["version"].integer() + 1;
        put(role);
    };
    for (const std::string& role : changed)
        next(role);
    next("snapshot");
    next("timestamp");
}

void FakeRepository::publish_root() {
    roles["root"]["version"] = roles["root"]["version"].integer() + 1;
    put("root");
}

std::optional<std::string> FakeRepository::metadata(const std::string& file_name, std::uint64_t cap) {
    requests.push_back(file_name);
    if (before_each) before_each(file_name);
    const auto found = metadata_files.find(file_name);
    if (found == metadata_files.end()) return std::nullopt;
    if (found->second.size() > cap) throw Error("file_too_large", "cannot take " + file_name, Retry::later);
    return found->second;
}

bool FakeRepository::target(const TargetRequest& request, TargetSink& sink) {
    requests.push_back("target/" + request.path);
    if (before_each) before_each("target/" + request.path);
    const auto found = target_files.find(request.path);
    if (found == target_files.end()) return false;
    sink.begin(0, "");
    sink.write(std::string_view(found->second).substr(0, std::size_t(request.length)));
    return true;
}

} // namespace autodeploy
