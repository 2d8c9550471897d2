#include "packaging/repository/archive_inventory.h"

#include <algorithm>

namespace autodeploy {

ArchiveInventory::ArchiveInventory(FileSystem& files, std::string directory, std::vector<std::string> endings)
    : files_(files), directory_(std::move(directory)), endings_(std::move(endings)) {}

const ArchiveInventory::Member* ArchiveInventory::find(const std::string& path) const {
    const auto found =
        std::find_if(members_.begin(), members_.end(), [&](const Member& member) { return member.path == path; });
    return found == members_.end() ? nullptr : &*found;
}

bool ArchiveInventory::begin(const ArchiveMember& member) {
    Member& made = members_.emplace_back();
    made.path = member.path;
    digest_ = std::make_unique<Sha256>();
    const auto ending = std::find_if(endings_.begin(), endings_.end(),
                                     [&](const std::string& text) { return member.path.ends_with(text); });
    if (ending != endings_.end()) {
        made.unpacked = directory_ + "/" + std::to_string(members_.size()) + *ending;
        writer_ = files_.writer(made.unpacked, WriteMode::truncate);
    }
    return true;
}

void ArchiveInventory::write(std::string_view bytes) {
    members_.back().size += bytes.size();
    digest_->update(bytes.data(), bytes.size());
    if (writer_) writer_->write(bytes);
}

void ArchiveInventory::end() {
    members_.back().sha256 = digest_->hex();
    digest_.reset();
    writer_.reset();
}

} // namespace autodeploy
