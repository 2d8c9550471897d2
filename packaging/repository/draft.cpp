#include "packaging/repository/draft.h"

#include "installer/any_bytes_json.h"
#include "installer/repository/metadata.h"
#include "installer/repository/safe_name.h"
#include "platform/digest.h"
#include "platform/error.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_metadata = 5 << 20;
constexpr std::uint64_t largest_audit = 64 << 20;
constexpr std::size_t copied_at_once = 1 << 20;
constexpr const char* specification = "1.0.34";

/// A crash may have torn the last line.
bool ends_in_a_line(FileSystem& files, const std::string& path) {
    const auto status = files.status(path);
    if (!status || status->type != FileType::regular || status->size == 0) return true;
    char last = 0;
    const std::unique_ptr<FileReader> reader = files.reader(path);
    reader->seek(status->size - 1);
    return reader->read(&last, 1) == 1 && last == '\n';
}

bool is_top_level(const std::string& role) {
    return role == "root" || role == "targets" || role == "snapshot" || role == "timestamp";
}

} // namespace

/// Makes the directory and its parents, readable for everybody: a web server gives it out.
void make_public_directory(FileSystem& files, const std::string& path) {
    if (path.empty() || files.status(path)) return;
    make_public_directory(files, path.substr(0, path.find_last_of('/')));
    files.make_directory(path);
    FileStatus status = *files.status(path);
    status.mode = 0755; // whatever the umask is: a web server reads it
    files.set_status(path, status);
}

void copy_public_file(FileSystem& files, const std::string& from, const std::string& to) {
    const std::size_t name = to.find_last_of('/') + 1;
    const std::string beside = to.substr(0, name) + "." + sha256_hex(to.substr(name)) + ".part";
    {
        const std::unique_ptr<FileReader> reader = files.reader(from);
        const std::unique_ptr<FileWriter> writer = files.writer(beside, WriteMode::truncate);
        std::vector<char> piece(copied_at_once);
        for (std::size_t size = reader->read(piece.data(), piece.size()); size > 0;
             size = reader->read(piece.data(), piece.size()))
            writer->write({piece.data(), size});
        writer->sync();
    }
    FileStatus status = *files.status(beside);
    status.mode = 0644;
    files.set_status(beside, status);
    files.rename_durably(beside, to);
}

std::string hashed_name(const std::string& path, const std::string& sha256) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? sha256 + "." + path
                                      : path.substr(0, slash + 1) + sha256 + "." + path.substr(slash + 1);
}

bool is_platform_role(const std::string& role) {
    return !is_top_level(role) && role != "releases" && role != "halt";
}

Draft::Draft(FileSystem& files, Clock& clock, std::string directory)
    : files_(files), clock_(clock), directory_(std::move(directory)) {}

bool Draft::exists() const {
    return files_.status(directory_ + "/repository.json").has_value() &&
           (is_staged("root") || published("root").has_value());
}

void Draft::require() const {
    if (!exists())
        throw Error("not_a_repository",
                    "cannot find a repository in " + directory_ +
                        ": make one with 'autodeploy-repository init', or name its folder with --repository");
}

std::string Draft::staged_path(const std::string& role) const {
    return directory_ + "/staged/" + safe_file_name(role) + ".json";
}

bool Draft::is_staged(const std::string& role) const {
    return files_.status(staged_path(role)).has_value();
}

Json Draft::read_file(const std::string& path) const {
    const std::string content = files_.read(path, largest_metadata);
    try {
        return parse_json(content);
    } catch (const Error& error) {
        throw Error(
            error.cause(),
            "cannot use " + path + ": " + error.what() + "; bring back the file as this program wrote it" +
                (path.starts_with(directory_ + "/staged/") ? ", or remove it, with what was staged in it" : ""));
    }
}

Json Draft::staged(const std::string& role) const {
    return read_file(staged_path(role));
}

