#pragma once

#include "session.h"

#include <string>
#include <vector>

namespace standin {

struct Retrieved {
    int code = 0; ///< 0, 4 (some were there already and not replaced), 12
    int files = 0;
    std::string message;
};

/// Copies files of the server's archive: {"/archive/fix/*", "/target/", "-subdir=yes", "-replace=all",
/// "-preservepath=subtree|complete|nobase|none"}. Without a target they go to where they came from.
Retrieved retrieve(Connection& server, const std::vector<std::string>& arguments);

/// Words as a schedule's objects hold them: "/a b/*" /c/
std::vector<std::string> split_words(const std::string& text);

} // namespace standin
