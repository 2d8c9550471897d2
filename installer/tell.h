#pragma once

namespace autodeploy {

/// Three answers, because "not seen" is not "no".
enum class Tell { no, yes, unknown };

} // namespace autodeploy
