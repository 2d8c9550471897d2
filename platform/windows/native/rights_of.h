#pragma once

#include "platform/windows/rights.h"

#include <string>

namespace autodeploy {

/// Of an open file or directory. path is for messages.
AccessRights rights_of(void* handle, const std::string& path);
/// The same as one text: owner, group and access list.
std::string rights_text(void* handle, const std::string& path);
/// Sets what differs. Throws the Errors of FileSystem.
void set_rights(void* handle, const std::string& path, const std::string& text);
/// The user that this process runs as: "S-1-5-18".
std::string own_user();

/// A security descriptor made of its text, for a call that makes something.
class NewRights {
  public:
    explicit NewRights(const char* text);
    NewRights(const NewRights&) = delete;
    NewRights& operator=(const NewRights&) = delete;
    ~NewRights();
    void* get() const { return descriptor_; }

  private:
    void* descriptor_ = nullptr;
};

} // namespace autodeploy
