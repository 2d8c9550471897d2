#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace standin {

/// What the stand-in client reads of dsm.opt and of the stanza of dsm.sys that it names.
struct Options {
    std::string user_file;   ///< dsm.opt, or what DSM_CONFIG or -optfile= name
    std::string system_file; ///< dsm.sys
    std::string server_name;
    std::string server_address;
    int server_port = 1500;
    int client_port = 1501;
    std::string node;
    std::string password_access = "prompt";
    std::string password_directory = "/etc/adsm";
    std::string schedule_log;
    std::string error_log;
    std::string acceptor_log; ///< dsmwebcl.log
    std::string log_retention;
    long log_max_megabytes = 0;
    std::string managed_services = "webclient";
    std::string schedule_mode = "polling";
    long query_period_hours = 0; ///< 0: not set
    int date_format = 0;         ///< 0: that of the language
    int time_format = 0;
    bool commands_disabled = false;
    std::vector<std::string> command_exceptions;
    bool retrieve_disabled = false;
    std::string pre_command;
    std::string post_command;
    /// Every option in force, as "query options" shows them: long name in capitals, value.
    std::map<std::string, std::string> shown;
};

/// An options file that the client refuses; what() is its message: "ANS1036S …".
class OptionsError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// arguments: "-optfile=/path", "-servername=NAME", "-schedlogname=/path" and the like; others are passed over.
Options read_options(const std::vector<std::string>& arguments);

/// DSM_DIR, or where the client is installed.
std::string client_directory();

/// DSM_LOG, or the client's directory.
std::string log_directory();

} // namespace standin
