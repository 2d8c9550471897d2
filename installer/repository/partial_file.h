#pragma once

#include "installer/repository/target_digests.h"
#include "installer/repository/target_file.h"
#include "platform/error.h"
#include "platform/file_system.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace autodeploy {

/// A source that does not keep to what it was asked for: Error target_mismatch or transport_failed.
class WrongBytes : public Error {
  public:
    using Error::Error;
};

/// The bytes of a target that have come so far, in a hidden file beside its destination, with a small record of where
/// they are from and of a point up to which they have reached the disk. After a crash what lies behind that point is
/// dropped; what is damaged, or of another target, is dropped as a whole.
class PartialFile {
  public:
    /// Takes up what an earlier attempt left for the same target; reads and hashes it.
    PartialFile(FileSystem& files, const TargetFile& target, const std::string& remote_path,
                const std::string& destination);
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    std::uint64_t size() const { return size_; }
    /// What the source of the last bytes told of its version; empty if it was another source.
    std::string validator(const std::string& source) const;
    /// Names of those that gave bytes.
    const std::vector<std::string>& sources() const { return sources_; }

    /// All came from one source in one go.
    bool is_one_piece() const { return one_piece_; }

    /// More bytes of that source follow, at the end or from the start again. Throws WrongBytes for any other offset.
    void begin(std::uint64_t offset, const std::string& source, const std::string& validator);
    /// Throws WrongBytes if they are more than the target has.
    void write(std::string_view bytes);
    /// What came so far is on the disk when it returns.
    void keep();
    /// All of it is wrong.
    void drop();

    /// Whether it is the target, by length and hashes.
    bool is_whole() const;
    /// Puts it in its place, durably.
    void move_to_destination();
    /// Removes what a crash may have left of it where the destination itself is there already.
    static void remove_leftovers(FileSystem& files, const std::string& destination);

  private:
    void take_up();
    void write_record();
    void forget();

    FileSystem& files_;
    const TargetFile& target_;
    std::string remote_path_;
    std::string destination_;
    std::string part_path_;
    std::string record_path_;
    TargetDigests digests_;
    std::unique_ptr<FileWriter> writer_;
    std::uint64_t size_ = 0;
    std::uint64_t kept_ = 0; ///< as the record says
    std::string validator_;
    std::vector<std::string> sources_; ///< the last one gave the validator
    bool one_piece_ = false;
};

} // namespace autodeploy
