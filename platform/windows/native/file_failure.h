#pragma once

#include "platform/error.h"

#include <functional>
#include <string>

namespace autodeploy {

/// "cannot VERB PATH: …" with one of the causes of FileSystem, for a code of GetLastError.
Error file_failure(const std::string& verb, const std::string& path, unsigned long code);
Error file_refusal(const std::string& verb, const std::string& path, const std::string& why);
/// Whether the code says that there is no such file.
bool is_missing(unsigned long code);

/// Makes the call until it gives 0 (done) or a code that time does not mend; gives that code. Virus scanners and
/// indexers hold a file for moments: those are waited out, two seconds at most.
unsigned long patiently(const std::function<unsigned long()>& call);

} // namespace autodeploy
