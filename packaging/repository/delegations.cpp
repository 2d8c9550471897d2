#include "packaging/repository/delegations.h"

#include "installer/repository/keys.h"

namespace autodeploy {

void add_delegation(Json& targets, const std::string& role, const Json& key, const std::vector<std::string>& paths) {
    Json& delegations = targets["delegations"];
    delegations["keys"][key_id(key)] = key;
    Json delegation;
    delegation["name"] = role;
    delegation["keyids"] = Json::Array{key_id(key)};
    delegation["threshold"] = 1;
    delegation["terminating"] = true;
    delegation["paths"] = Json(paths);
    delegations["roles"].array().push_back(delegation);
}

} // namespace autodeploy
