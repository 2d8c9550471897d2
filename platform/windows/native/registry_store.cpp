#include "platform/windows/native/registry_store.h"

#include "platform/error.h"
#include "platform/windows/native/wide.h"

#include <windows.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace autodeploy {

namespace {

void check(LSTATUS code, const char* what, const std::string& key) {
    if (code == ERROR_SUCCESS) return;
    throw Error(code == ERROR_ACCESS_DENIED ? "access_denied" : "io_error",
                std::string("cannot ") + what + " the registry's " + key + ": " + system_message(int(code)));
}

struct Place {
    std::wstring path;
    REGSAM view = 0;
};

Place place_of(const std::string& key) {
    const bool native = key.starts_with("HKLM64\\");
    if ((!native && !key.starts_with("HKLM32\\")) || key.size() == 7)
        throw Error("io_error", "cannot use the registry's " + key + ": it begins with neither HKLM64\\ nor HKLM32\\");
    return {wide(key.substr(7)), REGSAM(native ? KEY_WOW64_64KEY : KEY_WOW64_32KEY)};
}

class Key {
  public:
    /// Nothing if there is no such key.
    static std::optional<Key> open(const std::string& name, REGSAM rights) {
        const Place place = place_of(name);
        HKEY handle = nullptr;
        const LSTATUS code = ::RegOpenKeyExW(HKEY_LOCAL_MACHINE, place.path.c_str(), 0, rights | place.view, &handle);
        if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND) return std::nullopt;
        check(code, "open", name);
        return Key(handle, name);
    }
    static Key make(const std::string& name) {
        const Place place = place_of(name);
        HKEY handle = nullptr;
        check(::RegCreateKeyExW(HKEY_LOCAL_MACHINE, place.path.c_str(), 0, nullptr, REG_OPTION_NON_VOLATILE,
                                KEY_READ | KEY_WRITE | place.view, nullptr, &handle, nullptr),
              "make", name);
        return Key(handle, name);
    }
    Key(Key&& other) noexcept : handle_(other.handle_), name_(std::move(other.name_)) { other.handle_ = nullptr; }
    Key& operator=(Key&&) = delete;
    ~Key() {
        if (handle_) ::RegCloseKey(handle_);
    }

    std::vector<std::string> subkeys() const {
        std::vector<std::string> names;
        for (DWORD index = 0;; ++index) {
            std::wstring name(256, L'\0'); // no name of a key is longer than 255
            DWORD size = DWORD(name.size());
            const LSTATUS code =
                ::RegEnumKeyExW(handle_, index, name.data(), &size, nullptr, nullptr, nullptr, nullptr);
            if (code == ERROR_NO_MORE_ITEMS) return names;
            check(code, "read", name_);
            name.resize(size);
            names.push_back(narrow(name));
        }
    }

    std::map<std::string, std::string> values() const {
        std::map<std::string, std::string> found;
        std::string data(4096, '\0');
        for (DWORD index = 0;; ++index) {
            std::wstring name(16384, L'\0');
            DWORD name_size = DWORD(name.size());
            DWORD size = DWORD(data.size());
            DWORD type = 0;
            const LSTATUS code = ::RegEnumValueW(handle_, index, name.data(), &name_size, nullptr, &type,
                                                 reinterpret_cast<BYTE*>(data.data()), &size);
            if (code == ERROR_NO_MORE_ITEMS) return found;
            if (code == ERROR_MORE_DATA) {
                data.resize(std::max<std::size_t>(size, data.size() * 2));
                --index;
                continue;
            }
            check(code, "read", name_);
            name.resize(name_size);
            found[narrow(name)] = text_of(type, std::string_view(data).substr(0, size));
        }
    }

    void set(const std::string& name, const std::string& value) const {
        DWORD type = 0;
        std::string bytes;
        if (!parse(value, type, bytes))
            throw Error("io_error", "cannot set " + name + " in the registry's " + name_ + ": damaged value " + value);
        // A NUL that happens to lie behind a text would be stored with it: Wine does so, and Windows may.
        const DWORD size = DWORD(bytes.size());
        bytes += "\1\1";
        check(::RegSetValueExW(handle_, wide(name).c_str(), 0, type, reinterpret_cast<const BYTE*>(bytes.data()), size),
              "write", name_);
    }
    void remove(const std::string& name) const {
        const LSTATUS code = ::RegDeleteValueW(handle_, wide(name).c_str());
        if (code != ERROR_FILE_NOT_FOUND) check(code, "write", name_);
    }
    void flush() const { check(::RegFlushKey(handle_), "flush", name_); }

  private:
    Key(HKEY handle, std::string name) : handle_(handle), name_(std::move(name)) {}

    static std::string text_of(DWORD type, std::string_view bytes) {
        std::string text = std::to_string(type) + ":";
        for (const char c : bytes)
            for (const int shift : {4, 0})
                text += "0123456789abcdef"[(static_cast<unsigned char>(c) >> shift) & 0xF];
        return text;
    }
    static bool parse(std::string_view value, DWORD& type, std::string& bytes) {
        const char* end = value.data() + value.size();
        const auto [after, error] = std::from_chars(value.data(), end, type);
        if (error != std::errc{} || after == end || *after != ':' || (end - after) % 2 != 1) return false;
        for (const char* at = after + 1; at != end; at += 2) {
            unsigned byte = 0;
            if (std::from_chars(at, at + 2, byte, 16).ptr != at + 2) return false;
            bytes += char(byte);
        }
        return true;
    }

    HKEY handle_;
    std::string name_;
};

template<class Map> bool has_name(const Map& map, const std::string& name) {
    return std::any_of(map.begin(), map.end(), [&](const auto& entry) { return is_same_name(entry.first, name); });
}

void read_below(const std::string& name, SettingsStore::Tree& tree) {
    const auto key = Key::open(name, KEY_READ);
    if (!key) return;
    tree[name] = key->values();
    for (const std::string& below : key->subkeys())
        read_below(name + "\\" + below, tree);
}

void remove_key(const std::string& name) {
    const Place place = place_of(name);
    const LSTATUS code = ::RegDeleteKeyExW(HKEY_LOCAL_MACHINE, place.path.c_str(), place.view, 0);
    if (code != ERROR_FILE_NOT_FOUND) check(code, "remove", name);
}

} // namespace

SettingsStore::Tree RegistryStore::read(const std::string& key) {
    Tree tree;
    read_below(key, tree);
    return tree;
}

void RegistryStore::write(const std::string& key, const Tree& tree) {
    for (const auto& [name, values] : tree)
        if (name.size() < key.size() || !is_same_name(name.substr(0, key.size()), key) ||
            (name.size() > key.size() && name[key.size()] != '\\'))
            throw Error("io_error", "cannot write the registry's " + name + ": it is not below " + key);
    const Tree there = read(key);
    // What is below comes behind what it is below of: from the end, each key is empty when its turn comes.
    for (auto entry = there.rbegin(); entry != there.rend(); ++entry)
        if (!has_name(tree, entry->first)) remove_key(entry->first);
    for (const auto& [name, values] : tree) {
        const Key made = Key::make(name);
        const auto present = made.values();
        for (const auto& [value, content] : present)
            if (!has_name(values, value)) made.remove(value);
        for (const auto& [value, content] : values) {
            const auto found = present.find(value);
            if (found == present.end() || found->second != content) made.set(value, content);
        }
        made.flush();
    }
}

} // namespace autodeploy
