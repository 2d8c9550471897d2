#include "platform/windows/scm_service_manager.h"

#include "platform/error.h"
#include "platform/windows/native/native_service_control.h"
#include "platform/windows/native/registry_store.h"

#include <windows.h>

#include <winsvc.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using namespace autodeploy;

namespace {

class TestClock final : public Clock {
  public:
    UnixTime now() override { return 0; }
    Milliseconds elapsed() override { return Milliseconds(std::int64_t(::GetTickCount64())); }
    void sleep(Milliseconds time) override { ::Sleep(DWORD(time.count())); }
    Seconds local_offset(UnixTime) override { return Seconds(0); }
    std::string boot_id() override { return "boot"; }
};

constexpr Milliseconds long_enough{20000};
constexpr Milliseconds too_short{600};

/// Services of the stand-in in a folder with blanks and other letters; all of it is gone at the end.
struct OwnServices {
    static inline int count = 0;
    NativeServiceControl control;
    RegistryStore registry;
    TestClock clock;
    ScmServiceManager manager{control, registry, clock};
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() /
        (L"autodeploy t\u00e4st " + std::to_wstring(::GetCurrentProcessId()) + L"-" + std::to_wstring(++count)) /
        L"baclient";
    std::vector<std::wstring> made;

    OwnServices() {
        std::filesystem::create_directories(folder);
        wchar_t self[MAX_PATH];
        ::GetModuleFileNameW(nullptr, self, MAX_PATH);
        std::filesystem::copy_file(std::filesystem::path(self).parent_path() / L"standin_service.exe",
                                   folder / L"dsmcsvc.exe", std::filesystem::copy_options::overwrite_existing);
    }
    ~OwnServices() {
        for (const std::wstring& name : made) {
            const std::string narrow(std::filesystem::path(name).string());
            try {
                manager.stop(narrow, too_short, true);
                manager.release(narrow);
            } catch (const Error& error) {
                MESSAGE(error.what());
            }
            remove(name);
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder.parent_path(), ignored);
    }
    std::string place() const {
        const std::u8string text = folder.u8string();
        return {text.begin(), text.end()};
    }
    static void remove(const std::wstring& name) {
        const SC_HANDLE all = ::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_ALL_ACCESS);
        if (const SC_HANDLE service = ::OpenServiceW(all, name.c_str(), DELETE)) {
            ::DeleteService(service);
            ::CloseServiceHandle(service);
        }
        ::CloseServiceHandle(all);
    }
    void make(const std::wstring& name, const std::wstring& arguments = {}, bool quoted = true,
              DWORD start = SERVICE_AUTO_START) {
        // A run that was broken off has left it, and it starts with the prefix.
        const std::string narrow(std::filesystem::path(name).string());
        if (manager.find(narrow)) manager.stop(narrow, long_enough, true);
        remove(name);
        registry.write(std::string(ScmServiceManager::holds) + "\\" + narrow, {});
        const std::wstring quote = quoted ? L"\"" : L"";
        const std::wstring path = quote + (folder / L"dsmcsvc.exe").wstring() + quote + arguments;
        const SC_HANDLE all = ::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_ALL_ACCESS);
        const SC_HANDLE service = ::CreateServiceW(all, name.c_str(), (name + L" shown").c_str(), SERVICE_ALL_ACCESS,
                                                   SERVICE_WIN32_OWN_PROCESS, start, SERVICE_ERROR_NORMAL, path.c_str(),
                                                   nullptr, nullptr, nullptr, nullptr, nullptr);
        REQUIRE(service != nullptr);
        ::CloseServiceHandle(service);
        ::CloseServiceHandle(all);
        made.push_back(name);
    }
};

} // namespace

