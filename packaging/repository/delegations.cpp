#include "packaging/repository/delegations.h"

#include "installer/repository/keys.h"

namespace autodeploy {

void add_delegation(Json& targets, const std::string& role, const std::vector<Json>& keys, std::int64_t threshold,
                    const std::vector<std::string>& paths) {
    Json& delegations = targets["delegations"];
    Json::Array ids;
    for (const Json& key : keys) {
        delegations["keys"][key_id(key)] = key;
        ids.emplace_back(key_id(key));
    }
    Json delegation;
    delegation["name"] = role;
    delegation["keyids"] = ids;
    delegation["threshold"] = threshold;
    delegation["terminating"] = true;
    delegation["paths"] = Json(paths);
    delegations["roles"].array().push_back(delegation);
}

} // namespace autodeploy
