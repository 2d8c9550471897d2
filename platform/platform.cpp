#include "platform/platform.h"

#include "platform/error.h"

namespace autodeploy {

NativeInstaller& Platform::installer(const std::string& name) const {
    for (NativeInstaller* installer : installers)
        if (installer->name() == name) return *installer;
    throw Error("tool_missing", "cannot install packages with " + name + ": that tool is not on this machine");
}

} // namespace autodeploy
