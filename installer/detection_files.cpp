#include "installer/detection_parts.h"

#include "installer/client/ascii.h"
#include "installer/client/layout.h"
#include "installer/patterns.h"
#include "platform/error.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace autodeploy {

namespace {

class Collection {
  public:
    explicit Collection(FileSystem& files) : files_(files) {}

    /// A link is kept with what it leads to: distributions and administrators move options files by links.
    void add(const std::string& path, std::string_view kind, bool secret, bool live) {
        std::string at = path;
        constexpr int most_links = 8;
        for (int i = 0; i < most_links; ++i) {
            const std::optional<FileStatus> status = files_.status(at);
            if (!status || (status->type != FileType::regular && status->type != FileType::link)) return;
            const bool known =
                std::any_of(found_.begin(), found_.end(), [&at](const ClientFile& file) { return file.path == at; });
            if (!known) found_.push_back({at, std::string(kind), secret, live});
            if (status->type == FileType::regular) return;
            const std::string& target = status->link_target;
            at = is_absolute(target) ? target : in_directory(directory_of(at), target);
        }
    }

    void add_directory(const std::string& directory, ClientPlace place) {
        const std::optional<FileStatus> status = files_.status(directory);
        if (!status || status->type != FileType::directory) return;
        for (const std::string& name : files_.list(directory))
            for (const KeptFileRow& row : kept_files())
                if (row.place == place && fits_pattern(row.pattern, lower_case(name)))
                    add(in_directory(directory, name), row.kind, row.secret, row.live);
    }

    /// Windows keeps a directory for each node and server below its store.
    void add_tree(const std::string& directory, ClientPlace place, int depth) {
        add_directory(directory, place);
        const std::optional<FileStatus> status = files_.status(directory);
        if (depth == 0 || !status || status->type != FileType::directory) return;
        for (const std::string& name : files_.list(directory)) {
            const std::optional<FileStatus> below = files_.status(in_directory(directory, name));
            if (below && below->type == FileType::directory) add_tree(in_directory(directory, name), place, depth - 1);
        }
    }

    std::vector<ClientFile> take() { return std::move(found_); }

  private:
    FileSystem& files_;
    std::vector<ClientFile> found_;
};

} // namespace

void detect_files(Platform& platform, Detection& detection) {
    Collection collection(platform.files);
    look(detection, "files to keep", [&] {
        for (const ClientService& service : detection.services) {
            for (const std::string& path : {service.options.user_file, service.options.system_file})
                if (!path.empty()) collection.add(path, "options", false, false);
            for (const std::string& path : service.options.referenced_files)
                collection.add(path, "include list", false, false);
            const std::string store = service.options.value("passworddir");
            if (!store.empty()) collection.add_directory(store, ClientPlace::password);
        }
        std::vector<std::string> programs = client_directories(detection.host.system, ClientPlace::program);
        if (!detection.program.empty()) programs.push_back(directory_of(detection.program));
        for (const std::string& directory : programs)
            collection.add_directory(directory, ClientPlace::program);
        for (const std::string& directory : client_directories(detection.host.system, ClientPlace::library))
            collection.add_directory(directory, ClientPlace::library);
        const int depth = detection.host.system == "windows" ? 3 : 0;
        for (const std::string& directory : client_directories(detection.host.system, ClientPlace::password))
            collection.add_tree(directory, ClientPlace::password, depth);
    });
    for (const ClientService& service : detection.services)
        look(detection, "definition of " + service.service.name, [&] {
            for (const std::string& path : service.service.definition_files)
                collection.add(path, "service definition", false, false);
        });
    detection.files = collection.take();
}

} // namespace autodeploy
