#include "installer/package/archive.h"

#include "installer/package/dictionary_need.h"
#include "installer/package/seven_zip.h"
#include "installer/package/staging.h"
#include "platform/digest.h"
#include "tests/fakes/fake_file_system.h"
#include "tests/installer/package/example_manifest.h"
#include "tests/installer/package/make_archive.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>

using namespace autodeploy;

namespace {

/// Bytes that no compression gets small, always the same.
std::string noise(std::size_t size, std::uint32_t seed = 1) {
    std::string text(size, '\0');
    std::uint32_t state = seed;
    for (char& c : text) {
        state = state * 1664525 + 1013904223;
        c = char(state >> 24);
    }
    return text;
}

const std::string payload_content = noise(300000);

std::vector<TestMember> good_members() {
    return {{"README.htm", "read me"}, {"pkg", "", MemberType::directory}, {"pkg/a.rpm", payload_content}};
}

/// Feeds the bytes through the entry point that the agent uses, with a manifest that wants pkg/a.rpm.
struct Staging {
    FakeFileSystem files;
    StageRequest request;

    explicit Staging(const std::string& bytes) {
        files.put_directory("/var", 0755);
        files.put("/var/download/package", bytes);
        request.archive = "/var/download/package";
        request.sha256 = sha256_hex(bytes);
        request.length = bytes.size();
        request.directory = "/var/staging/8.1.27.0";
        Payload payload;
        payload.path = "pkg/a.rpm";
        payload.sha256 = sha256_hex(payload_content);
        payload.size = payload_content.size();
        payload.id = {"a", "8.1.27-0", "x86_64"};
        request.manifest = example_manifest();
        request.manifest.payloads = {payload};
        request.manifest.entries = 100;
        request.manifest.unpacked_bytes = 10 << 20;
    }

    /// "fine", or "cause: message"; a failure must leave nothing.
    std::string result() {
        const std::string error = error_of([&] { stage(files, request); });
        if (error != "nothing") {
            CHECK_FALSE(files.status(request.directory));
            return error;
        }
        CHECK(files.content(request.directory + "/payloads/pkg/a.rpm") == payload_content);
        CHECK(files.list(request.directory + "/payloads").size() == 1);
        return "fine";
    }
};

std::string staged(const std::string& bytes) {
    return Staging(bytes).result();
}

std::string staged(std::vector<TestMember> extra, const std::string& format = "pax") {
    std::vector<TestMember> members = good_members();
    members.insert(members.end(), extra.begin(), extra.end());
    return staged(make_archive(format, "none", members, format == "7zip" ? "7zip:compression=store" : ""));
}

std::string refusal(const std::string& rest) {
    return "archive_refused: cannot unpack /var/download/package: " + rest;
}

/// A program with the signature's bytes in its own code, as real self-extractors have it.
std::string program_stub(std::size_t size) {
    std::string stub = "MZ" + noise(size - 2, 7);
    const std::string decoy = std::string("7z\xBC\xAF\x27\x1C", 6) + std::string(26, '\1');
    if (size > 200) stub.replace(100, decoy.size(), decoy);
    return stub;
}

} // namespace

TEST_CASE("an update package is unpacked as the vendor ships it") {
    for (const char* format : {"ustar", "pax", "gnutar"})
        for (const char* filter : {"none", "gzip", "compress", "xz", "zstd"}) {
            CAPTURE(format);
            CAPTURE(filter);
            CHECK(staged(make_archive(format, filter, good_members())) == "fine");
        }
    CHECK(staged(make_archive("zip", "none", good_members())) == "fine");
    CHECK(staged(make_archive("zip", "none", good_members(), "zip:compression=store")) == "fine");
    for (const char* compression : {"store", "deflate", "bzip2", "lzma1", "lzma2", "ppmd"}) {
        CAPTURE(compression);
        CHECK(staged(make_archive("7zip", "none", good_members(), std::string("7zip:compression=") + compression)) ==
              "fine");
    }
}

TEST_CASE("a self-extracting program is read from wherever its 7z archive starts") {
    const std::string archive = make_archive("7zip", "none", good_members());
    for (const std::size_t size :
         {2u, 31u, 32u, 33u, 512u, 4096u, 159743u, 262112u, 262143u, 262144u, 262145u, 400000u, 1000003u}) {
        CAPTURE(size);
        CHECK(staged(program_stub(size) + archive) == "fine");
    }
    CHECK(staged(program_stub(5000)) ==
          "archive_unknown: cannot unpack /var/download/package: it is a program with no 7z archive in it");
}

