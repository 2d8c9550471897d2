// installp, lslpp and lppchk. Sources and how sure each behaviour is: README.md.
#include "images.h"
#include "state.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace standin::aix {
namespace {

namespace fs = std::filesystem;
const char* const database = "/usr/lib/objrepos/product";
const char* const inventories = "/usr/lib/objrepos/inventory/";
const char* const line_of_signs = "-------------------------------------------------------------------------------";

struct Installed {
    std::string package, name, level, state, description;
    std::vector<std::pair<std::string, std::string>> requisites;
};

std::vector<Installed> all_installed() {
    std::vector<Installed> found;
    for (const std::string& line : lines_of(read_file(database))) {
        const std::vector<std::string> parts = split(line, '|');
        if (parts.size() < 6) continue;
        Installed one{parts[0], parts[1], parts[2], parts[3], parts[4], {}};
        for (const std::string& need : split(parts[5], ';'))
            if (const auto words = words_of(need); words.size() == 2) one.requisites.emplace_back(words[0], words[1]);
        found.push_back(one);
    }
    return found;
}

void save(const std::vector<Installed>& all) {
    std::string text;
    for (const Installed& one : all) {
        text += one.package + "|" + one.name + "|" + one.level + "|" + one.state + "|" + one.description + "|";
        for (const auto& [name, level] : one.requisites)
            text += name + " " + level + ";";
        text += "\n";
    }
    write_file(database, text);
}

Installed* find(std::vector<Installed>& all, const std::string& name) {
    for (Installed& one : all)
        if (one.name == name) return &one;
    return nullptr;
}

void set(const Installed& wanted) {
    std::vector<Installed> all = all_installed();
    if (Installed* there = find(all, wanted.name))
        *there = wanted;
    else
        all.push_back(wanted);
    std::sort(all.begin(), all.end(), [](const Installed& a, const Installed& b) { return a.name < b.name; });
    save(all);
}

void drop(const std::string& name) {
    std::vector<Installed> all = all_installed();
    all.erase(std::remove_if(all.begin(), all.end(), [&](const Installed& one) { return one.name == name; }),
              all.end());
    save(all);
}

std::string sum_of(const std::string& content) {
    std::uint64_t sum = 1469598103934665603U;
    for (const char letter : content)
        sum = (sum ^ std::uint64_t(static_cast<unsigned char>(letter))) * 1099511628211U;
    return std::to_string(sum % 1000000007U);
}

/// "PATH SIZE SUM", "PATH link TARGET"
std::vector<std::vector<std::string>> inventory(const std::string& name) {
    std::vector<std::vector<std::string>> found;
    for (const std::string& line : lines_of(read_file(inventories + name)))
        if (std::vector<std::string> words = words_of(line); words.size() == 3) found.push_back(words);
    return found;
}

void remove_files(const std::string& name, const std::set<std::string>& but) {
    for (const auto& file : inventory(name))
        if (but.count(file[0]) == 0) fs::remove(at(file[0]));
    if (but.empty())
        for (const char* const part : {"", ".unpre_i"})
            fs::remove(at(inventories + name + part));
}

/// The fileset's own script of that name, if the image has one. 0 where there is none.
int run_script(const std::vector<Member>& members, const std::string& name) {
    for (const Member& member : members)
        if (member.path == name) {
            write_file("/usr/lpp/standin/" + name, member.content);
            return shell("ROOT='" + root() + "' /bin/sh " + at("/usr/lpp/standin/" + name));
        }
    return 0;
}

void pause_between() {
    if (const std::string time = asked("installp_pause_ms"); !time.empty())
        ::usleep(useconds_t(std::stoi(time)) * 1000);
}

/// Lays the files of one fileset; true if all went well.
bool apply_one(const Fileset& wanted, const std::string& folder, bool commit) {
    const std::vector<Member> members = members_of(folder + "/" + wanted.image);
    if (run_script(members, wanted.name + ".pre_i") != 0) return false;
    Installed entry{wanted.package, wanted.name, wanted.level, "APPLYING", wanted.description, wanted.requisites};
    set(entry);
    pause_between();
    std::string list;
    std::set<std::string> paths;
    const std::string begin = wanted.name + "/";
    const std::string busy = asked("text_busy");
    for (const Member& member : members) {
        if (member.path.rfind(begin, 0) != 0) continue;
        std::string path = "/" + member.path.substr(begin.size());
        if (member.folder || path.back() == '/') {
            fs::create_directories(at(path));
            continue;
        }
        fs::create_directories(fs::path(at(path)).parent_path());
        paths.insert(path);
        fs::remove(at(path));
        if (!member.link.empty()) {
            fs::create_symlink(member.link, at(path));
            list += path + " link " + member.link + "\n";
            continue;
        }
        std::ofstream(at(path), std::ios::binary) << member.content;
        ::chmod(at(path).c_str(), member.mode);
        list += path + " " + std::to_string(member.content.size()) + " " + sum_of(member.content) + "\n";
    }
    remove_files(wanted.name, paths.empty() ? std::set<std::string>{"/"} : paths);
    write_file(inventories + wanted.name, list);
    for (const Member& member : members)
        if (member.path == wanted.name + ".unpre_i") write_file(inventories + member.path, member.content);
    pause_between();
    if (run_script(members, wanted.name + ".post_i") != 0) {
        entry.state = "BROKEN";
        set(entry);
        return false;
    }
    entry.state = commit ? "COMMITTED" : "APPLIED";
    set(entry);
    return true;
}

struct Result {
    std::string name, level, event, result;
};

void heading(const std::string& title) {
    std::printf("+-----------------------------------------------------------------------------+\n%s\n"
                "+-----------------------------------------------------------------------------+\n",
                title.c_str());
}

void print_sections(const std::vector<std::pair<Fileset, std::string>>& failures, const std::vector<Fileset>& selected,
                    const std::string& verb) {
    if (!failures.empty()) {
        std::printf("FAILURES\n--------\n  Filesets listed in this section failed pre-%s verification\n  and will not "
                    "be %s.\n\n",
                    verb == "removed" ? "deinstall" : "installation", verb.c_str());
        for (const auto& [fileset, why] : failures)
            std::printf("  %s %s           # %s\n", fileset.name.c_str(), fileset.level.c_str(), why.c_str());
        std::printf("\n  << End of Failure Section >>\n\n");
    }
    if (selected.empty()) return;
    std::printf(
        "SUCCESSES\n---------\n  Filesets listed in this section passed pre-%s verification\n  and will be %s.\n\n"
        "  Selected Filesets\n  -----------------\n",
        verb == "removed" ? "deinstall" : "installation", verb.c_str());
    for (const Fileset& fileset : selected)
        std::printf("  %s %s%s# %s\n", fileset.name.c_str(), fileset.level.c_str(), "           ",
                    fileset.description.c_str());
    std::printf("\n  << End of Success Section >>\n\n");
}

void print_summary(const std::vector<std::pair<Fileset, std::string>>& failures, const std::vector<Result>& results) {
    heading("                                Summaries:");
    if (!failures.empty()) {
        std::printf("\nPre-installation Failure/Warning Summary\n----------------------------------------\n"
                    "Name                      Level           Pre-installation Failure/Warning       \n%s\n",
                    line_of_signs);
        for (const auto& [fileset, why] : failures)
            std::printf("%-25.25s %-15s %-37s \n", fileset.name.c_str(), fileset.level.c_str(), why.c_str());
        std::printf("\n");
    }
    if (results.empty()) return;
    std::printf("\nInstallation Summary\n--------------------\nName                        Level           Part        "
                "Event       Result\n%s\n",
                line_of_signs);
    for (const Result& one : results)
        std::printf("%-27.27s %-15s %-11s %-11s %-10s \n", one.name.c_str(), one.level.c_str(), "USR",
                    one.event.c_str(), one.result.c_str());
}

int clean_up() {
    note("installp -C");
    bool any = false;
    for (Installed one : all_installed()) {
        if (one.state != "APPLYING" && one.state != "COMMITTING" && one.state != "DEINSTALLING") continue;
        any = true;
        if (asked("broken_after_cleanup") == "yes") {
            one.state = "BROKEN";
            set(one);
        } else {
            remove_files(one.name, {});
            drop(one.name);
        }
        std::printf("installp: cleaned up after %s\n", one.name.c_str());
    }
    if (!any)
        std::printf("0503-439 installp:  No filesets were found in the Software Vital\n\tProduct Database that could "
                    "be cleaned up.\n");
    return 0;
}

int apply(const Options& given) {
    const std::string folder = given.value('d');
    const std::vector<Fileset> offered = read_toc(folder);
    if (offered.empty()) {
        std::fprintf(
            stderr, "0503-105 installp: The device or file named\n\t%s\n\tis either not accessible or holds no .toc.\n",
            folder.c_str());
        return 1;
    }
    const bool force = given.has('F');
    const bool preview = given.has('p');
    note("installp " + std::string(preview ? "preview" : "apply"));
    std::vector<Installed> there = all_installed();
    std::vector<Fileset> selected;
    std::vector<std::pair<Fileset, std::string>> failures;
    const auto is_selected = [&](const std::string& name) {
        return std::any_of(selected.begin(), selected.end(), [&](const Fileset& one) { return one.name == name; });
    };
    for (const std::string& pattern : given.operands) {
        bool found = false;
        for (const Fileset& one : offered) {
            if (pattern != "all" && !fits(pattern, one.name)) continue;
            found = true;
            const Installed* now = find(there, one.name);
            const int order = now == nullptr ? -1 : compare_levels(now->level, one.level);
            const bool healthy = now != nullptr && (now->state == "COMMITTED" || now->state == "APPLIED");
            if (is_selected(one.name)) continue;
            if (order > 0 && !force)
                failures.emplace_back(one,
                                      said("Already superseded by " + now->level, "durch " + now->level + " ersetzt"));
            else if (order == 0 && healthy && !force)
                failures.emplace_back(one, said("Already installed", "schon installiert"));
            else
                selected.push_back(one);
        }
        if (!found)
            failures.emplace_back(Fileset{"", "", pattern, "", "", {}, ""},
                                  said("Not found on the installation media", "nicht auf dem Medium"));
    }
    // Requisites: what is neither there nor selected is taken along with -g, or fails what needs it.
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < selected.size() && !changed; ++i)
            for (const auto& [name, level] : selected[i].requisites) {
                const Installed* now = find(there, name);
                if (now != nullptr && compare_levels(now->level, level) >= 0 && !is_selected(name)) continue;
                if (is_selected(name)) continue;
                const auto offer =
                    std::find_if(offered.begin(), offered.end(), [&, &need = name, &least = level](const Fileset& one) {
                        return one.name == need && compare_levels(one.level, least) >= 0;
                    });
                const bool hopeless = std::any_of(failures.begin(), failures.end(), [&, &need = name](const auto& one) {
                    return one.first.name == need;
                });
                if (offer != offered.end() && given.has('g') && !hopeless) {
                    selected.push_back(*offer);
                } else {
                    failures.emplace_back(
                        selected[i], said("Requisite failure: " + name + " " + level, "Voraussetzung fehlt: " + name));
                    selected.erase(selected.begin() + std::ptrdiff_t(i));
                }
                changed = true;
                break;
            }
    }
    // What is needed goes first.
    std::vector<Fileset> ordered;
    while (!selected.empty()) {
        auto next = std::find_if(selected.begin(), selected.end(), [&](const Fileset& one) {
            return std::none_of(one.requisites.begin(), one.requisites.end(),
                                [&](const auto& need) { return is_selected(need.first) && need.first != one.name; });
        });
        if (next == selected.end()) next = selected.begin();
        ordered.push_back(*next);
        selected.erase(next);
    }
    heading("                    " + said("Pre-installation Verification...", "Prüfung vor der Installation..."));
    std::printf("Verifying selections...done\nVerifying requisites...done\nResults...\n\n");
    print_sections(failures, ordered, "installed");
    std::vector<Result> results;
    bool failed = false;
    if (!preview && !ordered.empty()) {
        heading("                         Installing Software...");
        for (const Fileset& one : ordered) {
            std::printf("\ninstallp:  APPLYING software for:\n\t%s %s\n\n", one.name.c_str(), one.level.c_str());
            std::fflush(stdout);
            // "Command: OK" with one of them missing: neither in the table nor on the disk.
            if (asked("lose") == one.name) continue;
            const bool good = apply_one(one, folder, given.has('c'));
            results.push_back(
                {one.name, one.level, "APPLY", good ? said("SUCCESS", "ERFOLG") : said("FAILED", "FEHLER")});
            if (good) continue;
            failed = true;
            if (find(there, one.name) == nullptr) results.push_back({one.name, one.level, "CLEANUP", "SUCCESS"});
            break; // the rest is cancelled
        }
        for (const Fileset& one : ordered)
            if (failed &&
                std::none_of(results.begin(), results.end(), [&](const Result& done) { return done.name == one.name; }))
                results.push_back({one.name, one.level, "APPLY", said("CANCELLED", "ABGEBROCHEN")});
    }
    print_summary(failures, results);
    // What was never begun is no failure.
    return failed ? 1 : 0;
}

