#include "packaging/repository/arm_rules.h"
#include "packaging/repository/command.h"
#include "packaging/repository/publish.h"

#include "installer/release_source.h"
#include "installer/repository/folder_transport.h"
#include "installer/repository/https_transport.h"
#include "installer/repository/metadata.h"
#include "installer/repository/updater.h"
#include "platform/error.h"

namespace autodeploy::publisher {

namespace {

constexpr std::uint64_t largest_metadata = 5 << 20;

std::string joined(const std::vector<std::string>& words, const std::string& otherwise) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ",") + word;
    return text.empty() ? otherwise : text;
}

Json role_status(Draft& draft, const std::string& role) {
    Json row;
    row["role"] = role;
    const std::optional<Json> published = draft.published(role);
    if (published) {
        const UnixTime expires = read_date(published->at("signed").at("expires").string());
        row["version"] = published->at("signed").at("version");
        row["expires"] = utc_text(expires);
        const UnixTime left = expires - draft.clock().now();
        row["days_left"] = left > 0 ? left / 86400 : left / 86400 - 1; // whole days; below 0: over
    }
    if (draft.is_staged(role)) {
        row["staged"] = draft.staged(role).at("signed").at("version");
        row["lacks"] = missing_signatures(draft, role);
    }
    const Json keys = draft.role_keys(role);
    row["keys"] = keys.at("keyids");
    row["threshold"] = keys.at("threshold");
    return row;
}

/// Whoever looks at it in a terminal shall not overlook it.
std::string urgency(std::int64_t days_left) {
    if (days_left < 0) return " EXPIRED: clients are not updated";
    if (days_left < 7) return " EXPIRES SOON";
    return "";
}

std::string role_line(const Json& row) {
    std::string line = row.at("role").string();
    line.resize(std::max<std::size_t>(line.size(), 20), ' ');
    if (const Json* version = row.find("version")) {
        line += " version " + std::to_string(version->integer()) + ", expires " + row.at("expires").string() + " (" +
                std::to_string(row.at("days_left").integer()) + " days)" + urgency(row.at("days_left").integer());
    } else {
        line += " never published";
    }
    line +=
        ", " + std::to_string(row.at("threshold").integer()) + " of " + counted(row.at("keys").array().size(), "key");
    if (const Json* staged = row.find("staged")) {
        line += "; staged: version " + std::to_string(staged->integer());
        if (!row.at("lacks").string().empty()) line += ", " + row.at("lacks").string();
    }
    return line;
}

} // namespace

void status(Context& context) {
    Draft& draft = context.draft;
    Json all;
    all["format"] = 1;
    Json::Array rows;
    for (const std::string& role : draft.roles())
        rows.push_back(role_status(draft, role));
    all["roles"] = rows;
    all["offers"] = offers_json(draft.offers());
    all["halt"] = halt_json(draft.halt());
    Json::Array packages;
    for (const AvailablePackage& package : draft.packages()) {
        Json row;
        row["path"] = package.file.path;
        row["release"] = text(package.manifest.release);
        row["way_back_only"] = package.manifest.way_back_only;
        packages.push_back(row);
    }
    all["packages"] = packages;
    if (context.json) {
        context.print(all);
        return;
    }
    for (const Json& row : rows)
        context.out << role_line(row) << "\n";
    for (const Json& row : packages)
        context.out << "package  " << row.at("path").string()
                    << (row.at("way_back_only").boolean() ? " (way back only)" : "") << "\n";
    const Offers offers = draft.offers();
    for (const Offer& offer : offers.offers)
        context.out << "offered  " << text(offer.release) << " in channel " << offer.channel << " to " << offer.share
                    << " % of " << joined(offer.nodes, "all nodes") << " on "
                    << joined(offer.platforms, "all platforms")
                    << (offer.change.empty() ? "" : ", change " + offer.change) << "\n";
    for (const Recall& recall : offers.recalls)
        context.out << "recalled " << text(recall.from) << " back to " << text(recall.to) << ": " << recall.reason
                    << "\n";
    for (const ArmRule& rule : offers.arm) {
        context.out << "armed    " << in_words(rule);
        if (rule.mode == Mode::armed)
            for (const ArmRule& other : meeting(rule, offers.arm, Mode::observe))
                context.out << ", but " << in_words(other);
        context.out << "\n";
    }
    const Halt halt = draft.halt();
    for (const HaltedRelease& halted : halt.releases)
        context.out << "halted   " << text(halted.release) << ": " << halted.reason << "\n";
    for (const Freeze& freeze : halt.freezes)
        context.out << "frozen   " << utc_text(freeze.from) << " to " << utc_text(freeze.to) << ": " << freeze.reason
                    << "\n";
}

