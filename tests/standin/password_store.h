#pragma once

#include "options.h"

#include <string>

namespace standin {

/// The stored password of the node at the server: TSM.KDB, TSM.sth and TSM.IDX (one record of 645 bytes for each server
/// and node). Only the index is as the vendor's; the other two hold the password as the stand-in understands it.
std::string stored_password(const Options& options);
void store_password(const Options& options, const std::string& password);

/// A new password, as passwordaccess generate makes them.
std::string generated_password();

} // namespace standin
