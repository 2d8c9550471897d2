#include "installer/apply.h"
#include "installer/json_fields.h"

namespace autodeploy {

template<Like<ApplyResult> T> void fields(T& result, auto&& visit) {
    visit("applied", result.applied);
    visit("cause", result.cause);
    visit("message", result.message);
    visit("notes", result.notes);
    visit("down_ms", result.down_ms);
}

Json apply_result_json(const ApplyResult& result) {
    return to_json(result);
}
ApplyResult apply_result_from_json(const Json& json) {
    return from_json<ApplyResult>(json);
}

} // namespace autodeploy