TEST_CASE("a 7z archive is found however the pieces fall") {
    const std::string archive = make_archive("7zip", "none", {{"a", "b"}});
    const std::string file = program_stub(300) + archive;
    for (std::size_t piece = 1; piece < 400; ++piece) {
        SevenZipFinder finder;
        for (std::size_t at = 0; at < file.size(); at += piece)
            finder.look(std::string_view(file).substr(at, piece));
        REQUIRE(finder.found() == 300u);
    }
}

TEST_CASE("a package can be large or small, and hold nothing else") {
    CHECK(staged(make_archive("ustar", "none", {{"pkg/a.rpm", payload_content}})) == "fine");
    CHECK(staged(make_archive("ustar", "none", {{"./pkg/a.rpm", payload_content}})) == "fine");
    CHECK(staged(make_archive("ustar", "none",
                              {{"./", "", MemberType::directory},
                               {"./pkg/", "", MemberType::directory},
                               {"./pkg/a.rpm", payload_content}})) == "fine");
    std::vector<TestMember> many = good_members();
    for (int i = 0; i < 97; ++i)
        many.push_back({"empty" + std::to_string(i), ""});
    CHECK(staged(make_archive("ustar", "gzip", many)) == "fine");
}

TEST_CASE("members whose names would lead elsewhere refuse the whole archive, in every kind of archive") {
    struct Case {
        const char* bad;
        const char* why;
        const char* good;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"/etc/cron.d/x", "its name is absolute", "etc/cron.d/x"},
             {"../x", "it leads out by \"..\"", "..x"},
             {"pkg/../../x", "it leads out by \"..\"", "pkg/x"},
             {"pkg/..", "it leads out by \"..\"", "pkg/..a"},
             {"C:/x", "its name holds a colon (a drive, or a stream of a file)", "C/x"},
             {"x:y", "its name holds a colon (a drive, or a stream of a file)", "x.y"},
             {"x\ty", "its name holds a control character", "x y"},
             {"NUL", "it has the name of a device of Windows, \"NUL\"", "NULL"},
             {"pkg/com7.txt", "it has the name of a device of Windows, \"com7.txt\"", "pkg/com77.txt"},
             {"x.", "it has a name that ends with a blank or a dot", "x.y"},
             {"pkg /x", "it has a name that ends with a blank or a dot", "pkg x"},
             {"pkg//x", "it has an empty name between slashes", "pkg/x"},
         })
        for (const char* format : {"ustar", "pax", "zip", "7zip"}) {
            CAPTURE(one.bad);
            CAPTURE(format);
            CHECK(staged({{one.bad, "evil"}}, format) ==
                  refusal("member \"" + std::string(one.bad) + "\": " + one.why));
            CHECK(staged({{one.good, "evil"}}, format) == "fine");
        }
    // A zip reader, and on Windows any, may take backslashes for slashes; either way nothing leads out.
    const bool are_slashes = std::filesystem::path::preferred_separator == '\\';
    for (const char* format : {"ustar", "pax"}) {
        CHECK(staged({{"..\\x", "evil"}}, format) == refusal(are_slashes
                                                                 ? "member \"../x\": it leads out by \"..\""
                                                                 : "member \"..\\x\": its name holds a backslash"));
        CHECK(staged({{"pkg\\x", "evil"}}, format) ==
              (are_slashes ? "fine" : refusal("member \"pkg\\x\": its name holds a backslash")));
    }
    CHECK(staged({{"..\\..\\x", "evil"}}, "zip").starts_with("archive_refused"));
    CHECK(staged({{"..\\..\\x", "evil"}}, "7zip").starts_with("archive_refused"));
}

TEST_CASE("a name that is too long or too deep refuses the archive, a byte less does not") {
    const std::string name(200, 'n');
    std::string deep = "d";
    for (int i = 1; i < 32; ++i)
        deep += "/d";
    CHECK(staged({{name, ""}, {deep, ""}}) == "fine");
    CHECK(staged({{name + "n", ""}}) == refusal("member \"" + name + "n\": it has a name of more than 200 bytes"));
    CHECK(staged({{deep + "/d", ""}}) == refusal("member \"" + deep + "/d\": it lies more than 32 directories deep"));
}