TEST_CASE("services of Windows are found by the folder of their program, under any name, quoted or not") {
    OwnServices services;
    services.make(L"TSM Autodeploy A", LR"( -optfile="D:\other place\dsm.opt")");
    services.make(L"Nightly Autodeploy", L" -x", false, SERVICE_DEMAND_START);
    const std::vector<Service> found = services.manager.services_of({services.place()});
    REQUIRE(found.size() == 2);
    CHECK(found[0].name == "Nightly Autodeploy");
    CHECK(found[0].arguments == std::vector<std::string>{"-x"});
    CHECK_FALSE(found[0].enabled);
    CHECK(found[1].name == "TSM Autodeploy A");
    CHECK(found[1].program.ends_with("\\baclient\\dsmcsvc.exe"));
    CHECK(found[1].arguments == std::vector<std::string>{R"(-optfile=D:\other place\dsm.opt)"});
    CHECK(found[1].enabled);
    CHECK_FALSE(found[1].running);
    CHECK(found[1].settings.at("account") == "LocalSystem");
    std::string other_case = services.place() + "\\";
    std::transform(other_case.begin(), other_case.end(), other_case.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
    CHECK(services.manager.services_of({other_case}).size() == 2);
    CHECK(services.manager.services_of({services.place() + "x"}).empty());
    CHECK_FALSE(services.manager.find("no such service").has_value());
}

TEST_CASE("a service of Windows is started and stopped, and its stop waits for its process to end") {
    OwnServices services;
    services.make(L"TSM Autodeploy B", L" --start-takes 300 --stop-takes 300 --lives-on 1500");
    services.manager.start("TSM Autodeploy B", long_enough);
    services.manager.start("TSM Autodeploy B", long_enough);
    const auto running = services.manager.find("TSM Autodeploy B");
    REQUIRE(running);
    CHECK(running->running);
    REQUIRE(running->process > 0);
    const HANDLE process = ::OpenProcess(SYNCHRONIZE, FALSE, DWORD(running->process));
    REQUIRE(process != nullptr);
    services.manager.stop("TSM Autodeploy B", long_enough, false);
    CHECK(::WaitForSingleObject(process, 0) == WAIT_OBJECT_0);
    ::CloseHandle(process);
    CHECK_FALSE(services.manager.find("TSM Autodeploy B")->running);
    services.manager.stop("TSM Autodeploy B", long_enough, false);
}

TEST_CASE("a stop waits for what the service started out of its own folder, too, and ends it where that is allowed") {
    OwnServices services;
    services.make(L"TSM Autodeploy C", L" --child 1500");
    const Milliseconds before = services.clock.elapsed();
    services.manager.start("TSM Autodeploy C", long_enough);
    services.manager.stop("TSM Autodeploy C", long_enough, false);
    CHECK(services.clock.elapsed() - before >= Milliseconds(1500));
    services.make(L"TSM Autodeploy C2", L" --child 60000");
    services.manager.start("TSM Autodeploy C2", long_enough);
    services.manager.stop("TSM Autodeploy C2", too_short, true);
    // No file of a running program can be removed.
    std::error_code code;
    CHECK(std::filesystem::remove(services.folder / L"dsmcsvc.exe", code));
}

TEST_CASE("a service that hangs in its stop is left as it is, or ended where that is allowed, and starts again") {
    OwnServices services;
    services.make(L"TSM Autodeploy D", L" --stop-hangs");
    services.manager.start("TSM Autodeploy D", long_enough);
    try {
        services.manager.stop("TSM Autodeploy D", too_short, false);
        FAIL("it was stopped");
    } catch (const Error& error) {
        CHECK(error.cause() == "service_stop_failed");
    }
    CHECK(services.manager.find("TSM Autodeploy D")->running);
    services.manager.stop("TSM Autodeploy D", too_short, true);
    CHECK_FALSE(services.manager.find("TSM Autodeploy D")->running);
    services.manager.start("TSM Autodeploy D", long_enough);
    CHECK(services.manager.find("TSM Autodeploy D")->running);
}

TEST_CASE("a service that ends in its start is told with its code") {
    OwnServices services;
    services.make(L"TSM Autodeploy E", L" --start-fails 4321");
    try {
        services.manager.start("TSM Autodeploy E", long_enough);
        FAIL("it was started");
    } catch (const Error& error) {
        CHECK(error.cause() == "service_start_failed");
        CHECK(std::string(error.what()).find("4321") != std::string::npos);
    }
}

TEST_CASE("Windows' own record of a held service says demand start, until it is released") {
    OwnServices services;
    services.make(L"TSM Autodeploy F");
    const std::string name = "TSM Autodeploy F";
    const auto before = services.manager.find(name);
    CHECK(services.manager.hold(name));
    CHECK(services.control.settings(name)->at("start") == "demand");
    CHECK(services.manager.find(name) == before);
    services.manager.start(name, long_enough);
    CHECK(services.manager.find(name)->running);
    services.manager.release(name);
    CHECK(services.control.settings(name)->at("start") == "auto");
    CHECK(services.registry.read(std::string(ScmServiceManager::holds) + "\\" + name).empty());
}

TEST_CASE("start type, shown name, description and path of a service are restored as they were") {
    OwnServices services;
    services.make(L"TSM Autodeploy G");
    const std::string name = "TSM Autodeploy G";
    services.control.change(name, {{"description", "runs \xC3\xA4ll schedules"}});
    const auto before = services.manager.find(name);
    REQUIRE(before);
    CHECK(before->settings.at("description") == "runs \xC3\xA4ll schedules");
    services.control.change(name, {{"start", "disabled"},
                                   {"display_name", "another"},
                                   {"description", ""},
                                   {"image_path", R"("C:\elsewhere\dsmcsvc.exe")"}});
    CHECK(services.manager.find(name) != before);
    services.manager.restore(*before);
    CHECK(services.manager.find(name) == before);
}
