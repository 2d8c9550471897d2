#include "platform/windows/native/restart_manager.h"

#include "platform/windows/native/wide.h"

#include <windows.h>

#include <restartmanager.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace autodeploy {

namespace {

constexpr std::chrono::seconds patience{10};
constexpr int most_tries = 5; ///< the list may grow between asking for its length and asking for it

/// It is not on each edition of Windows, and our program must start all the same.
struct RestartManager {
    HMODULE library = ::LoadLibraryExW(L"rstrtmgr.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
    template<class Function> Function* find(const char* name) const {
        return library == nullptr
                   ? nullptr
                   : reinterpret_cast<Function*>(reinterpret_cast<void*>(::GetProcAddress(library, name)));
    }
    decltype(::RmStartSession)* start = find<decltype(::RmStartSession)>("RmStartSession");
    decltype(::RmRegisterResources)* add = find<decltype(::RmRegisterResources)>("RmRegisterResources");
    decltype(::RmGetList)* list = find<decltype(::RmGetList)>("RmGetList");
    decltype(::RmEndSession)* end = find<decltype(::RmEndSession)>("RmEndSession");
    bool is_there() const { return start && add && list && end; }
};

std::vector<std::int64_t> in_session(const RestartManager& manager, DWORD session,
                                     const std::vector<std::wstring>& paths) {
    std::vector<const wchar_t*> names;
    for (const std::wstring& path : paths)
        names.push_back(path.c_str());
    if (manager.add(session, UINT(names.size()), const_cast<LPCWSTR*>(names.data()), 0, nullptr, 0, nullptr) !=
        ERROR_SUCCESS)
        return {};
    std::vector<RM_PROCESS_INFO> found(16);
    for (int tries = 0; tries < most_tries; ++tries) {
        UINT needed = 0;
        UINT count = UINT(found.size());
        DWORD reasons = 0;
        const DWORD code = manager.list(session, &needed, &count, found.data(), &reasons);
        if (code == ERROR_MORE_DATA) {
            found.resize(needed + 16);
            continue;
        }
        std::vector<std::int64_t> ids;
        for (UINT i = 0; code == ERROR_SUCCESS && i < count; ++i)
            ids.push_back(found[i].Process.dwProcessId);
        return ids;
    }
    return {};
}

std::vector<std::int64_t> ask(const std::vector<std::wstring>& paths) {
    static const RestartManager manager;
    DWORD session = 0;
    wchar_t key[CCH_RM_SESSION_KEY + 1] = {};
    if (!manager.is_there() || manager.start(&session, 0, key) != ERROR_SUCCESS) return {};
    std::vector<std::int64_t> ids = in_session(manager, session, paths);
    manager.end(session);
    return ids;
}

} // namespace

std::vector<std::int64_t> holders_of(const std::vector<std::string>& paths) {
    if (paths.empty()) return {};
    std::vector<std::wstring> names;
    for (const std::string& path : paths)
        names.push_back(wide(path));
    auto promise = std::make_shared<std::promise<std::vector<std::int64_t>>>();
    std::future<std::vector<std::int64_t>> answer = promise->get_future();
    std::thread([promise, names] { promise->set_value(ask(names)); }).detach();
    return answer.wait_for(patience) == std::future_status::ready ? answer.get() : std::vector<std::int64_t>{};
}

} // namespace autodeploy