TEST_CASE("two members for one place refuse the archive") {
    CHECK(staged({{"README.htm", "again"}}) == refusal("member \"README.htm\": \"README.htm\" stands twice"));
    CHECK(staged({{"readme.HTM", "again"}}) ==
          refusal("member \"readme.HTM\": it differs from \"README.htm\" by letter case only"));
    CHECK(staged({{"PKG/b", "again"}}) == refusal("member \"PKG/b\": it differs from \"pkg\" by letter case only"));
    CHECK(staged({{"pkg/a.rpm", "a later one would win"}}) ==
          refusal("member \"pkg/a.rpm\": \"pkg/a.rpm\" stands twice"));
    CHECK(staged({{"README.htm/x", ""}}) ==
          refusal("member \"README.htm/x\": \"README.htm\" is a file and a directory at once"));
    CHECK(staged({{"pkg/b", "another"}, {"readme2.htm", ""}}) == "fine");
}

TEST_CASE("links that lead out refuse the archive, links inside are passed over") {
    for (const char* target : {"/etc/passwd", "../x", "pkg/../../x", "..", "C:\\x", "..\\x", ""}) {
        CAPTURE(target);
        CHECK(staged({{"link", "", MemberType::symlink, target}}) ==
              refusal("member \"link\": it is a link that leads out of the archive"));
    }
    CHECK(staged({{"pkg/link", "", MemberType::symlink, "../../x"}}) ==
          refusal("member \"pkg/link\": it is a link that leads out of the archive"));
    CHECK(staged({{"hard", "", MemberType::hardlink, "../x"}}) ==
          refusal("member \"hard\": it is a link that leads out of the archive"));
    CHECK(staged({{"hard", "", MemberType::hardlink, "/etc/shadow"}}) ==
          refusal("member \"hard\": it is a link that leads out of the archive"));
    CHECK(staged({{"link", "", MemberType::symlink, "pkg/a.rpm"},
                  {"pkg/link", "", MemberType::symlink, "../README.htm"},
                  {"pkg/hard", "", MemberType::hardlink, "pkg/a.rpm"}}) == "fine");
}

TEST_CASE("a link cannot become the directory of a later member, nor a payload") {
    CHECK(staged({{"dir", "", MemberType::symlink, "pkg"}, {"dir/x", "through the link"}}) ==
          refusal("member \"dir/x\": \"dir\" is a file and a directory at once"));
    for (const MemberType type : {MemberType::symlink, MemberType::hardlink})
        CHECK(staged(make_archive("pax", "none",
                                  {{"real.rpm", payload_content}, {"pkg/a.rpm", "", type, "pkg/real.rpm"}})) ==
              "payload_mismatch: cannot use pkg/a.rpm in /var/download/package: the archive has a link in its place");
}

TEST_CASE("devices and pipes refuse the archive") {
    for (const MemberType type : {MemberType::character_device, MemberType::block_device, MemberType::pipe})
        CHECK(staged({{"dev", "", type}}) == refusal("member \"dev\": it is a device, a pipe or a socket"));
    CHECK(staged({{"dev", "", MemberType::directory}}) == "fine");
}

TEST_CASE("an archive with more members than its manifest says is refused") {
    Staging staging(make_archive("pax", "none", good_members()));
    staging.request.manifest.entries = 3;
    CHECK(staging.result() == "fine");
    staging.request.manifest.entries = 2;
    CHECK(staging.result() == refusal("it has more than 2 members"));
    staging.request.manifest.entries = 100;
    staging.request.limits.entries = 2;
    CHECK(staging.result() == refusal("it has more than 2 members"));
}

TEST_CASE("an archive that grows larger than its manifest says is refused before it does") {
    Staging staging(make_archive("pax", "none", good_members()));
    const std::uint64_t exact = payload_content.size() + 7;
    staging.request.manifest.unpacked_bytes = exact;
    CHECK(staging.result() == "fine");
    staging.request.manifest.unpacked_bytes = exact - 1;
    const std::string message = refusal("member \"pkg/a.rpm\": with it the archive is larger than " +
                                        std::to_string(exact - 1) + " bytes unpacked");
    CHECK(staging.result() == message);
    staging.request.manifest.unpacked_bytes = 10 << 20;
    staging.request.limits.unpacked_bytes = exact - 1;
    CHECK(staging.result() == message);
}

TEST_CASE("an archive that is out of proportion is refused before it fills the disk") {
    const std::string zeros(30 << 20, '\0');
    for (const auto& row : std::vector<std::pair<const char*, const char*>>{
             {"pax", "gzip"}, {"pax", "xz"}, {"pax", "zstd"}, {"zip", "none"}, {"7zip", "none"}}) {
        const char* const format = row.first;
        const char* const filter = row.second;
        CAPTURE(format);
        CAPTURE(filter);
        std::vector<TestMember> members = good_members();
        members.push_back({"bomb", zeros});
        Staging staging(make_archive(format, filter, members));
        staging.request.manifest.unpacked_bytes = 100 << 20;
        CHECK(staging.result() == "fine");
        staging.request.limits.ratio = 50;
        CHECK(staging.result() ==
              refusal("member \"bomb\": with it the archive is more than 50 times larger unpacked than packed"));
    }
}