void audit(Context& context) {
    context.draft.read_audit(
        [&](const Json& line) {
            if (context.json)
                context.out << compact_json(line) << "\n";
            else
                context.out << line.at("at").string() << " " << line.at("by").string() << " "
                            << line.at("action").string() << " " << compact_json(line.at("detail")) << "\n";
            return true;
        },
        [&](const std::string& torn) {
            if (context.json)
                context.out << compact_json(Json::Object{{"torn", std::int64_t(torn.size())}}) << "\n";
            else
                context.out << "a line of " << torn.size() << " bytes that cannot be read: a crash has torn it\n";
        });
}

/// With the agent's own client, in a trust store that is thrown away unless --trust names one to be kept.
void verify(Context& context) {
    Draft& draft = context.draft;
    FileSystem& files = context.platform.files;
    const std::string work = draft.directory() + "/verifying";
    const std::optional<Json> targets = draft.published("targets");
    if (!targets) throw Error("not_published", "cannot verify: nothing was published yet; run 'publish' first");
    files.remove_tree(work);
    files.make_private_directory(work);
    const std::string published = draft.directory() + "/published";
    std::unique_ptr<Transport> transport = folder_transport(files, published);
    const std::string url = context.line.value("url");
    if (url.starts_with("/")) {
        transport = folder_transport(files, url);
    } else if (!url.empty()) {
        HttpsSource source = https_source(url);
        source.ca_file = context.line.value("ca-file");
        transport = https_transport(draft.clock(), source);
    }
    Updater updater(files, draft.clock(), {transport.get()}, context.line.value("trust", work + "/trust"));
    const std::string root = context.line.value("root", published + "/metadata/1.root.json");
    updater.init(files.read(root, largest_metadata));
    ReleaseSource source(files, updater, work + "/downloads");
    int packages = 0;
    std::vector<std::string> notes;
    // What is staged is not what agents see.
    for (const Json& delegation : targets->at("signed").at("delegations").at("roles").array()) {
        const std::string& role = delegation.at("name").string();
        if (!is_platform_role(role)) continue;
        const Offering offering = source.refresh(role);
        for (const AvailablePackage& package : offering.packages) {
            source.fetch(package, DownloadLimits{}, {});
            source.forget_all_but({});
            ++packages;
        }
        notes.insert(notes.end(), offering.notes.begin(), offering.notes.end());
    }
    files.remove_tree(work);
    if (!notes.empty()) throw Error("not_usable", "cannot accept the repository: " + notes.front());
    context.say(transport->name() + " verifies, " + counted(std::size_t(packages), "package") + " with it");
    if (context.json) {
        Json all;
        all["verified"] = transport->name();
        all["packages"] = packages;
        context.print(all);
    }
}

void mirror_command(Context& context) {
    const std::string& destination = context.line.operands[0];
    const std::string& directory = context.draft.directory();
    const std::string published = directory + "/published";
    if (destination == directory || (destination + "/").starts_with(published + "/"))
        throw Error("usage", "cannot copy the repository to " + destination + ", into itself; name another folder");
    const int copied =
        mirror(context.platform.files, published, destination, known_platforms(context.draft, context.line));
    context.say(counted(std::size_t(copied), "file") + " copied to " + destination);
    if (context.json) {
        Json all;
        all["copied"] = copied;
        context.print(all);
    }
}

} // namespace autodeploy::publisher
