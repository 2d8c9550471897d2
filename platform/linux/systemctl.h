#pragma once

#include "platform/command_runner.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// What `systemctl show` says of one unit. A property that is written several times (ExecStart) has several values.
class UnitProperties {
  public:
    void add(std::string name, std::string value) { values_[std::move(name)].push_back(std::move(value)); }
    /// The value, of several the last; empty where there is none.
    const std::string& text(const std::string& name) const;
    std::int64_t number(const std::string& name) const; ///< 0 where there is none
    const std::vector<std::string>& all(const std::string& name) const;
    bool empty() const { return values_.empty(); }

  private:
    std::map<std::string, std::vector<std::string>> values_;
};

/// The output of `systemctl show UNIT…`: one set of properties for each unit, in their order, separated by empty lines.
std::vector<UnitProperties> parse_unit_properties(std::string_view text);

/// The number in the first line of `systemctl --version`: "systemd 252 (252.39-1~deb12u1)"; 0 if it is not of that
/// form.
int parse_systemd_version(std::string_view text);

/// Path of the program; the same on every distribution, with /bin as a link.
extern const char* const systemctl_program;

/// These properties of these units, the empty ones too. Throws Error service_manager_failed.
std::vector<UnitProperties> show_units(CommandRunner& commands, const std::vector<std::string>& units,
                                       const std::string& properties);
UnitProperties show_unit(CommandRunner& commands, const std::string& unit, const std::string& properties);

/// Runs systemctl and throws Error service_manager_failed with its own words where it fails. what: "hold
/// dsmcad.service".
void systemctl(CommandRunner& commands, const std::vector<std::string>& arguments, const std::string& what);

} // namespace autodeploy