std::optional<Json> Draft::published(const std::string& role) const {
    if (!files_.status(metadata_directory())) return std::nullopt;
    if (role == "timestamp") {
        const std::string path = metadata_directory() + "/timestamp.json";
        return files_.status(path) ? std::optional(read_file(path)) : std::nullopt;
    }
    std::int64_t newest = 0;
    const std::string ending = "." + safe_file_name(role) + ".json";
    for (const std::string& name : files_.list(metadata_directory()))
        if (name.ends_with(ending)) {
            const std::string number = name.substr(0, name.size() - ending.size());
            if (!number.empty() && number.size() < 10 && number.find_first_not_of("0123456789") == std::string::npos)
                newest = std::max<std::int64_t>(newest, std::stoll(number));
        }
    if (newest == 0) return std::nullopt;
    return read_file(metadata_directory() + "/" + std::to_string(newest) + ending);
}

Json Draft::signed_part(const std::string& role) const {
    if (is_staged(role)) return staged(role).at("signed");
    if (const std::optional<Json> file = published(role)) return file->at("signed");
    throw Error("role_unknown", "cannot find the role " + role + " in " + directory_);
}

std::vector<std::string> Draft::roles() const {
    std::vector<std::string> names{"root", "targets"};
    const Json targets = signed_part("targets");
    for (const Json& role : targets.at("delegations").at("roles").array())
        names.push_back(role.at("name").string());
    names.emplace_back("snapshot");
    names.emplace_back("timestamp");
    return names;
}

void Draft::stage(const std::string& role, Json signed_part) {
    const std::optional<Json> before = published(role);
    signed_part["version"] = before ? before->at("signed").at("version").integer() + 1 : std::int64_t(1);
    signed_part["spec_version"] = specification;
    signed_part["expires"] = utc_text(clock_.now() + days_valid(role) * 86400);
    if (signed_part.at("expires").string().size() != std::string("2026-11-28T20:00:00Z").size())
        throw Error("clock_wrong", "cannot stage " + role + ": the clock says " + utc_text(clock_.now()) +
                                       ", and metadata knows four digits of a year; set the clock");
    Json file;
    file["signed"] = std::move(signed_part);
    file["signatures"] = Json::Array{};
    make_public_directory(files_, directory_ + "/staged");
    files_.write_durably(staged_path(role), pretty_json(file), 0644);
}

void Draft::write_signatures(const std::string& role, const Json& file) {
    files_.write_durably(staged_path(role), pretty_json(file), 0644);
}

void Draft::unstage(const std::string& role) {
    files_.remove_durably(staged_path(role));
}

Json Draft::role_keys(const std::string& role) const {
    if (is_top_level(role)) return signed_part("root").at("roles").at(role);
    const Json targets = signed_part("targets");
    for (const Json& delegation : targets.at("delegations").at("roles").array())
        if (delegation.at("name").string() == role) return delegation;
    throw Error("role_unknown",
                "cannot find the role " + role + ": neither a top-level role nor delegated; see 'status'");
}

std::vector<std::string> Draft::signing_key_ids(const std::string& role) const {
    std::vector<std::string> ids;
    const auto add = [&ids](const Json& keys) {
        for (const Json& id : keys.at("keyids").array())
            if (std::find(ids.begin(), ids.end(), id.string()) == ids.end()) ids.push_back(id.string());
    };
    add(role_keys(role));
    // A new root needs the old root's signers as well. What old keys sign too is good under the old root and the new
    // one, so that readers find no moment in which the two do not fit.
    if (is_top_level(role))
        if (const std::optional<Json> old = published("root")) add(old->at("signed").at("roles").at(role));
    return ids;
}

void Draft::list_target(const std::string& role, const std::string& path, const std::string& sha256,
                        std::uint64_t length, Json custom) {
    Json part = signed_part(role);
    Json entry;
    entry["length"] = length;
    entry["hashes"]["sha256"] = sha256;
    if (!custom.is_null()) entry["custom"] = std::move(custom);
    part["targets"][path] = std::move(entry);
    stage(role, std::move(part));
}

void Draft::drop_target(const std::string& role, const std::string& path) {
    Json part = signed_part(role);
    part["targets"].object().erase(path);
    stage(role, std::move(part));
}

