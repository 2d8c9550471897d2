#include "installer/repository/keys.h"
#include "tests/installer/repository/bench.h"

#include <doctest/doctest.h>

using namespace autodeploy;

namespace {

PublicKey read_key(const Json& object) {
    return PublicKey(key_id(object), object);
}

std::int64_t count(const std::vector<SigningKey>& signing, const std::vector<SigningKey>& listed, int threshold) {
    KeyMap keys;
    RoleKeys role;
    role.threshold = threshold;
    for (const SigningKey& key : listed) {
        keys.emplace(key.id(), PublicKey(key.id(), key.object));
        role.keyids.push_back(key.id());
    }
    std::vector<Signature> signatures;
    for (const SigningKey& key : signing)
        signatures.push_back({key.id(), key.sign("message")});
    return count_good_signatures("message", signatures, role, keys);
}

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'f') c = char(c - 'a' + 'A');
    return text;
}

/// An RSA signature of "message" that happens to begin with a zero, and its key.
constexpr const char* leading_zero_pem = "-----BEGIN PUBLIC KEY-----\n"
                                         "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0BT7xkZj2vw8+BS8nLJp\n"
                                         "uxNGXPdYQ1kw5jydaI9ydAy8t/bSYW7aspBSimGD2RBQ66E6W7/6L76qgKADux/s\n"
                                         "e2bhDINUUEiSy1pfsX99wBo74Gp4W2ac0z1/g9OBU788u/KSe1xQjAhMJQ+czmtT\n"
                                         "2TqamUD49cigEr1lJ28Zb2K9rjiKUPc9EpLWGzXsO6rtq98K24Z99nvJ08eWga4B\n"
                                         "hrQrYPLrLxpToHjaX5JXZFkuabHcDSDFKNs7BFhS8OUf3jApcFbVxtSLZ2tdLtFY\n"
                                         "Jp2jsuZEWLC1W5YV+eXYA/Agzj8HhkIaxOYFKJv6ei6oEMwoHpLy3DF49lkt4Lgf\n"
                                         "1QIDAQAB\n"
                                         "-----END PUBLIC KEY-----\n";
constexpr const char* leading_zero_signature =
    "004543ba2f6c23658b2aefbf48a8a6502f32b515713d0838539a68110e4c660faf696d716f9e52e198b15d66f30a44542f19"
    "3151e9356462969772c0e97529cf85b92177006e20c14e92b120c286fffbbeba7d82bd221ff9fafec022b00df02f75e9a298"
    "48fbae2efda0756e21953f166095f802e938fb80036aa7a1482cc386720a2fa13a8ad6f26c6c4823ea39afa2217380c30c11"
    "f59ee1065280a3eb906edab1df716b6274286f3c404a287eb9af789f6d2ec69549413891f68fc79606460a70dc75641282f3"
    "e6ec0831e1282902e0ef7ca061c7dea9f8664285417087dc380e6443589f31e9b076f046ef3464c6a956bd4ffd9f1220dcbc"
    "7d83e0ad0933";

} // namespace

TEST_CASE("each kind of key verifies its own signature and no other") {
    for (const SigningKey& key : {SigningKey::ed25519("a"), SigningKey::ecdsa(), SigningKey::rsa()}) {
        const PublicKey reader = read_key(key.object);
        CHECK(reader.usable());
        const std::string signature = key.sign("message");
        CHECK(reader.verifies("message", signature));
        CHECK(!reader.verifies("massage", signature));
        CHECK(!reader.verifies("message", SigningKey::ed25519("b").sign("message")));
        CHECK(!reader.verifies("message", ""));
        CHECK(!reader.verifies("message", "xy"));
        CHECK(!reader.verifies("message", signature + "0"));
        CHECK(!reader.verifies("message", signature + "00"));
        CHECK(!reader.verifies("message", signature.substr(2)));
        CHECK(reader.verifies("message", upper(signature)));
    }
}

TEST_CASE("an RSA signature without the zero that it begins with is not the same signature") {
    const Json key = Json::Object{
        {"keytype", "rsa"}, {"scheme", "rsassa-pss-sha256"}, {"keyval", Json::Object{{"public", leading_zero_pem}}}};
    const std::string signature = leading_zero_signature;
    CHECK(read_key(key).verifies("message", signature));
    CHECK(!read_key(key).verifies("message", signature.substr(2)));
    CHECK(!read_key(key).verifies("message", "00" + signature));
}

TEST_CASE("the older name of the ECDSA key type is read too") {
    SigningKey key = SigningKey::ecdsa();
    key.object["keytype"] = "ecdsa-sha2-nistp256";
    CHECK(read_key(key.object).verifies("m", key.sign("m")));
}

TEST_CASE("an id that is not the key's own is refused") {
    const SigningKey key = SigningKey::ed25519("a");
    CHECK(cause_of([&] { PublicKey(key.id(), key.object); }) == "ok");
    CHECK(cause_of([&] { PublicKey(SigningKey::ed25519("b").id(), key.object); }) == "keyid_mismatch");
    CHECK(cause_of([&] { PublicKey(upper(key.id()), key.object); }) == "keyid_mismatch");
}

TEST_CASE("unknown fields of a key belong to its id") {
    SigningKey key = SigningKey::ed25519("a");
    const std::string plain = key.id();
    key.object["x-owner"] = "somebody";
    CHECK(key.id() != plain);
    CHECK(cause_of([&] { PublicKey(key.id(), key.object); }) == "ok");
    CHECK(cause_of([&] { PublicKey(plain, key.object); }) == "keyid_mismatch");
}