TEST_CASE("a compression that wants more memory than allowed is refused") {
    const auto with = [](const std::string& filter, const std::string& options, std::uint64_t cap) {
        Staging staging(make_archive("ustar", filter, good_members(), options));
        staging.request.limits.dictionary_bytes = cap;
        return staging.result();
    };
    constexpr std::uint64_t mib = 1 << 20;
    CHECK(with("xz", "xz:compression-level=6", 8 * mib) == "fine");
    CHECK(with("xz", "xz:compression-level=6", 8 * mib - 1) ==
          refusal(
              "its compression wants a dictionary of 8388608 bytes in memory, and the setting limits.dictionary_bytes "
              "allows 8388607"));
    CHECK(with("xz", "xz:compression-level=9", 64 * mib) == "fine");
    CHECK(with("xz", "xz:compression-level=9", 63 * mib).starts_with("archive_refused"));
    CHECK(with("zstd", "zstd:compression-level=3", 2 * mib) == "fine");
    CHECK(with("zstd", "zstd:compression-level=3", 2 * mib - 1) ==
          refusal(
              "its compression wants a dictionary of 2097152 bytes in memory, and the setting limits.dictionary_bytes "
              "allows 2097151"));
}

TEST_CASE("the window of every zstd frame is seen, wherever the pieces are cut") {
    // As the format's description has them: a skippable frame, a frame with a window of 1 KiB, an RLE block and a check
    // sum, one of a single segment of 300 bytes, one with a window of 2^27 * 11/8.
    const auto bytes = [](std::initializer_list<int> list) {
        std::string text;
        for (const int byte : list)
            text += char(byte);
        return text;
    };
    const std::string magic = bytes({0x28, 0xB5, 0x2F, 0xFD});
    const std::string skippable = bytes({0x5A, 0x2A, 0x4D, 0x18, 5, 0, 0, 0}) + "skip!";
    const std::string small = magic + bytes({0x04, 0x00, 0x03 | 0x10, 0, 0, 'x'}) + "csum";
    const std::string single = magic + bytes({0x60, 44, 0, 0x01 | 0x20, 0, 0}) + "abcd";
    const std::string large = magic + bytes({0x00, 17 << 3 | 3, 0x01, 0, 0});
    const auto largest = [](const std::string& stream, std::size_t piece) {
        ZstdFrames frames;
        for (std::size_t at = 0; at < stream.size(); at += piece)
            frames.look(std::string_view(stream).substr(at, piece));
        return frames.largest_window();
    };
    for (const std::size_t piece : {1u, 2u, 3u, 5u, 7u, 1000u}) {
        CHECK(largest(skippable, piece) == 0);
        CHECK(largest(skippable + small, piece) == 1024);
        CHECK(largest(single, piece) == 300);
        CHECK(largest(skippable + small + single, piece) == 1024);
        CHECK(largest(small + skippable + large + small, piece) == (std::uint64_t(1) << 27) / 8 * 11);
        CHECK(largest(small + "junk" + large, piece) == 1024);
    }
    const std::string stream = compressed("zstd", noise(900000), "zstd:compression-level=1");
    CHECK(largest(stream + large, 4096) == (std::uint64_t(1) << 27) / 8 * 11);
}

TEST_CASE("an xz stream tells its dictionary") {
    CHECK(xz_dictionary(compressed("xz", "text", "xz:compression-level=0")) == 256u << 10);
    CHECK(xz_dictionary(compressed("xz", "text", "xz:compression-level=9")) == 64u << 20);
    CHECK_FALSE(xz_dictionary(""));
    CHECK_FALSE(xz_dictionary(std::string("\xFD\x37zXZ\x00\x00\x04\x00\x00\x00\x00", 12)));
}