int remove_filesets(const Options& given) {
    std::vector<Installed> there = all_installed();
    std::vector<Fileset> selected;
    std::vector<std::pair<Fileset, std::string>> failures;
    note(given.has('p') ? "installp preview of a removal" : "installp remove");
    for (const std::string& pattern : given.operands) {
        bool found = false;
        for (const Installed& one : there)
            if (fits(pattern, one.name)) {
                selected.push_back({"", one.package, one.name, one.level, one.description, {}, ""});
                found = true;
            }
        if (!found) failures.emplace_back(Fileset{"", "", pattern, "", "", {}, ""}, "Not installed on the system");
    }
    const auto is_selected = [&](const std::string& name) {
        return std::any_of(selected.begin(), selected.end(), [&](const Fileset& one) { return one.name == name; });
    };
    for (bool changed = true; changed;) {
        changed = false;
        for (const Installed& one : there)
            for (const auto& [name, level] : one.requisites)
                if (!is_selected(one.name) && is_selected(name)) {
                    const auto place =
                        std::find_if(selected.begin(), selected.end(),
                                     [&, &need = name](const Fileset& chosen) { return chosen.name == need; });
                    failures.emplace_back(*place, "Dependents are installed: " + one.name);
                    selected.erase(place);
                    changed = true;
                }
    }
    heading("                    Pre-deinstall Verification...");
    std::printf("Verifying selections...done\nVerifying requisites...done\nResults...\n\n");
    print_sections(failures, selected, "removed");
    std::vector<Result> results;
    // Those that others need go last.
    std::sort(selected.begin(), selected.end(), [&](const Fileset& a, const Fileset& b) {
        const auto needs = [&](const std::string& name, const std::string& other) {
            const Installed* one = find(there, name);
            return std::any_of(one->requisites.begin(), one->requisites.end(),
                               [&](const auto& need) { return need.first == other; });
        };
        if (needs(a.name, b.name)) return true;
        if (needs(b.name, a.name)) return false;
        return a.name > b.name;
    });
    bool failed = false;
    if (!given.has('p'))
        for (const Fileset& one : selected) {
            const std::string script = inventories + one.name + ".unpre_i";
            if (exists(script) && shell("ROOT='" + root() + "' /bin/sh " + at(script)) != 0) {
                results.push_back({one.name, one.level, "DEINSTALL", "FAILED"});
                failed = true;
                continue;
            }
            Installed entry = *find(there, one.name);
            entry.state = "DEINSTALLING";
            set(entry);
            pause_between();
            remove_files(one.name, {});
            drop(one.name);
            results.push_back({one.name, one.level, "DEINSTALL", "SUCCESS"});
        }
    print_summary(failures, results);
    return failed ? 1 : 0; // also where nothing was removed
}

} // namespace

