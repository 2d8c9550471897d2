#pragma once

#include <map>
#include <string>
#include <string_view>

namespace autodeploy {

/// The text with what must not leave the machine taken out: values of password and key options and settings, user and
/// password in addresses, private keys. Line by line, so that line numbers still hold; what is JSON stays JSON. Rather
/// too much than too little.
std::string redacted(std::string_view text);

/// Names of machines, nodes and servers with what stands for each; where one is part of another the longer one counts.
class HiddenNames {
  public:
    /// "node 1", "node 2" … in the order of adding; a name that is known already, or is empty, changes nothing.
    void add(const std::string& kind, const std::string& name);
    /// Whole words, in any letter case.
    std::string hide(std::string_view text) const;

  private:
    std::map<std::string, std::string> names_; ///< by the name in lower case
    std::map<std::string, int> counts_;
};

} // namespace autodeploy