void Draft::put_target(const std::string& role, const std::string& path, const std::string& content) {
    const std::string sha256 = sha256_hex(content);
    const std::string place = targets_directory() + "/" + hashed_name(path, sha256);
    make_public_directory(files_, place.substr(0, place.find_last_of('/')));
    if (!files_.status(place)) files_.write_durably(place, content, 0644);
    list_target(role, path, sha256, content.size(), Json());
}

std::string Draft::target_content(const std::string& role, const std::string& path) const {
    const Json part = signed_part(role);
    const Json& entry = part.at("targets").at(path);
    return files_.read(targets_directory() + "/" + hashed_name(path, entry.at("hashes").at("sha256").string()),
                       largest_metadata);
}

Offers Draft::offers() const {
    return offers_from_json(parse_json(target_content("releases", "offers.json")));
}
// What agents would refuse, this program could not read again either, and nothing would take it back.
void Draft::set_offers(const Offers& offers) {
    const std::string text = pretty_any_bytes_json(offers_json(offers)); // what is no UTF-8 is refused, not replaced
    offers_from_json(parse_json(text));
    put_target("releases", "offers.json", text);
}
Halt Draft::halt() const {
    return halt_from_json(parse_json(target_content("halt", "halt.json")));
}
void Draft::set_halt(const Halt& halt) {
    const std::string text = pretty_any_bytes_json(halt_json(halt));
    halt_from_json(parse_json(text));
    put_target("halt", "halt.json", text);
}

std::vector<AvailablePackage> Draft::packages() const {
    std::vector<AvailablePackage> packages;
    for (const std::string& role : roles()) {
        if (!is_platform_role(role)) continue;
        const Json part = signed_part(role);
        for (const auto& [path, entry] : part.at("targets").object()) {
            AvailablePackage package;
            package.file.path = path;
            package.file.length = std::uint64_t(entry.at("length").integer());
            package.file.hashes["sha256"] = entry.at("hashes").at("sha256").string();
            package.file.custom = entry.at("custom");
            package.manifest = manifest_from_json(entry.at("custom"));
            packages.push_back(std::move(package));
        }
    }
    return packages;
}

std::int64_t Draft::days_valid(const std::string& role) const {
    const Json settings = read_file(directory_ + "/repository.json");
    const Json& days = settings.at("days_valid");
    const Json* own = days.find(role);
    return own != nullptr ? own->integer() : days.at("delegated").integer();
}

void Draft::set_days_valid(const std::string& role, std::int64_t days) {
    const std::string path = directory_ + "/repository.json";
    Json settings = read_file(path);
    settings["days_valid"][role] = days;
    files_.write_durably(path, pretty_json(settings), 0644);
}

bool Draft::was_released(const ClientVersion& version) const {
    bool released = false;
    const std::string wanted = text(version);
    read_audit(
        [&](const Json& line) {
            const Json* release = line.at("detail").find("release");
            if (line.at("action").string() == "release" && release != nullptr && *release == Json(wanted))
                released = true;
            return !released;
        },
        // It may have been that.
        [&](const std::string& torn) { released = released || torn.find(wanted) != std::string::npos; });
    return released;
}

void Draft::read_audit(const std::function<bool(const Json&)>& line,
                       const std::function<void(const std::string&)>& torn) const {
    if (!files_.status(audit_path())) return;
    std::istringstream lines(files_.read(audit_path(), largest_audit));
    for (std::string text_line; std::getline(lines, text_line);) {
        Json parsed;
        try {
            parsed = parse_json(text_line);
        } catch (const Error&) {
            torn(text_line);
            continue;
        }
        if (!line(parsed)) return;
    }
}

std::optional<UnixTime> Draft::made_at() const {
    std::optional<UnixTime> first;
    read_audit(
        [&](const Json& line) {
            first = read_date(line.at("at").string());
            return false; // every change asks for this
        },
        [](const std::string&) {});
    return first;
}

void Draft::audit(const std::string& who, const std::string& action, const Json& detail) {
    Json line;
    line["at"] = utc_text(clock_.now());
    line["by"] = who;
    line["action"] = action;
    line["detail"] = detail;
    files_.append_durably(audit_path(), (ends_in_a_line(files_, audit_path()) ? "" : "\n") + compact_json(line) + "\n");
}

} // namespace autodeploy