int installp(const Arguments& arguments) {
    const Options given = options(arguments, "R:aucpXYgFqwd:e:V:CNIlLrsbBDQSvEO:t:z:f:");
    if (!given.good || (given.has('F') && given.has('g'))) {
        std::fprintf(stderr, "Usage: installp -a[-c] … \n");
        return 1;
    }
    if (given.has('L') || given.has('l')) {
        const std::string device = given.value('d');
        std::vector<Fileset> found;
        const std::vector<std::string> lines = lpp_name_lines(device);
        if (!lines.empty())
            found = parse_filesets(lines, device);
        else
            found = read_toc(device);
        for (const Fileset& one : found)
            std::printf("%s:%s:%s::I:T:N:::::N:%s::0:\n", one.package.c_str(), one.name.c_str(), one.level.c_str(),
                        one.description.c_str());
        return found.empty() ? 1 : 0;
    }
    fs::create_directories(at("/usr/lib/objrepos"));
    const int lock = ::open(at("/usr/lib/objrepos/.installp").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        std::fprintf(
            stderr,
            "0503-434 installp:  There are incomplete installation operations\n\tor another installp is running.\n");
        return 1;
    }
    if (given.has('C')) return clean_up();
    // An interrupted one has to be cleaned up before anything else.
    for (const Installed& one : all_installed())
        if (!given.has('p') && (one.state == "APPLYING" || one.state == "DEINSTALLING")) {
            std::fprintf(
                stderr,
                "0503-434 installp:  There are incomplete installation operations\n\ton the following filesets.  "
                "Run installp -C to clean up\n\tthe previously failed installations before continuing.\n\t\t%s\n",
                one.name.c_str());
            return 1;
        }
    if (given.has('u')) return remove_filesets(given);
    if (given.has('a')) return apply(given);
    return 1;
}

