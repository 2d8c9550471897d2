#include "agent/settings_table.h"

#include "platform/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace autodeploy {

namespace {

using Texts = std::vector<std::string>;

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 6> times{{{"ms", 1},
                                     {"s", 1000},
                                     {"m", 60 * 1000},
                                     {"h", 3600 * 1000},
                                     {"d", std::int64_t(86400) * 1000},
                                     {"w", std::int64_t(7) * 86400 * 1000}}};
constexpr std::array<Unit, 5> sizes{{{"B", 1},
                                     {"KiB", std::int64_t(1) << 10},
                                     {"MiB", std::int64_t(1) << 20},
                                     {"GiB", std::int64_t(1) << 30},
                                     {"TiB", std::int64_t(1) << 40}}};

constexpr std::int64_t ms = 1;
constexpr std::int64_t s = 1000;
constexpr std::int64_t m = 60 * s;
constexpr std::int64_t h = 60 * m;
constexpr std::int64_t d = 24 * h;
constexpr std::int64_t KiB = std::int64_t(1) << 10;
constexpr std::int64_t MiB = KiB << 10;
constexpr std::int64_t GiB = MiB << 10;
constexpr std::int64_t TiB = GiB << 10;

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

template<std::size_t Count>
std::optional<std::int64_t> measure(const std::array<Unit, Count>& units, std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto value = number(text.substr(0, digits));
    if (!value) return std::nullopt;
    if (*value == 0 && digits == text.size()) return 0;
    for (const Unit& unit : units)
        if (unit.name == text.substr(digits)) {
            if (*value > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
            return *value * unit.factor;
        }
    return std::nullopt;
}

/// In the largest unit that needs no fraction.
template<std::size_t Count> std::string measured(const std::array<Unit, Count>& units, std::int64_t value) {
    if (value == 0) return "0";
    std::string text;
    // A week is read but not written: days are easier to compare.
    for (const Unit& unit : units)
        if (unit.name != "w" && value % unit.factor == 0)
            text = std::to_string(value / unit.factor) + std::string(unit.name);
    return text;
}

template<class Member>
SettingRow scalar(std::string key, std::string type, std::string range, std::string meaning, Member read,
                  std::function<std::string(const Settings&)> write) {
    return {std::move(key),
            std::move(type),
            std::move(range),
            std::move(meaning),
            false,
            [read](Settings& settings, const Texts& texts) { read(settings, texts.front()); },
            [write = std::move(write)](const Settings& settings) { return Texts{write(settings)}; }};
}

/// at: from the settings to the member, const or not.
template<class At>
SettingRow duration(std::string key, At at, std::int64_t least, std::int64_t most, std::string meaning) {
    const std::string range = measured(times, least) + " to " + measured(times, most);
    return scalar(
        std::move(key), "duration", range, std::move(meaning),
        [=](Settings& settings, const std::string& text) {
            const auto value = measure(times, text);
            if (!value || *value < least || *value > most)
                throw BadValue{"a duration from " + range + ", like 90s, 5m, 2h or 1d"};
            auto& member = at(settings);
            using Duration = std::remove_reference_t<decltype(member)>;
            if (std::chrono::duration_cast<Duration>(Milliseconds(*value)) != Milliseconds(*value))
                throw BadValue{"a duration in whole seconds"};
            member = std::chrono::duration_cast<Duration>(Milliseconds(*value));
        },
        [=](const Settings& settings) { return measured(times, Milliseconds(at(settings)).count()); });
}

template<class At>
SettingRow bytes(std::string key, At at, std::int64_t least, std::int64_t most, std::string meaning) {
    const std::string range = measured(sizes, least) + " to " + measured(sizes, most);
    return scalar(
        std::move(key), "size", range, std::move(meaning),
        [=](Settings& settings, const std::string& text) {
            const auto value = measure(sizes, text);
            if (!value || *value < least || *value > most)
                throw BadValue{"a size from " + range + ", like 200MiB or 8GiB"};
            at(settings) = static_cast<std::uint64_t>(*value);
        },
        [=](const Settings& settings) { return measured(sizes, static_cast<std::int64_t>(at(settings))); });
}

template<class At>
SettingRow count(std::string key, At at, std::int64_t least, std::int64_t most, std::string meaning) {
    const std::string range = std::to_string(least) + " to " + std::to_string(most);
    return scalar(
        std::move(key), "number", range, std::move(meaning),
        [=](Settings& settings, const std::string& text) {
            const auto value = number(text);
            if (!value || *value < least || *value > most) throw BadValue{"a number from " + range};
            auto& member = at(settings);
            member = static_cast<std::remove_reference_t<decltype(member)>>(*value);
        },
        [=](const Settings& settings) { return std::to_string(at(settings)); });
}

template<class At> SettingRow flag(std::string key, At at, std::string meaning) {
    return scalar(
        std::move(key), "true or false", "", std::move(meaning),
        [=](Settings& settings, const std::string& text) {
            if (text != "true" && text != "false") throw BadValue{"true or false"};
            at(settings) = text == "true";
        },
        [=](const Settings& settings) { return std::string(at(settings) ? "true" : "false"); });
}

/// The names in the order of the enumeration.
template<class At> SettingRow choice(std::string key, At at, Texts names, std::string meaning) {
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ", ") + name;
    return scalar(
        std::move(key), "one of " + list, "", std::move(meaning),
        [=](Settings& settings, const std::string& text) {
            const auto found = std::find(names.begin(), names.end(), text);
            if (found == names.end()) throw BadValue{"one of " + list};
            auto& member = at(settings);
            member = static_cast<std::remove_reference_t<decltype(member)>>(found - names.begin());
        },
        [=](const Settings& settings) { return names.at(static_cast<std::size_t>(at(settings))); });
}

using Check = std::function<void(const std::string&)>;

template<class At>
SettingRow words(std::string key, At at, const std::string& type, std::string meaning, Check check = {}) {
    return scalar(
        std::move(key), type, "", std::move(meaning),
        [=](Settings& settings, const std::string& text) {
            if (check && !text.empty()) check(text);
            at(settings) = text;
        },
        [=](const Settings& settings) { return at(settings); });
}

template<class At>
SettingRow list(std::string key, At at, const std::string& type, std::string meaning, const Check& check = {}) {
    return {std::move(key),
            "list of " + type,
            "",
            std::move(meaning),
            true,
            [=](Settings& settings, const Texts& texts) {
                for (const std::string& text : texts) {
                    if (text.empty()) throw BadValue{"no empty entry in the list"};
                    if (check) check(text);
                }
                at(settings) = texts;
            },
            [=](const Settings& settings) { return at(settings); }};
}

void check_one_line(const std::string& text) {
    if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        throw BadValue{"a text without control characters"};
}

void check_path(const std::string& text) {
    check_one_line(text);
    const bool drive = text.size() > 2 && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
    if (!text.starts_with("/") && !drive) throw BadValue{"an absolute path"};
}

/// The host of "host:port/path", or nothing where host or port cannot be one: a browser's leniency ends in surprises.
std::optional<std::string> host_of(std::string_view address) {
    const std::string_view authority = address.substr(0, address.find('/'));
    const bool in_brackets = authority.starts_with('[');
    const std::size_t end = in_brackets ? authority.find(']') : authority.find(':');
    const std::size_t host_end =
        std::min(end == std::string_view::npos ? end : end + (in_brackets ? 1 : 0), authority.size());
    if (in_brackets && end == std::string_view::npos) return std::nullopt;
    const std::string_view port = authority.substr(host_end);
    if (!port.empty()) {
        const auto value = number(port.substr(1));
        if (port.front() != ':' || !value || *value < 1 || *value > 65535) return std::nullopt;
    }
    std::string host(authority.substr(0, host_end));
    const bool plain = std::all_of(host.begin(), host.end(), [&](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
               c == '_' || (in_brackets && (c == ':' || c == '[' || c == ']'));
    });
    if (host.empty() || !plain) return std::nullopt;
    return host;
}

bool of_this_machine(const std::string& host) {
    const bool dotted = host.find_first_not_of("0123456789.") == std::string::npos;
    return (dotted && host.starts_with("127.")) || host == "localhost" || host == "[::1]";
}

void check_mirror(const std::string& text) {
    if (text == "retrieve") return;
    const std::size_t scheme = text.find("://");
    if (scheme == std::string::npos) {
        check_path(text);
        return;
    }
    check_one_line(text);
    const auto host = host_of(std::string_view(text).substr(scheme + 3));
    if (host && text.starts_with("https://")) return;
    if (host && text.starts_with("http://")) {
        if (of_this_machine(*host)) return;
        throw BadValue{"https:// (http is for addresses of this very machine only)"};
    }
    throw BadValue{"https://HOST:PORT/PATH, an absolute path, or retrieve"};
}

void check_proxy(const std::string& text) {
    if (!text.starts_with("http://") || !host_of(std::string_view(text).substr(7))) throw BadValue{"http://HOST:PORT"};
}

void check_direct_host(const std::string& text) {
    const std::string_view name = text.starts_with('.') ? std::string_view(text).substr(1) : std::string_view(text);
    const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == ':';
    });
    if (!good) throw BadValue{"HOST or .DOMAIN, in lower case"};
}

