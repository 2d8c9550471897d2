#include "installer/repository/folder_transport.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

constexpr std::size_t buffer_size = 128 << 10;

class FolderTransport final : public Transport {
  public:
    FolderTransport(FileSystem& files, const std::string& directory)
        : files_(files), directory_(directory), name_("folder " + directory) {}

    const std::string& name() const override { return name_; }

    std::optional<std::string> metadata(const std::string& file_name, std::uint64_t cap) override {
        const auto reader = open("metadata", file_name);
        if (!reader) return std::nullopt;
        std::string content;
        std::string buffer(buffer_size, '\0');
        for (;;) {
            const std::size_t got = read(*reader, buffer, file_name);
            if (got == 0) return content;
            if (got > cap - content.size())
                throw Error("file_too_large", "cannot read " + file_name + " in " + name_ + ": it has more than " +
                                                  std::to_string(cap) + " bytes");
            content.append(buffer, 0, got);
        }
    }

    bool target(const TargetRequest& request, TargetSink& sink) override {
        const auto reader = open("targets", request.path);
        if (!reader) return false;
        const FileStatus status = reader->status();
        if (status.size != request.length)
            throw Error("target_mismatch", "cannot read " + request.path + " in " + name_ + ": it has " +
                                               std::to_string(status.size) + " bytes, the signed file " +
                                               std::to_string(request.length));
        const std::string validator = std::to_string(status.identity) + "-" + std::to_string(status.modified);
        const bool goes_on = request.validator.empty() || request.validator == validator;
        const std::uint64_t offset = goes_on ? request.offset : 0;
        reader->seek(offset);
        sink.begin(offset, validator);
        std::string buffer(buffer_size, '\0');
        for (std::uint64_t left = request.length - offset; left > 0;) {
            const std::size_t got = read(*reader, buffer, request.path);
            if (got == 0) break;
            const auto taken = std::size_t(std::min<std::uint64_t>(left, got));
            sink.write(std::string_view(buffer).substr(0, taken));
            left -= taken;
        }
        return true;
    }

  private:
    /// Nothing if there is no such file, though the folder is there.
    std::unique_ptr<FileReader> open(const std::string& part, const std::string& relative) {
        try {
            return files_.reader_below(directory_, part + "/" + relative);
        } catch (const Error& error) {
            if (error.cause() == "access_denied")
                throw Error("transport_refused", "cannot read " + relative + " in " + name_ + ": " + error.what());
            if (error.cause() != "file_not_found") throw failure(relative, error);
        }
        const auto status = files_.status(directory_ + "/" + part);
        if (!status || status->type != FileType::directory)
            throw Error("transport_failed",
                        "cannot read " + relative + " in " + name_ + ": there is no folder \"" + part +
                            "\" in it; is it mounted, and is it a mirror that autodeploy-repository made?",
                        Retry::later);
        return nullptr;
    }

    std::size_t read(FileReader& reader, std::string& buffer, const std::string& relative) {
        try {
            return reader.read(buffer.data(), buffer.size());
        } catch (const Error& error) {
            throw failure(relative, error);
        }
    }

    Error failure(const std::string& relative, const Error& error) const {
        return {"transport_failed", "cannot read " + relative + " in " + name_ + ": " + error.what(), Retry::later};
    }

    FileSystem& files_;
    std::string directory_;
    std::string name_;
};

} // namespace

std::unique_ptr<Transport> folder_transport(FileSystem& files, const std::string& directory) {
    return std::make_unique<FolderTransport>(files, directory);
}

} // namespace autodeploy