TEST_CASE("what is no archive, or a damaged one, is told apart") {
    CHECK(staged(std::string()).starts_with("archive_unknown: cannot unpack /var/download/package: it is no archive"));
    CHECK(staged(std::string(5000, 'x')).starts_with("archive_unknown"));
    CHECK(staged(noise(5000)).starts_with("archive_unknown"));
    CHECK(staged(compressed("gzip", "no tar in it, though it is long enough to look for one"))
              .starts_with("archive_unknown"));
    for (const auto& row : std::vector<std::pair<const char*, const char*>>{
             {"pax", "none"}, {"pax", "gzip"}, {"pax", "xz"}, {"pax", "zstd"}, {"zip", "none"}, {"7zip", "none"}}) {
        const char* const format = row.first;
        const char* const filter = row.second;
        CAPTURE(format);
        CAPTURE(filter);
        const std::string whole = make_archive(format, filter, good_members());
        CHECK_FALSE(staged(whole.substr(0, whole.size() / 2)) == "fine");
        CHECK(staged(whole) == "fine");
    }
    const std::string whole = make_archive("pax", "none", good_members());
    CHECK(
        staged(whole.substr(0, whole.size() / 2)).starts_with("archive_damaged: cannot unpack /var/download/package"));
}

TEST_CASE("a bad package is told with its file, the member and why; its smallest neighbour is unpacked") {
    const std::string whole = make_archive("pax", "none", good_members());
    const auto with = [](const TestMember& member) {
        std::vector<TestMember> members = good_members();
        members.push_back(member);
        return make_archive("pax", "none", members);
    };
    std::vector<TestMember> longer = good_members();
    longer[2].content += 'x';
    const struct {
        const char* what;
        std::string bad, why, neighbour;
    } rows[] = {
        {"nothing", "", "it is no archive", whole},
        {"half of it", whole.substr(0, whole.size() / 2), "it is damaged", whole},
        {"no archive", compressed("gzip", std::string(5000, 'x')), "it is no archive", compressed("gzip", whole)},
        {"out of the folder", with({"../b", "x"}), "\"../b\"", with({"..b", "x"})},
        {"an absolute path", with({"/b", "x"}), "\"/b\"", with({"b", "x"})},
        {"a link that leads out", with({"b", "", MemberType::symlink, "/etc/passwd"}), "\"b\"",
         with({"b", "", MemberType::symlink, "README.htm"})},
        {"a device", with({"b", "", MemberType::character_device}), "\"b\"", with({"b", ""})},
        {"twice", with({"pkg/a.rpm", payload_content}), "pkg/a.rpm", with({"pkg/b.rpm", payload_content})},
        {"other letter case", with({"PKG/A.rpm", "x"}), "A.rpm", with({"PKG2/A.rpm", "x"})},
        {"encrypted", make_archive("zip", "none", good_members(), "zip:encryption=zipcrypt"), "encrypted",
         make_archive("zip", "none", good_members())},
        {"without its payload", make_archive("pax", "none", {{"README.htm", "read me"}}), "the payload pkg/a.rpm",
         whole},
        {"one byte too many", make_archive("pax", "none", longer), "pkg/a.rpm", whole},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const std::string message = staged(row.bad);
        CAPTURE(message);
        CHECK(message.find(": cannot ") != std::string::npos);
        CHECK(message.find("/var/download/package") != std::string::npos);
        CHECK(message.find(row.why) != std::string::npos);
        CHECK(staged(row.neighbour) == "fine");
    }
}

TEST_CASE("an encrypted member refuses the archive") {
    CHECK(staged(make_archive("zip", "none", good_members(), "zip:encryption=zipcrypt")) ==
          refusal("member \"README.htm\": it is encrypted"));
}

TEST_CASE("what stands behind the end of a tar is hashed, though it is not read") {
    const std::string archive = make_archive("ustar", "none", good_members()) + std::string(700000, 'z');
    CHECK(staged(archive) == "fine");
    Staging staging(archive);
    staging.files.put("/var/download/package", archive.substr(0, archive.size() - 1) + "y");
    CHECK(staging.result().starts_with("target_mismatch: cannot use /var/download/package: its SHA-256 is "));
}

TEST_CASE("a sparse member refuses the archive") {
    // A GNU tar header of a file with one hole.
    std::string header(512, '\0');
    const auto put = [&header](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
    put(0, "sparse");
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, "00000000010");
    put(136, "00000000000");
    put(156, "S");
    put(257, "ustar  ");
    put(386, "00000010000");
    put(398, "00000000010");
    put(483, "00000010010");
    put(148, "        ");
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum);
    put(148, text);
    std::string content(512, '\0');
    content.replace(0, 8, "12345678");
    const std::string archive = header + content + make_archive("gnutar", "none", good_members());
    Staging staging(archive);
    Payload payload = staging.request.manifest.payloads[0];
    payload.path = "sparse";
    payload.id.name = "sparse";
    payload.size = 010010;
    staging.request.manifest.payloads.push_back(payload);
    CHECK(staging.result() == refusal("member \"sparse\": it is a file with holes"));
}