void check_name(const std::string& text) {
    const bool good = text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                 c == '-' || c == '_' || c == '.';
                      });
    if (!good) throw BadValue{"at most 64 letters, digits, '-', '_' or '.'"};
}

#define AT(member)                                                                                                     \
    [](auto& settings) -> auto& {                                                                                      \
        return settings.member;                                                                                        \
    }

/// Our service has folders of its own in their place: it would write where nobody looks, and miss what others put
/// there.
void check_shared_path(const std::string& text) {
    check_path(text);
    if (text.starts_with("/tmp/") || text.starts_with("/var/tmp/"))
        throw BadValue{"an absolute path, and not below /tmp or /var/tmp, of which the service has its own"};
}

/// The collector reads no other file, and says nothing about it.
void check_textfile(const std::string& text) {
    check_shared_path(text);
    if (!text.empty() && !text.ends_with(".prom")) throw BadValue{"an absolute path that ends with .prom"};
}

std::vector<SettingRow> make_rows() {
    return {
        choice("mode", AT(mode), {"observe", "armed", "follow"},
               "observe: everything up to the plan, nothing is changed; armed: plans are applied; follow: as the "
               "repository's signed metadata says, which is observe unless it arms"),
        words("channel", AT(channel), "text", "the channel whose offers this client takes", check_name),
        scalar(
            "pin", "version", "", "this release and no other, like 8.1.27.0; empty: the newest that is offered",
            [](Settings& settings, const std::string& text) {
                settings.pin = parse_client_version(text);
                if (!settings.pin && !text.empty()) throw BadValue{"a version like 8.1.27.0"};
            },
            [](const Settings& settings) { return settings.pin ? autodeploy::text(*settings.pin) : std::string(); }),
        choice("restart", AT(restart), {"never", "in_window", "at_once"},
               "whether an update that cannot be finished else may restart the machine: never; in_window: while "
               "wait.window is open; at_once: at any time. The client option autodeploy must allow it too (yes, or not "
               "set). Only packages for Windows ever need that; elsewhere no machine is restarted, whatever is set"),
        flag("allow_without_way_back", AT(allow_without_way_back),
             "updates also where the installed release's packages cannot be had, so that there is no way back"),
        list("approved_one_way", AT(approved_one_way), "text",
             "ids of one-way edges of releases that this site has approved", check_name),
        choice("vendor_signature", AT(vendor_signature), {"as_published", "no_waiver", "verified"},
               "what the vendor's own signature must be, beyond the repository's"),
        list("repository.mirrors", AT(repository.mirrors), "addresses",
             "tried in order: https://HOST:8443/PATH, the absolute path of a folder, or retrieve", check_mirror),
        words("repository.ca_file", AT(repository.ca_file), "path",
              "certificates that are trusted; empty: the system's", check_path),
        words("repository.client_certificate", AT(repository.client_certificate), "path",
              "PEM file of a client certificate; empty: none", check_path),
        words("repository.client_key", AT(repository.client_key), "path", "its private key", check_path),
        words("repository.proxy", AT(repository.proxy), "address", "http://HOST:PORT; empty: none", check_proxy),
        list("repository.no_proxy", AT(repository.no_proxy), "hosts",
             "reached without the proxy: HOST, or .DOMAIN for all below it; this machine's own addresses always are",
             check_direct_host),
        duration("repository.connect_timeout", AT(repository.connect_timeout), s, 10 * m,
                 "for name, connection and TLS together"),
        duration("repository.idle_timeout", AT(repository.idle_timeout), s, h, "without a single byte"),
        duration("repository.total_timeout", AT(repository.total_timeout), m, 7 * d, "of one download"),
        bytes("repository.bytes_per_second", AT(repository.bytes_per_second), 0, 100 * GiB,
              "limit of the rate of downloads; 0: none"),
        count("repository.attempts", AT(repository.attempts), 1, 100, "of one download, over all mirrors"),
        duration("repository.first_pause", AT(repository.first_pause), 100 * ms, h,
                 "between attempts; doubled each time"),
        duration("repository.longest_pause", AT(repository.longest_pause), 100 * ms, d, "between attempts"),
        duration("repository.refresh_every", AT(repository.refresh_every), 0, 30 * d,
                 "how often metadata is looked at without a trigger; 0: never"),
        list("repository.retrieve_command", AT(repository.retrieve_command), "program and arguments",
             "fills {directory} with the repository, or brings {file} of it; for the mirror retrieve", check_one_line),
        duration("repository.retrieve_deadline", AT(repository.retrieve_deadline), s, d, "of one run of that command"),
        {"wait.window", "list of rules", "",
         "when the client may be changed: \"mon-fri 20:00-04:00\", \"daily 22:00-05:00\"; empty: at any time", true,
         [](Settings& settings, const Texts& texts) {
             settings.wait.window.rules.clear();
             for (const std::string& text : texts)
                 settings.wait.window.rules.push_back(parse_window_rule(text));
         },
         [](const Settings& settings) {
             Texts texts;
             for (const WindowRule& rule : settings.wait.window.rules)
                 texts.push_back(autodeploy::text(rule));
             return texts;
         }},
        duration("wait.jitter", AT(wait.jitter), 0, d,
                 "at most this long after the opening, each node its own time, always the same"),
        choice("wait.missed_window", AT(wait.missed_window), {"wait_for_next", "go_at_once"},
               "what to do when a window passed while the machine was off or the client busy"),
        duration("wait.deadline", AT(wait.deadline), s, 30 * d,
                 "from accepting (or from the window's opening, if that is later) to the first stop"),
        choice("wait.at_deadline", AT(wait.at_deadline), {"give_up", "proceed_if_unknown", "proceed"},
               "what to do when the client never was quiet"),
        duration("wait.look_every", AT(wait.look_every), s, h, "how often to look whether the client is quiet"),
        duration("wait.event_settled", AT(wait.event_settled), s, h,
                 "an event that ended is over after this time at the latest"),
        duration("apply.stop_deadline", AT(apply.stop_deadline), s, h, "for a service of the client to stop"),
        duration("apply.start_deadline", AT(apply.start_deadline), s, h, "for a service of the client to start"),
        flag("apply.kill_at_deadline", AT(apply.kill_at_deadline),
             "ends a service that does not stop the hard way (never the journal daemon)"),
        choice("apply.remaining_processes", AT(apply.remaining_processes), {"give_up", "wait", "end"},
               "processes of the client that are left when its services were stopped: give_up at once and put all "
               "back; wait for them to end, then give up; end them, the hard way after the deadline"),
        duration("apply.process_deadline", AT(apply.process_deadline), s, h,
                 "for such processes to end, where they are awaited or ended; the scheduler is down meanwhile"),
        choice("apply.failed_scriptlet", AT(apply.failed_scriptlet), {"verify", "roll_back"},
               "a package's scriptlet failed but its files are all there: verify decides by the client that runs, "
               "roll_back puts the old release back"),
        duration("apply.tool_overrun", AT(apply.tool_overrun), s, d, "after this a native installer is reported"),
        duration("apply.scriptlet_limit", AT(apply.scriptlet_limit), s, 2 * d,
                 "after this its hung scriptlets are ended"),
        duration("apply.restart_delay", AT(apply.restart_delay), 0, d,
                 "from the announcement of a restart of the machine to the restart"),
        choice("apply.restart_logged_on", AT(apply.restart_logged_on), {"wait", "go_on"},
               "while somebody is logged on, disconnected sessions included: wait asks for no restart; go_on announces "
               "it all the same, and who works there can put it off"),
        duration("apply.restart_deadline", AT(apply.restart_deadline), m, 30 * d,
                 "from the moment from which the machine might be restarted; until then the deployment waits for it, "
                 "the scheduler at work, then it ends as needs_restart, and whatever restart comes finishes it"),
        duration("verify.watch", AT(verify.watch), 0, h, "at least so long after the start"),
        duration("verify.contact_deadline", AT(verify.contact_deadline), 0, d,
                 "until then the scheduler must have reached its server, if it could before"),
        duration("verify.probation", AT(verify.probation), 0, 90 * d, "the new client is looked at for so long"),
        choice("verify.after_failed_probation", AT(verify.after_failed_probation), {"report", "go_back"},
               "what to do when the new client fails in its probation"),
        count("retry.attempts", AT(retry.attempts), 1, 20, "of one release; then `autodeploy retry` is needed"),
        duration("retry.pause", AT(retry.pause), 0, 30 * d, "between attempts; doubled each time"),
        duration("retry.longest_pause", AT(retry.longest_pause), 0, 90 * d, "between attempts"),
        bytes("limits.package_bytes", AT(limits.package_bytes), MiB, TiB, "largest update package"),
        bytes("limits.unpacked_bytes", AT(limits.unpacked_bytes), MiB, TiB, "most that a package may unpack to"),
        count("limits.archive_entries", AT(limits.archive_entries), 1, 1000000, "most members of a package"),
        count("limits.archive_ratio", AT(limits.archive_ratio), 1, 100000, "unpacked to packed"),
        bytes("limits.dictionary_bytes", AT(limits.dictionary_bytes), MiB, 4 * GiB,
              "memory for the dictionary of a compressed package"),
        bytes("limits.evidence_bytes", AT(limits.evidence_bytes), 64 * KiB, GiB, "evidence of one attempt"),
        count("limits.keep_attempts", AT(limits.keep_attempts), 1, 1000, "folders of finished attempts"),
        bytes("limits.spare_bytes", AT(limits.spare_bytes), 0, TiB,
              "left free on each file system beyond what is needed"),
        choice("report.log_level", AT(report.log_level), {"error", "warning", "information", "debug"},
               "how much of what the service does goes to the system's log; debug tells each phase"),
        words("report.textfile", AT(report.textfile), "path",
              "a file of metrics for Prometheus' textfile collector, written whole after each change; empty: none",
              check_textfile),
        list("client_directories", AT(client_directories), "paths",
             "further ones, where this site keeps the client elsewhere", check_path),
        list("hold_files", AT(hold_files), "paths", "where one of these is, this machine is left alone",
             check_shared_path),
    };
}

#undef AT

} // namespace

const std::vector<SettingRow>& setting_rows() {
    static const std::vector<SettingRow> rows = make_rows();
    return rows;
}

Severity parse_severity(const std::string& text) {
    if (text == "blocker") return Severity::blocker;
    if (text == "warning") return Severity::warning;
    if (text == "note") return Severity::note;
    throw BadValue{"one of blocker, warning, note"};
}

std::string text(Severity severity) {
    return severity == Severity::blocker ? "blocker" : severity == Severity::warning ? "warning" : "note";
}

std::string yaml_scalar(const std::string& text) {
    const auto plain = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' || c == '_' ||
               c == '.' || c == ':' || c == '-';
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), plain) && text.front() != '-' && text.front() != ':' &&
        text.back() != ':')
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        if (c == '\n')
            quoted += "\\n";
        else if (c == '\t')
            quoted += "\\t";
        else
            quoted += c;
    }
    return quoted + "\"";
}

} // namespace autodeploy