int lslpp(const Arguments& arguments) {
    const Options given = options(arguments, "R:dEfhilLpaAcJqIwveSO:b:");
    if (!given.good) return 1;
    const bool colons = given.has('c');
    if (given.has('w')) {
        if (colons && !given.has('q')) std::printf("#File:Fileset:Type\n");
        int code = 1;
        for (const Installed& one : all_installed())
            for (const auto& file : inventory(one.name))
                for (const std::string& wanted : given.operands)
                    if (file[0] == wanted) {
                        std::printf(colons ? "%s:%s:%s\n" : "  %-42s  %-20s  %s\n", file[0].c_str(), one.name.c_str(),
                                    file[1] == "link" ? "Symlink" : "File");
                        code = 0;
                    }
        if (code != 0) std::fprintf(stderr, "lslpp: 0504-136  A file matching the name was not found in the SWVPD.\n");
        return code;
    }
    std::vector<Installed> chosen;
    const Arguments wanted = given.operands.empty() ? Arguments{"all"} : given.operands;
    int code = 0;
    for (const std::string& pattern : wanted) {
        bool found = false;
        for (const Installed& one : all_installed())
            if (pattern == "all" || pattern == one.name ||
                (pattern.find('*') != std::string::npos && fits(pattern, one.name))) {
                chosen.push_back(one);
                found = true;
            }
        if (!found) {
            std::fprintf(stderr, "%s\n",
                         said("lslpp: 0504-132  Fileset " + pattern + " not installed.",
                              "lslpp: 0504-132  Dateigruppe " + pattern + " ist nicht installiert.")
                             .c_str());
            code = 1;
        }
    }
    if (given.has('L') && colons) {
        if (!given.has('q'))
            std::printf("#Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination "
                        "Dir.:Uninstaller:Message Catalog:"
                        "Message Set:Message Number:Parent:Automatic:EFIX Locked:Install Path:Build Date\n");
        for (const Installed& one : chosen) {
            const std::string letter = one.state == "COMMITTED" ? "C"
                                       : one.state == "APPLIED" ? "A"
                                       : one.state == "BROKEN"  ? "B"
                                                                : "?";
            const bool locked = asked("efix_locked") == one.name;
            std::printf("%s:%s:%s: : :%s:F:%s: : : : : : :0:%d:/:2347\n", one.package.c_str(), one.name.c_str(),
                        one.level.c_str(), letter.c_str(), one.description.c_str(), locked);
        }
        return code;
    }
    if (colons) {
        if (!given.has('q')) std::printf("#Path:Fileset:Level:PTF Id:State:Type:Description:EFIX Locked:\n");
        for (const std::string part : {"/usr/lib/objrepos", "/etc/objrepos"})
            for (const Installed& one : chosen)
                // Some have a root part as well, with a state of its own.
                if (part == "/usr/lib/objrepos" || one.name.find(".base") != std::string::npos)
                    std::printf("%s:%s:%s::%s:F:%s:0:\n", part.c_str(), one.name.c_str(), one.level.c_str(),
                                one.state.c_str(), one.description.c_str());
        return code;
    }
    std::printf(
        "  Fileset                      Level  State      Description         \n  %s\nPath: /usr/lib/objrepos\n",
        line_of_signs);
    for (const Installed& one : chosen) {
        if (one.name.size() > 24)
            std::printf("  %s\n%27s%10s  %-9s  %s\n", one.name.c_str(), "", one.level.c_str(), one.state.c_str(),
                        one.description.c_str());
        else
            std::printf("  %-25s%10s  %-9s  %s\n", one.name.c_str(), one.level.c_str(), one.state.c_str(),
                        one.description.c_str());
    }
    return code;
}

