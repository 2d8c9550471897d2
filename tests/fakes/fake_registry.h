#pragma once

#include "platform/error.h"
#include "platform/settings_store.h"

#include <string>

namespace autodeploy {

/// Keys with values, to be read.
class FakeRegistry : public SettingsStore {
  public:
    /// A text, as REG_SZ has it; ASCII.
    void put(const std::string& key, const std::string& name, const std::string& text) {
        constexpr const char* digits = "0123456789abcdef";
        std::string value = "1:";
        for (const char c : text + '\0')
            value += std::string{digits[(c >> 4) & 15], digits[c & 15]} + "00";
        keys_[key][name] = value;
    }
    /// As REG_DWORD has it; below 256.
    void put_number(const std::string& key, const std::string& name, unsigned char number) {
        constexpr const char* digits = "0123456789abcdef";
        keys_[key][name] = std::string("4:") + digits[number >> 4] + digits[number & 15] + "000000";
    }

    Tree read(const std::string& key) override {
        if (!denied.empty() && key.ends_with(denied))
            throw Error("access_denied", "cannot read the registry: Permission denied (error 13)");
        Tree found;
        for (const auto& [name, values] : keys_)
            if (name == key || name.starts_with(key + "\\")) found[name] = values;
        return found;
    }
    void write(const std::string&, const Tree&) override {}

    std::string denied; ///< keys that end so

  private:
    Tree keys_;
};

} // namespace autodeploy
