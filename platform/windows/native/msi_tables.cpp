#include "platform/windows/native/msi_tables.h"

#include "platform/error.h"
#include "platform/windows/full_path.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <msi.h>
#include <msiquery.h>

namespace autodeploy {

namespace {

constexpr UINT template_of_summary = 7;
constexpr UINT code_of_summary = 9;

/// Closes a handle of MSI.
class Closing {
  public:
    explicit Closing(MSIHANDLE handle) : handle_(handle) {}
    Closing(const Closing&) = delete;
    Closing& operator=(const Closing&) = delete;
    ~Closing() { ::MsiCloseHandle(handle_); }
    MSIHANDLE get() const { return handle_; }

  private:
    MSIHANDLE handle_;
};

Error unreadable(const std::string& path, UINT code) {
    return Error("package_unreadable", "cannot read the package " + path + ": " + system_message(int(code)));
}

std::string text_of(MSIHANDLE record, UINT column) {
    std::wstring text(256, L'\0');
    for (;;) {
        DWORD size = DWORD(text.size());
        const UINT code = ::MsiRecordGetStringW(record, column, text.data(), &size);
        text.resize(code == ERROR_MORE_DATA ? size + 1 : code == ERROR_SUCCESS ? size : 0);
        if (code != ERROR_MORE_DATA) return narrow(text);
    }
}

std::string property_of(MSIHANDLE summary, UINT property) {
    std::wstring text(256, L'\0');
    UINT type = 0;
    INT number = 0;
    FILETIME time{};
    for (;;) {
        DWORD size = DWORD(text.size());
        const UINT code = ::MsiSummaryInfoGetPropertyW(summary, property, &type, &number, &time, text.data(), &size);
        text.resize(code == ERROR_MORE_DATA ? size + 1 : code == ERROR_SUCCESS && type == VT_LPSTR ? size : 0);
        if (code != ERROR_MORE_DATA) return narrow(text);
    }
}

} // namespace

MsiTables::MsiTables(const std::string& path) : path_(path) {
    MSIHANDLE handle = 0;
    // MSI takes no path with the prefix that lifts its limit.
    const wchar_t* const read_only = nullptr; // MSIDBOPEN_READONLY, which the headers have with a wrong type
    const UINT code = ::MsiOpenDatabaseW(wide(plain_path(parts_of_path(path))).c_str(), read_only, &handle);
    if (code != ERROR_SUCCESS) throw unreadable(path, code);
    handle_ = handle;
}

MsiTables::~MsiTables() {
    ::MsiCloseHandle(handle_);
}

std::vector<std::vector<std::string>> MsiTables::rows(const std::string& query, unsigned columns) const {
    std::vector<std::vector<std::string>> found;
    MSIHANDLE handle = 0;
    const UINT opened = ::MsiDatabaseOpenViewW(handle_, wide(query).c_str(), &handle);
    if (opened == ERROR_BAD_QUERY_SYNTAX) return found; // no such table
    if (opened != ERROR_SUCCESS) throw unreadable(path_, opened);
    const Closing view(handle);
    if (const UINT code = ::MsiViewExecute(view.get(), 0); code != ERROR_SUCCESS) throw unreadable(path_, code);
    for (;;) {
        MSIHANDLE row = 0;
        const UINT code = ::MsiViewFetch(view.get(), &row);
        if (code == ERROR_NO_MORE_ITEMS) return found;
        if (code != ERROR_SUCCESS) throw unreadable(path_, code);
        const Closing record(row);
        std::vector<std::string>& texts = found.emplace_back();
        for (unsigned column = 1; column <= columns; ++column)
            texts.push_back(text_of(record.get(), column));
    }
}

std::map<std::string, std::string> MsiTables::properties() const {
    std::map<std::string, std::string> found;
    for (const std::vector<std::string>& row : rows("SELECT `Property`, `Value` FROM `Property`", 2))
        found[row[0]] = row[1];
    return found;
}

std::pair<std::string, std::string> MsiTables::summary() const {
    MSIHANDLE handle = 0;
    const UINT code = ::MsiGetSummaryInformationW(handle_, nullptr, 0, &handle);
    if (code != ERROR_SUCCESS) throw unreadable(path_, code);
    const Closing summary(handle);
    return {property_of(summary.get(), template_of_summary), property_of(summary.get(), code_of_summary)};
}

} // namespace autodeploy