int lppchk(const Arguments& arguments) {
    const Options given = options(arguments, "cflvm:un:O:");
    int code = 0;
    for (const Installed& one : all_installed()) {
        const bool chosen =
            given.operands.empty() ||
            std::any_of(given.operands.begin(), given.operands.end(), [&](const std::string& pattern) {
                return pattern == one.name || (pattern.find('*') != std::string::npos && fits(pattern, one.name));
            });
        if (!chosen) continue;
        for (const auto& file : inventory(one.name)) {
            if (!exists(file[0])) {
                std::fprintf(stderr, "lppchk:  0504-206  File %s could not be located.\n", file[0].c_str());
                code = 1;
            } else if (file[1] != "link") {
                const std::string content = read_file(file[0]);
                if (std::to_string(content.size()) != file[1])
                    std::fprintf(stderr, "lppchk:  0504-208  Size of %s is %zu, expected value was %s.\n",
                                 file[0].c_str(), content.size(), file[1].c_str());
                else if (sum_of(content) != file[2])
                    std::fprintf(stderr, "lppchk:  0504-209  Checksum value of %s is %s, expected value was %s.\n",
                                 file[0].c_str(), sum_of(content).c_str(), file[2].c_str());
                else
                    continue;
                code = 1;
            }
        }
    }
    return code;
}

} // namespace standin::aix
