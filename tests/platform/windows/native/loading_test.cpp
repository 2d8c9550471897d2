#include "tests/platform/windows/native/own_directory.h"

#include <doctest/doctest.h>
#include <openssl/crypto.h>

#include <windows.h>

#include <string>

using namespace autodeploy;

namespace {

std::wstring folder_of_program() {
    std::wstring path(32768, L'\0');
    path.resize(::GetModuleFileNameW(nullptr, path.data(), DWORD(path.size())));
    return path.substr(0, path.find_last_of(L'\\') + 1);
}

/// Where the process stands, for as long as a test takes.
class StandsIn {
  public:
    explicit StandsIn(const std::wstring& directory) : before_(32768, L'\0') {
        before_.resize(::GetCurrentDirectoryW(DWORD(before_.size()), before_.data()));
        REQUIRE(::SetCurrentDirectoryW(directory.c_str()));
    }
    StandsIn(const StandsIn&) = delete;
    StandsIn& operator=(const StandsIn&) = delete;
    ~StandsIn() { ::SetCurrentDirectoryW(before_.c_str()); }

  private:
    std::wstring before_;
};

} // namespace

TEST_CASE("no library is loaded from where the process stands, nor from beside the program") {
    OwnDirectory own;
    const std::wstring place(own.path().begin(), own.path().end());
    const std::wstring planted = place + L"\\planted.dll";
    const std::wstring beside = folder_of_program() + L"planted-beside.dll";
    // Any program will do for a library.
    REQUIRE(::CopyFileW((folder_of_program() + L"standin_service.exe").c_str(), planted.c_str(), FALSE));
    REQUIRE(::CopyFileW(planted.c_str(), beside.c_str(), FALSE));
    const StandsIn there(place);
    CHECK(::LoadLibraryW(L"planted.dll") == nullptr);
    CHECK(::LoadLibraryW(L"planted-beside.dll") == nullptr);
    CHECK(::LoadLibraryW(L"cabinet.dll") != nullptr);
    const HMODULE by_path = ::LoadLibraryW(planted.c_str());
    CHECK(by_path != nullptr);
    ::FreeLibrary(by_path);
    ::DeleteFileW(beside.c_str());
}

TEST_CASE("OpenSSL's own settings lie where only administrators could put them, and are not asked for") {
    const std::string place = OpenSSL_version(OPENSSL_DIR);
    CHECK_MESSAGE(place == "OPENSSLDIR: \"C:/Windows/autodeploy-ssl\"", place);
    const std::string engines = OpenSSL_version(OPENSSL_ENGINES_DIR);
    CHECK_MESSAGE(engines.starts_with("ENGINESDIR: \"C:/Windows/"), engines);
}