TEST_CASE("a scheme that is not the key type's own makes the key useless") {
    for (const SigningKey& good : {SigningKey::ed25519("a"), SigningKey::ecdsa(), SigningKey::rsa()})
        for (const char* scheme : {"ed25519", "ecdsa-sha2-nistp256", "rsassa-pss-sha256", "rsa-pkcs1v15-sha256", ""}) {
            SigningKey key = good;
            const bool own = key.object["scheme"] == Json(scheme);
            key.object["scheme"] = scheme;
            CHECK(read_key(key.object).verifies("m", key.sign("m")) == own);
            CHECK(read_key(key.object).usable() == own);
        }
}

TEST_CASE("a curve other than P-256 makes the key useless") {
    CHECK(read_key(SigningKey::ecdsa("P-256").object).usable());
    CHECK(!read_key(SigningKey::ecdsa("P-384").object).usable());
    CHECK(!read_key(SigningKey::ecdsa("secp256k1").object).usable());
}

TEST_CASE("an RSA key of too few or too many bits, or of another kind, is useless") {
    CHECK(read_key(SigningKey::rsa_of_no_use(2048).object).usable());
    CHECK(!read_key(SigningKey::rsa_of_no_use(2047).object).usable());
    CHECK(read_key(SigningKey::rsa_of_no_use(8192).object).usable());
    CHECK(!read_key(SigningKey::rsa_of_no_use(8193).object).usable());
    SigningKey curve = SigningKey::ecdsa();
    curve.object["keytype"] = "rsa";
    curve.object["scheme"] = "rsassa-pss-sha256";
    CHECK(!read_key(curve.object).usable());
}

TEST_CASE("only a bare PEM public key is read") {
    const SigningKey key = SigningKey::ecdsa();
    const auto usable = [&](const std::string& pem) {
        Json object = key.object;
        object["keyval"]["public"] = pem;
        return read_key(object).usable();
    };
    const std::string pem = key.pem();
    CHECK(usable(pem));
    CHECK(!usable(""));
    CHECK(!usable(pem.substr(0, pem.size() / 2)));
    std::string relabelled = pem;
    for (std::size_t at = 0; (at = relabelled.find("PUBLIC KEY", at)) != std::string::npos; at += 11)
        relabelled.replace(at, 10, "CERTIFICATE");
    CHECK(!usable(relabelled));
    std::string encrypted = pem;
    encrypted.insert(encrypted.find('\n') + 1,
                     "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n");
    CHECK(!usable(encrypted));
}

TEST_CASE("a key of an unknown type is kept and counts for nothing") {
    Json object =
        Json::Object{{"keytype", "future"}, {"scheme", "future"}, {"keyval", Json::Object{{"identity", "somebody"}}}};
    CHECK(!read_key(object).usable());
    CHECK(!read_key(object).verifies("m", "00"));
    object["keyval"] = "text";
    CHECK(cause_of([&] { read_key(object); }) == "metadata_malformed");
}

TEST_CASE("a key whose hex is not 64 digits is useless") {
    SigningKey key = SigningKey::ed25519("a");
    const std::string hex = key.object["keyval"]["public"].string();
    for (const std::string& bad : {hex.substr(2), hex + "00", hex.substr(1), "zz" + hex.substr(2), std::string()}) {
        key.object["keyval"]["public"] = bad;
        CHECK(!read_key(key.object).usable());
    }
}

TEST_CASE("signatures count once for each different key of the role") {
    const SigningKey a = SigningKey::ed25519("a");
    const SigningKey b = SigningKey::ed25519("b");
    CHECK(count({a, b}, {a, b}, 2) == 2);
    CHECK(count({a, a}, {a, b}, 2) == 1);
    CHECK(count({a}, {b}, 1) == 0);
    CHECK(count({a, b}, {b}, 2) == 1);
}

TEST_CASE("one public key under two ids counts once") {
    const SigningKey a = SigningKey::ed25519("a");
    SigningKey disguised = a;
    disguised.object["x"] = "another id";
    CHECK(disguised.id() != a.id());
    CHECK(count({a, disguised}, {a, disguised}, 2) == 1);
    CHECK(count({a, SigningKey::ed25519("b")}, {a, SigningKey::ed25519("b")}, 2) == 2);

    const SigningKey curve = SigningKey::ecdsa();
    SigningKey spaced = curve;
    spaced.object["keyval"]["public"] = "text before\n" + curve.pem() + "\n";
    CHECK(count({curve, spaced}, {curve, spaced}, 2) == 1);
    CHECK(count({curve, SigningKey::ecdsa()}, {curve}, 2) == 1);
}

TEST_CASE("a bad signature before a good one of another key does no harm") {
    const SigningKey a = SigningKey::ed25519("a");
    const SigningKey b = SigningKey::ed25519("b");
    KeyMap keys;
    keys.emplace(a.id(), PublicKey(a.id(), a.object));
    keys.emplace(b.id(), PublicKey(b.id(), b.object));
    const RoleKeys role{{a.id(), b.id()}, 1};
    CHECK(count_good_signatures("m", {{a.id(), "00"}, {"unknown", "00"}, {b.id(), b.sign("m")}}, role, keys) == 1);
    CHECK(count_good_signatures("m", {{a.id(), "00"}, {b.id(), b.sign("n")}}, role, keys) == 0);
}
