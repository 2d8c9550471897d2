#pragma once

#include "tests/agent/requirements/requirement_cases.h"

// What the cases of Windows are written with.
namespace autodeploy::on_windows {

using M = StillMachine;
using P = PreflightInput;

const std::string program = R"(C:\Program Files\Tivoli\TSM\baclient\dsmc.exe)";
const std::string options = R"(C:\Program Files\Tivoli\TSM\baclient\dsm.opt)";
const std::string store = R"(C:\ProgramData\Tivoli\TSM\baclient\Nodes\WEB01\SERVER1)";
const std::string scheduler_log = R"(C:\logs\dsmsched.log)";
const std::string base = R"(HKLM64\SOFTWARE\IBM\ADSM\CurrentVersion\)";
const std::string of_scheduler = " (TSM Client Scheduler)";

inline std::function<void(M&)> option(const std::string& line) {
    return [line](M& m) { m.files.put(options, "NODename WEB01\r\nPASSWORDAccess generate\r\n" + line + "\r\n"); };
}

inline std::function<void(M&)> only_options(const std::string& text) {
    return [text](M& m) { m.files.put(options, text); };
}

inline Service& scheduler(M& m) {
    return m.services.front();
}

inline void unused(M& m) {
    scheduler(m).enabled = scheduler(m).running = false;
    scheduler(m).process = 0;
    scheduler(m).settings["start"] = "disabled";
}

/// An acceptor that starts by itself, and the scheduler that it starts on demand.
inline void with_acceptor(M& m, const std::string& managed) {
    unused(m);
    scheduler(m).settings["start"] = "demand";
    Service acceptor = scheduler(m);
    acceptor.name = "TSM Client Acceptor";
    acceptor.program = std::string(windows_client) + "\\dsmcad.exe";
    acceptor.enabled = acceptor.running = true;
    acceptor.process = 710;
    acceptor.settings["start"] = "auto";
    m.services.push_back(acceptor);
    m.processes.back() = {710, 600, "50", acceptor.program, {}};
    m.files.put(options, m.files.read(options, 4096) + managed);
}

inline std::function<void(M&)> acceptor(const std::string& managed) {
    return [managed](M& m) { with_acceptor(m, managed); };
}

inline std::function<void(M&)> failing(const std::string& part) {
    return [part](M& m) { m.failing = part; };
}

inline std::string cannot_read(const std::string& part) {
    return "cannot read the " + part + ": Permission denied (error 13)";
}

inline void put_product(M& m, const std::string& key, const std::string& place) {
    m.registry.put(base + key, "Path", place);
    m.files.put_directory(place);
}

inline std::function<void(M&)> package(const std::string& name) {
    return [name](M& m) {
        m.installers.front().packages.push_back({{name, "8.1.25.0", "x64"}, true, "installed", ""});
    };
}

inline std::function<void(M&)> version(const std::string& text,
                                       const std::string& name = "IBM Storage Protect Client") {
    return [text, name](M& m) {
        StillMachine::Installer& installer = m.installers.front();
        installer.packages.front().id = {name, text, "x64"};
        installer.owners.begin()->second = name;
    };
}

inline std::function<void(M&)> with_32_bit_program(bool is_64_bit) {
    return [is_64_bit](M& m) {
        std::string text = m.files.read(program, 4096);
        text[0x44] = 0x4C;
        text[0x45] = 0x01;
        m.files.put(program, text);
        m.host.is_64_bit = is_64_bit;
        if (!is_64_bit) m.host.architecture = "i386";
    };
}

inline std::function<void(P&)> needs(const std::string& path, std::uint64_t mebibytes) {
    return [path, mebibytes](P& p) { p.needs = {{path, mebibytes << 20, "the package"}}; };
}

const std::string set_up = "set up the scheduler as a service: dsmcutil install scheduler /name:\"TSM Client "
                           "Scheduler\", with /node, /password and /optfile";
const std::string store_password =
    R"(dsmcutil updatepw /node:WEB01 /optfile:"C:\Program Files\Tivoli\TSM\baclient\dsm.opt" /password:…)";
const std::string table = "see that the process table can be read";
const std::string installer_answers = "see that Windows Installer (the service msiserver) answers, then check again";
const std::string manager_answers = "see that the service manager answers, then check again";
const std::string by_hand =
    "update this machine by hand: the products on it must fit each other, and the client alone must not go ahead";

// By subject.
std::vector<WindowsCase> client_cases();
std::vector<WindowsCase> option_cases();
std::vector<WindowsCase> service_cases();
std::vector<WindowsCase> release_cases();
std::vector<WindowsCase> machine_cases();
std::vector<WindowsCase> coexistence_cases();

} // namespace autodeploy::on_windows
