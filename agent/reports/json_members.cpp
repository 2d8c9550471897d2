#include "agent/reports/json_members.h"

namespace autodeploy {

std::string text_member(const Json& object, const std::string& key) {
    const Json* member = object.find(key);
    return member && !member->is_null() ? member->string() : std::string();
}

std::int64_t number_member(const Json& object, const std::string& key) {
    const Json* member = object.find(key);
    return member && !member->is_null() ? member->integer() : 0;
}

bool flag_member(const Json& object, const std::string& key) {
    const Json* member = object.find(key);
    return member && !member->is_null() && member->boolean();
}

std::vector<std::string> texts_member(const Json& object, const std::string& key) {
    std::vector<std::string> texts;
    if (const Json* member = object.find(key); member && !member->is_null())
        for (const Json& text : member->array())
            texts.push_back(text.string());
    return texts;
}

} // namespace autodeploy
