#include "installer/client/products.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "installer/patterns.h"

#include <algorithm>
#include <array>

namespace autodeploy {

namespace {

using enum PackagePart;

constexpr std::array packages{
    ClientPackageRow{"rpm", "gskcrypt64", shared},
    ClientPackageRow{"rpm", "gskssl64", shared},
    ClientPackageRow{"rpm", "gskcrypt32", old_name, "gskcrypt64"},
    ClientPackageRow{"rpm", "gskssl32", old_name, "gskssl64"},
    ClientPackageRow{"rpm", "TIVsm-API", old_name, "TIVsm-API64"},
    ClientPackageRow{"rpm", "TIVsm-API64"},
    ClientPackageRow{"rpm", "TIVsm-APIcit"},
    ClientPackageRow{"rpm", "TIVsm-BA", main},
    ClientPackageRow{"rpm", "TIVsm-BAcit"},
    ClientPackageRow{"rpm", "TIVsm-BAhdw"},
    ClientPackageRow{"rpm", "TIVsm-WEBGUI"},
    ClientPackageRow{"rpm", "TIVsm-filepath"},
    ClientPackageRow{"rpm", "TIVsm-JBB"},
    ClientPackageRow{"rpm", "TIVsm-msg.*", language},

    ClientPackageRow{"dpkg", "gskcrypt64", shared},
    ClientPackageRow{"dpkg", "gskssl64", shared},
    ClientPackageRow{"dpkg", "tivsm-api64"},
    ClientPackageRow{"dpkg", "tivsm-apicit"},
    ClientPackageRow{"dpkg", "tivsm-ba", main},
    ClientPackageRow{"dpkg", "tivsm-bacit"},
    ClientPackageRow{"dpkg", "tivsm-bahdw"},
    ClientPackageRow{"dpkg", "tivsm-webgui"},
    ClientPackageRow{"dpkg", "tivsm-filepath"},
    ClientPackageRow{"dpkg", "tivsm-jbb"},

    ClientPackageRow{"installp", "GSKit8.gskcrypt64.ppc.rte", shared},
    ClientPackageRow{"installp", "GSKit8.gskssl64.ppc.rte", shared},
    ClientPackageRow{"installp", "GSKit8.gskcrypt32.ppc.rte", old_name, "GSKit8.gskcrypt64.ppc.rte"},
    ClientPackageRow{"installp", "GSKit8.gskssl32.ppc.rte", old_name, "GSKit8.gskssl64.ppc.rte"},
    ClientPackageRow{"installp", "tivoli.tsm.client.api.64bit"},
    ClientPackageRow{"installp", "tivoli.tsm.client.api.32bit", old_name, "tivoli.tsm.client.api.64bit"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.64bit.base", main},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.64bit.common"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.64bit.image"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.64bit.nas"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.64bit.web"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.32bit.base", old_main, "tivoli.tsm.client.ba.64bit.base"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.32bit.common", old_name, "tivoli.tsm.client.ba.64bit.common"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.32bit.image", old_name, "tivoli.tsm.client.ba.64bit.image"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.32bit.nas", old_name, "tivoli.tsm.client.ba.64bit.nas"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.32bit.web", old_name, "tivoli.tsm.client.ba.64bit.web"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.32bit.*", old_name},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.base", old_main, "tivoli.tsm.client.ba.64bit.base"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.common", old_name, "tivoli.tsm.client.ba.64bit.common"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.image", old_name, "tivoli.tsm.client.ba.64bit.image"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.nas", old_name, "tivoli.tsm.client.ba.64bit.nas"},
    ClientPackageRow{"installp", "tivoli.tsm.client.ba.web", old_name, "tivoli.tsm.client.ba.64bit.web"},
    ClientPackageRow{"installp", "tivoli.tsm.client.webgui"},
    ClientPackageRow{"installp", "tivoli.tsm.filepath.rte"},
    ClientPackageRow{"installp", "tivoli.tsm.client.jbb.64bit"},
    ClientPackageRow{"installp", "tivoli.tsm.client.jbb.32bit", old_name, "tivoli.tsm.client.jbb.64bit"},
    ClientPackageRow{"installp", "tivoli.tsm.client.msg.*", language},
    // No source names them; AIX puts "msg" and the language behind the product, and that may be either.
    ClientPackageRow{"installp", "tivoli.tsm.msg.*.client*", language},
    ClientPackageRow{"installp", "tivoli.tivguid", shared},

    ClientPackageRow{"msi", "IBM Storage Protect Client", main},
    ClientPackageRow{"msi", "IBM Spectrum Protect Client", main},
    ClientPackageRow{"msi", "IBM Tivoli Storage Manager Client", main},
};

struct PrefixRow {
    std::string_view installer;
    std::string_view prefix;
    bool client = false; ///< the client's own packages begin so
};

constexpr std::array prefixes{
    PrefixRow{"rpm", "TIVsm", true},
    PrefixRow{"rpm", "gskcrypt", true},
    PrefixRow{"rpm", "gskssl", true},
    PrefixRow{"rpm", "TDP"},
    PrefixRow{"rpm", "TIV-TSM"},
    PrefixRow{"dpkg", "tivsm", true},
    PrefixRow{"dpkg", "gskcrypt", true},
    PrefixRow{"dpkg", "gskssl", true},
    PrefixRow{"dpkg", "tdp"},
    PrefixRow{"installp", "tivoli.tsm", true},
    PrefixRow{"installp", "tivoli.tivguid", true},
    PrefixRow{"installp", "GSKit8", true},
    PrefixRow{"msi", "IBM Storage Protect", true},
    PrefixRow{"msi", "IBM Spectrum Protect", true},
    PrefixRow{"msi", "IBM Tivoli Storage", true},
};

constexpr OtherProductRow by_package(std::string_view product, std::string_view installer, std::string_view package) {
    return {product, installer, package, {}, {}, {}};
}

constexpr OtherProductRow by_path(std::string_view product, std::string_view system, std::string_view path) {
    return {product, {}, {}, system, path, {}};
}

constexpr OtherProductRow by_registry(std::string_view product, std::string_view path) {
    return {product, {}, {}, "windows", {}, path};
}

// The client's own Java runtime lies in /opt/tivoli/tsm/tdpvmware/common/jre: that directory alone says nothing.
constexpr std::array others{
    by_package("Space Management (HSM)", "rpm", "TIVsm-HSM*"),
    by_package("Space Management (HSM) for GPFS", "rpm", "TIVsm-*GPFS*"),
    by_package("Storage Protect server", "rpm", "TIVsm-server*"),
    by_package("Storage Protect server licence", "rpm", "TIVsm-license*"),
    by_package("Storage agent", "rpm", "TIVsm-stagent*"),
    by_package("Data Protection for Oracle", "rpm", "TDP-Oracle*"),
    by_package("Data Protection for SAP (ERP)", "rpm", "TDP-ERP*"),
    by_package("Data Protection for SAP HANA", "rpm", "TIV-TSMERP-HANA*"),
    by_package("Data Protection messages", "rpm", "TDP-MSG*"),
    by_package("Data Protection for VMware", "rpm", "TDP-VMware*"),
    by_package("Space Management (HSM)", "dpkg", "tivsm-hsm*"),
    by_package("Storage Protect server", "dpkg", "tivsm-server*"),
    by_package("Data Protection for Oracle", "installp", "tivoli.tsm.client.oracle*"),
    by_package("Data Protection for Domino", "installp", "tivoli.tsm.client.domino*"),
    by_package("Space Management (HSM)", "installp", "tivoli.tsm.client.hsm*"),
    by_package("Backup-archive client for GPFS", "installp", "tivoli.tsm.client.ba64.gpfs*"),
    by_package("Storage Protect server", "installp", "tivoli.tsm.server*"),
    by_package("Storage agent", "installp", "tivoli.tsm.StorageAgent*"),

    by_path("Data Protection for Oracle", "linux", "/opt/tivoli/tsm/client/oracle/bin64"),
    by_path("Data Protection for Oracle", "linux", "/opt/tivoli/tsm/client/oracle/bin"),
    by_path("Data Protection for Domino", "linux", "/opt/tivoli/tsm/client/domino/bin"),
    by_path("Data Protection for SAP HANA", "linux", "/opt/tivoli/tsm/tdp_hana"),
    by_path("Data Protection for SAP (ERP)", "linux", "/opt/tivoli/tsm/tdp_r3*"),
    by_path("Data Protection for VMware", "linux", "/opt/tivoli/tsm/tdpvmware/common/scripts/vmcli"),
    by_path("Space Management (HSM)", "linux", "/opt/tivoli/tsm/client/hsm/bin"),
    by_path("Space Management (HSM)", "linux", "/etc/adsm/SpaceMan"),
    by_path("Client management service", "linux", "/opt/tivoli/tsm/cms/bin"),
    by_path("Storage Protect server", "linux", "/opt/tivoli/tsm/server/bin/dsmserv"),
    by_path("Data Protection for Oracle", "aix", "/usr/tivoli/tsm/client/oracle/bin64"),
    by_path("Data Protection for Domino", "aix", "/usr/tivoli/tsm/client/domino/bin64"),
    by_path("Data Protection for SAP (ERP)", "aix", "/usr/tivoli/tsm/tdp_r3*"),
    by_path("Storage Protect server", "aix", "/opt/tivoli/tsm/server/bin/dsmserv"),

    by_registry("Data Protection for SQL", "IBM\\ADSM\\CurrentVersion\\TDPSQL"),
    by_registry("Data Protection for Exchange", "IBM\\ADSM\\CurrentVersion\\TDPExchange"),
    by_registry("Data Protection for Oracle", "IBM\\ADSM\\CurrentVersion\\AgentOBA64"),
    by_registry("Data Protection for Domino", "IBM\\ADSM\\CurrentVersion\\domclient"),
    by_registry("Data Protection for VMware", "IBM\\SpectrumProtect\\DPVMware"),
    by_registry("Data Protection for Hyper-V", "IBM\\SpectrumProtect\\DPHyperV"),
    by_registry("Storage Protect framework", "IBM\\SpectrumProtect\\Framework"),
    by_registry("Storage Protect web server", "IBM\\SpectrumProtect\\webserver"),
    by_registry("Recovery Agent", "IBM\\RecoveryAgent"),
    by_registry("FlashCopy Manager", "IBM\\FlashCopyManager"),
    by_registry("Space Management (HSM)", "IBM\\ADSM\\CurrentVersion\\HsmClient"),
    by_registry("Storage Protect server", "IBM\\ADSM\\CurrentVersion\\Server"),
};

// From general knowledge; a false alarm only makes us wait.
constexpr std::array vendor_deployment_words{
    std::string_view("ibm_anr_"),
    std::string_view("ibm_client_deploy"),
    std::string_view("deployclient"),
};

} // namespace

std::span<const ClientPackageRow> client_packages() {
    return packages;
}

const ClientPackageRow* find_client_package(std::string_view installer, std::string_view name) {
    for (const ClientPackageRow& row : packages)
        if (row.installer == installer && fits_pattern(row.name, name)) return &row;
    return nullptr;
}

bool is_main(const ClientPackageRow& row) {
    return row.part == main || row.part == old_main;
}

bool are_counterparts(std::string_view installer, std::string_view a, std::string_view b) {
    const auto replaces = [installer](std::string_view newer, std::string_view older) {
        const ClientPackageRow* row = find_client_package(installer, older);
        return row != nullptr && row->replaced_by == newer;
    };
    return replaces(a, b) || replaces(b, a);
}

std::vector<std::string> family_prefixes(std::string_view installer) {
    std::vector<std::string> result;
    for (const PrefixRow& row : prefixes)
        if (row.installer == installer) result.emplace_back(row.prefix);
    return result;
}

std::vector<std::string> client_prefixes(std::string_view installer) {
    std::vector<std::string> result;
    for (const PrefixRow& row : prefixes)
        if (row.installer == installer && row.client) result.emplace_back(row.prefix);
    return result;
}

std::span<const OtherProductRow> other_products() {
    return others;
}

std::string product_of_package(std::string_view installer, std::string_view package) {
    for (const OtherProductRow& row : others)
        if (row.installer == installer && fits_pattern(row.package, package)) return std::string(row.product);
    return std::string(package);
}

bool is_companion(std::string_view installer, std::string_view package) {
    if (installer == "msi") return package.starts_with("IBM ") && package.ends_with(" JVM");
    return package.starts_with("gsk") || package.starts_with("GSKit");
}

bool is_vendor_deployment(std::string_view program, const std::vector<std::string>& arguments) {
    std::vector<std::string> texts{lower_case(program)};
    for (const std::string& argument : arguments)
        texts.push_back(lower_case(argument));
    return std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
        return std::any_of(vendor_deployment_words.begin(), vendor_deployment_words.end(),
                           [&text](std::string_view word) { return text.find(word) != std::string::npos; });
    });
}

} // namespace autodeploy
