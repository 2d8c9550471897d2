#pragma once

#include "installer/package/archive.h"
#include "platform/digest.h"
#include "platform/file_system.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace autodeploy {

/// Everything that lies in a vendor's archive, hashed; the native packages also unpacked, flat, into a folder.
class ArchiveInventory final : public MemberSink {
  public:
    struct Member {
        std::string path; ///< in the archive
        std::uint64_t size = 0;
        std::string sha256;
        std::string unpacked; ///< where it lies now; empty where it was only hashed
    };

    /// endings: of names that are unpacked. directory: private, there already.
    ArchiveInventory(FileSystem& files, std::string directory, std::vector<std::string> endings);

    const std::vector<Member>& members() const { return members_; }
    /// The member, or null.
    const Member* find(const std::string& path) const;

    bool begin(const ArchiveMember& member) override;
    void write(std::string_view bytes) override;
    void end() override;

  private:
    FileSystem& files_;
    std::string directory_;
    std::vector<std::string> endings_;
    std::vector<Member> members_;
    std::unique_ptr<Sha256> digest_;
    std::unique_ptr<FileWriter> writer_;
};

} // namespace autodeploy
