#include "installer/client/effective_options.h"

namespace autodeploy {

const EffectiveOption* EffectiveOptions::find(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
}

std::string EffectiveOptions::value(const std::string& name, const std::string& otherwise) const {
    const EffectiveOption* option = find(name);
    return option == nullptr ? otherwise : option->value;
}

} // namespace autodeploy
