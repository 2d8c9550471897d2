#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// What a package is to the backup-archive client.
enum class PackagePart {
    main,     ///< its version is the client's
    part,     ///< of the client; some are optional
    shared,   ///< comes with the client, but other products use it too
    old_main, ///< of a 32-bit client: its version is that client's
    old_name, ///< of a 32-bit client or an old level
    language, ///< language packs of old levels, to be removed before an update
};

struct ClientPackageRow {
    std::string_view installer;
    std::string_view name; ///< a pattern: "TIVsm-msg.*"
    PackagePart part = PackagePart::part;
    std::string_view replaced_by = {}; ///< of an old one: the name of what does the same in a 64-bit client
};

/// The packages of the backup-archive client, in the order in which they are installed.
std::span<const ClientPackageRow> client_packages();
/// The row that fits the name, or nullptr; position tells the order.
const ClientPackageRow* find_client_package(std::string_view installer, std::string_view name);

/// Whether its version is the client's, of either word size.
bool is_main(const ClientPackageRow& row);
/// Whether one of them does in a 32-bit client what the other does in a 64-bit one.
bool are_counterparts(std::string_view installer, std::string_view a, std::string_view b);

/// With these, names of packages of the whole family begin; what is listed and is no client package is another
/// product. NativeInstaller::installed takes them.
std::vector<std::string> family_prefixes(std::string_view installer);
/// With these, names of the client's own packages begin, shared parts included.
std::vector<std::string> client_prefixes(std::string_view installer);

/// Names that are known, of what is not the client.
struct OtherProductRow {
    std::string_view product;
    std::string_view installer;     ///< with package; else empty
    std::string_view package;       ///< pattern of a package's name
    std::string_view system;        ///< with path; else empty
    std::string_view path;          ///< pattern: it is there if this file or directory is; '*' in the last component
    std::string_view registry_path; ///< Windows: below HKLM\SOFTWARE; counts if its Path exists
};
std::span<const OtherProductRow> other_products();
/// The product's name for a package of the family, or the package's own name.
std::string product_of_package(std::string_view installer, std::string_view package);

/// What a client brings and leaves alone in an update, though its name begins as those of the family do: the Java
/// runtime of Windows, and what else GSKit is made of.
bool is_companion(std::string_view installer, std::string_view package);

/// Whether a running program looks like the vendor's own deployment at work.
bool is_vendor_deployment(std::string_view program, const std::vector<std::string>& arguments);

} // namespace autodeploy
