#include "platform/windows/native/rights_of.h"

#include "platform/windows/native/file_failure.h"
#include "platform/windows/native/handle.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include <vector>

namespace autodeploy {

namespace {

constexpr SECURITY_INFORMATION all_parts =
    OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;

/// Freed as Windows wants its own texts and descriptors freed.
class Local {
  public:
    explicit Local(void* memory = nullptr) : memory_(memory) {}
    Local(const Local&) = delete;
    Local& operator=(const Local&) = delete;
    ~Local() {
        if (memory_) ::LocalFree(memory_);
    }
    void* get() const { return memory_; }

  private:
    void* memory_;
};

std::string text_of(PSID who) {
    wchar_t* text = nullptr;
    if (who == nullptr || !::ConvertSidToStringSidW(who, &text)) return {};
    const Local owned(text);
    return narrow(text);
}

AccessEntry entry_of(ACE_HEADER* header) {
    AccessEntry entry;
    entry.inherit_only = (header->AceFlags & INHERIT_ONLY_ACE) != 0;
    // Conditional and object entries are of other forms: each counts as letting somebody unknown do anything.
    entry.mask = ~std::uint32_t(0);
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE && header->AceType != ACCESS_DENIED_ACE_TYPE) return entry;
    entry.allows = header->AceType == ACCESS_ALLOWED_ACE_TYPE;
    auto* const known = reinterpret_cast<ACCESS_ALLOWED_ACE*>(header);
    entry.mask = known->Mask;
    entry.who = text_of(&known->SidStart);
    return entry;
}

} // namespace

AccessRights rights_of(void* handle, const std::string& path) {
    PSID owner = nullptr;
    PACL list = nullptr;
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    const DWORD code = ::GetSecurityInfo(handle, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                         &owner, nullptr, &list, nullptr, &descriptor);
    if (code != ERROR_SUCCESS) throw file_failure("read the rights of", path, code);
    const Local owned(descriptor);
    AccessRights rights;
    rights.owner = text_of(owner);
    rights.everybody = list == nullptr;
    for (DWORD index = 0; list != nullptr && index < list->AceCount; ++index) {
        void* entry = nullptr;
        if (!::GetAce(list, index, &entry)) throw file_failure("read the rights of", path, ::GetLastError());
        rights.entries.push_back(entry_of(static_cast<ACE_HEADER*>(entry)));
    }
    return rights;
}

std::string rights_text(void* handle, const std::string& path) {
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    const DWORD code =
        ::GetSecurityInfo(handle, SE_FILE_OBJECT, all_parts, nullptr, nullptr, nullptr, nullptr, &descriptor);
    if (code != ERROR_SUCCESS) throw file_failure("read the rights of", path, code);
    const Local owned(descriptor);
    wchar_t* text = nullptr;
    if (!::ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1, all_parts, &text, nullptr))
        throw file_failure("read the rights of", path, ::GetLastError());
    const Local owned_text(text);
    return narrow(text);
}

void set_rights(void* handle, const std::string& path, const std::string& text) {
    if (text.empty() || rights_text(handle, path) == text) return;
    const NewRights wanted(text.c_str());
    PSID owner = nullptr, group = nullptr;
    PACL list = nullptr;
    BOOL defaulted = FALSE, present = FALSE;
    SECURITY_DESCRIPTOR_CONTROL control = 0;
    DWORD revision = 0;
    ::GetSecurityDescriptorOwner(wanted.get(), &owner, &defaulted);
    ::GetSecurityDescriptorGroup(wanted.get(), &group, &defaulted);
    ::GetSecurityDescriptorDacl(wanted.get(), &present, &list, &defaulted);
    ::GetSecurityDescriptorControl(wanted.get(), &control, &revision);
    SECURITY_INFORMATION parts = 0;
    if (owner) parts |= OWNER_SECURITY_INFORMATION;
    if (group) parts |= GROUP_SECURITY_INFORMATION;
    if (present)
        parts |=
            DACL_SECURITY_INFORMATION | ((control & SE_DACL_PROTECTED) != 0 ? PROTECTED_DACL_SECURITY_INFORMATION
                                                                            : UNPROTECTED_DACL_SECURITY_INFORMATION);
    const DWORD code = ::SetSecurityInfo(handle, SE_FILE_OBJECT, parts, owner, group, list, nullptr);
    if (code != ERROR_SUCCESS) throw file_failure("set the rights of", path, code);
}

std::string own_user() {
    HANDLE opened = nullptr;
    if (!::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened)) return {};
    const Handle token(opened);
    DWORD size = 0;
    ::GetTokenInformation(token.get(), TokenUser, nullptr, 0, &size);
    std::vector<char> memory(size);
    if (!::GetTokenInformation(token.get(), TokenUser, memory.data(), size, &size)) return {};
    return text_of(reinterpret_cast<TOKEN_USER*>(memory.data())->User.Sid);
}

NewRights::NewRights(const char* text) {
    if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(wide(text).c_str(), SDDL_REVISION_1, &descriptor_,
                                                                nullptr))
        throw Error("io_error",
                    "cannot use the rights \"" + std::string(text) + "\": " + system_message(int(::GetLastError())));
}

NewRights::~NewRights() {
    if (descriptor_) ::LocalFree(descriptor_);
}

} // namespace autodeploy
