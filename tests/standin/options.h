#pragma once

#include <map>
#include <string>

namespace standin {

/// What the stand-in client reads of dsm.opt and dsm.sys, and of the little file beside its programs that says which
/// release it is and what is wrong with it.
struct Options {
    std::string server_address = "127.0.0.1";
    int server_port = 1500;
    std::string node = "NODE";
    std::string server_name = "SERVER";
    std::string schedule_log;
    std::string error_log;
    std::string managed_services;
    int poll_seconds = 5;
    std::string release = "0.0.0.0";
    std::string sickness = "none";
    /// Further switches of the file /etc/standin/switches: "localised=yes", "backup_seconds=20".
    std::map<std::string, std::string> switches;
};

/// optfile: from the command line, or empty.
Options read_options(const std::string& optfile);

/// The directory of the client's programs.
std::string program_directory();

/// "11/22/2026 21:00:00", or as another language writes it.
std::string date_text(const Options& options);

void append_line(const std::string& path, const std::string& line);

} // namespace standin
