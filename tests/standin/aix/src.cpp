// The system resource controller. Sources and how sure each behaviour is: README.md.
#include "state.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace standin::aix {
namespace {

const char* const definitions = "/etc/objrepos/SRCsubsys";
const char* const header = "#subsysname:synonym:cmdargs:path:uid:auditid:standin:standout:standerr:action:multi:"
                           "contact:svrkey:svrmtype:priority:signorm:sigforce:display:waittime:grpname:";
enum Field {
    name,
    synonym,
    cmdargs,
    path,
    uid,
    auditid,
    in,
    out,
    err,
    action,
    multi,
    contact,
    svrkey,
    svrmtype,
    priority,
    signorm,
    sigforce,
    display,
    waittime,
    grpname,
    fields
};
using Subsystem = std::vector<std::string>;

std::vector<Subsystem> subsystems() {
    std::vector<Subsystem> found;
    for (const std::string& line : lines_of(read_file(definitions))) {
        Subsystem one = split(line, ':');
        one.resize(fields);
        found.push_back(one);
    }
    return found;
}

std::string line_of(const Subsystem& one) {
    std::string line;
    for (const std::string& field : one)
        line += field + ":";
    return line;
}

void save(const std::vector<Subsystem>& all) {
    std::string text;
    for (const Subsystem& one : all)
        text += line_of(one) + "\n";
    write_file(definitions, text);
}

/// "KEEPER PID STATUS", one file for each instance.
struct Instance {
    std::string file, subsystem, status;
    pid_t keeper = 0, process = 0;
};

std::string instance_folder() {
    return "/var/run/standin-src";
}

void save(const Instance& instance) {
    write_file(instance_folder() + "/" + instance.file, instance.subsystem + " " + std::to_string(instance.keeper) +
                                                            " " + std::to_string(instance.process) + " " +
                                                            instance.status + "\n");
}

std::vector<Instance> instances(const std::string& subsystem) {
    std::vector<Instance> found;
    for (const std::string& file : files_in(instance_folder())) {
        if (file.size() > 4 && file.compare(file.size() - 4, 4, ".new") == 0) continue;
        const std::vector<std::string> words = words_of(read_file(instance_folder() + "/" + file));
        if (words.size() != 4 || words[0] != subsystem) continue;
        const Instance one{file, words[0], words[3], std::atoi(words[1].c_str()), std::atoi(words[2].c_str())};
        if (::kill(one.keeper, 0) == 0)
            found.push_back(one);
        else
            std::filesystem::remove(at(instance_folder() + "/" + file));
    }
    return found;
}

const Subsystem* find(const std::vector<Subsystem>& all, const std::string& wanted) {
    for (const Subsystem& one : all)
        if (one[name] == wanted || (!one[synonym].empty() && one[synonym] == wanted)) return &one;
    return nullptr;
}

const Subsystem* owner_of(const std::vector<Subsystem>& all, const std::string& process) {
    for (const Subsystem& one : all)
        for (const Instance& instance : instances(one[name]))
            if (std::to_string(instance.process) == process) return &one;
    return nullptr;
}

int not_on_file(const std::string& wanted) {
    std::fprintf(stderr, "%s\n",
                 said("0513-085 The " + wanted + " Subsystem is not on file.",
                      "0513-085 Das Subsystem " + wanted + " ist nicht definiert.")
                     .c_str());
    return 1;
}

void run_program(const Subsystem& one, const std::string& arguments, const std::string& environment) {
    std::vector<std::string> words = words_of(one[cmdargs] + " " + arguments);
    words.insert(words.begin(), one[path]);
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    for (const std::string& variable : words_of(environment))
        ::putenv(::strdup(variable.c_str()));
    if (::chdir("/") != 0) ::_exit(126);
    ::execv(pointers[0], pointers.data());
    ::_exit(126);
}

/// The part of srcmstr that has started one instance: its parent for as long as it is to run. The clean start is not
/// from whoever ran startsrc: srcmstr has an environment of its own.
[[noreturn]] void keep(const Subsystem& one, const std::string& arguments, const std::string& environment) {
    ::setsid();
    for (int number = 0; number < 256; ++number)
        ::close(number);
    for (int number = 0; number < 3; ++number)
        if (::open("/dev/null", O_RDWR) != number) ::_exit(126);
    ::prctl(PR_SET_NAME, "srcmstr");
    ::clearenv();
    ::setenv("PATH", "/usr/bin:/etc:/usr/sbin:/usr/ucb:/usr/bin/X11:/sbin", 1);
    ::setenv("LANG", "en_US", 1);
    Instance instance{one[name] + "." + std::to_string(::getpid()), one[name], "active", ::getpid(), 0};
    for (;;) {
        instance.process = ::fork();
        if (instance.process == 0) {
            ::setsid();
            run_program(one, arguments, environment);
        }
        save(instance);
        int status = 0;
        while (::waitpid(instance.process, &status, 0) < 0 && errno == EINTR) {
        }
        const std::vector<std::string> now = words_of(read_file(instance_folder() + "/" + instance.file));
        // A stop that was asked for is no death; -R starts again whatever died otherwise.
        if (one[action] != "-R" || (now.size() == 4 && now[3] != "active")) break;
        ::usleep(100000);
    }
    std::filesystem::remove(at(instance_folder() + "/" + instance.file));
    ::_exit(0);
}

void print(const Subsystem& one) {
    const std::vector<Instance> running = instances(one[name]);
    const std::string inactive = said("inoperative", "nicht betriebsbereit");
    if (running.empty())
        std::printf(" %-16s %-16s              %s\n", one[name].c_str(), one[grpname].c_str(), inactive.c_str());
    for (const Instance& instance : running) {
        const std::string status =
            instance.status == "active" ? said("active", "aktiv") : said("stopping", "wird gestoppt");
        std::printf(" %-16s %-16s %-12d %s\n", one[name].c_str(), one[grpname].c_str(), int(instance.process),
                    status.c_str());
    }
}

/// The flags of mkssys and chssys.
bool set_fields(Subsystem& one, const Arguments& arguments) {
    const Options given = options(arguments, "s:p:u:a:t:i:o:e:G:n:f:w:E:ORqQSKId:D");
    if (!given.good) return false;
    const std::map<char, Field> values{{'s', name},     {'p', path},     {'u', uid},     {'a', cmdargs}, {'t', synonym},
                                       {'i', in},       {'o', out},      {'e', err},     {'G', grpname}, {'n', signorm},
                                       {'f', sigforce}, {'w', waittime}, {'E', priority}};
    for (const auto& [letter, value] : given.values)
        if (const auto field = values.find(letter); field != values.end()) one[field->second] = value;
    for (const char letter : {'O', 'R'})
        if (given.has(letter)) one[action] = std::string("-") + letter;
    for (const char letter : {'q', 'Q'})
        if (given.has(letter)) one[multi] = std::string("-") + letter;
    for (const char letter : {'S', 'K', 'I'})
        if (given.has(letter)) one[contact] = std::string("-") + letter;
    return true;
}

} // namespace

int lssrc(const Arguments& arguments) {
    const Options given = options(arguments, "as:g:Scl");
    if (!given.good) return 1;
    const std::vector<Subsystem> all = subsystems();
    const std::string wanted = given.value('s');
    if (!wanted.empty() && find(all, wanted) == nullptr) return not_on_file(wanted);
    if (given.has('S')) {
        std::printf("%s\n", header);
        for (const Subsystem& one : all)
            if (wanted.empty() || one[name] == wanted || one[synonym] == wanted)
                std::printf("%s\n", line_of(one).c_str());
        return 0;
    }
    std::printf("%s\n", said("Subsystem         Group            PID          Status ",
                             "Subsystem         Gruppe           PID          Status ")
                            .c_str());
    // With -a those that run come first.
    for (const bool active : {true, false})
        for (const Subsystem& one : all)
            if ((wanted.empty() || one[name] == wanted || one[synonym] == wanted) &&
                (given.value('g').empty() || one[grpname] == given.value('g')) &&
                instances(one[name]).empty() != active)
                print(one);
    return 0;
}

int startsrc(const Arguments& arguments) {
    const Options given = options(arguments, "s:g:a:e:h:");
    if (!given.good || !given.has('s')) return 1;
    lock_machine();
    const std::vector<Subsystem> all = subsystems();
    const Subsystem* one = find(all, given.value('s'));
    if (one == nullptr) return not_on_file(given.value('s'));
    if ((*one)[multi] != "-q" && !instances((*one)[name]).empty()) {
        std::fprintf(stderr, "0513-029 The %s Subsystem is already active.\nMultiple instances are not supported.\n",
                     (*one)[name].c_str());
        return 1;
    }
    const std::size_t before = instances((*one)[name]).size();
    if (::fork() == 0) {
        const pid_t keeper = ::fork();
        if (keeper == 0) keep(*one, given.value('a'), given.value('e'));
        ::_exit(0);
    }
    ::wait(nullptr);
    for (int tries = 0; tries < 500; ++tries) {
        const std::vector<Instance> now = instances((*one)[name]);
        if (now.size() > before) {
            // What the new process does, and whether it lives on, is not looked at.
            std::printf("%s\n", said("0513-059 The " + (*one)[name] + " Subsystem has been started. Subsystem PID is " +
                                         std::to_string(now.back().process) + ".",
                                     "0513-059 Das Subsystem " + (*one)[name] + " wurde gestartet.")
                                    .c_str());
            return 0;
        }
        ::usleep(2000);
    }
    std::printf("0513-059 The %s Subsystem has been started. Subsystem PID is 0.\n", (*one)[name].c_str());
    return 0;
}

int stopsrc(const Arguments& arguments) {
    const Options given = options(arguments, "s:g:p:acfh:");
    if (!given.good) return 1;
    lock_machine();
    const std::vector<Subsystem> all = subsystems();
    const Subsystem* one = given.has('p') ? owner_of(all, given.value('p')) : find(all, given.value('s'));
    if (one == nullptr) return not_on_file(given.value('s'));
    std::vector<Instance> running = instances((*one)[name]);
    if (given.has('p'))
        running.erase(
            std::remove_if(running.begin(), running.end(),
                           [&](const Instance& other) { return std::to_string(other.process) != given.value('p'); }),
            running.end());
    if (running.empty()) {
        std::fprintf(stderr, "0513-004 The Subsystem or Group, %s, is currently inoperative.\n", (*one)[name].c_str());
        return 1;
    }
    const auto number = [](const std::string& text, int otherwise) {
        return text.empty() || text == "0" ? otherwise : std::atoi(text.c_str());
    };
    for (Instance& instance : running) {
        instance.status = "stopping";
        save(instance);
        int signal = given.has('f') ? number((*one)[sigforce], SIGKILL) : number((*one)[signorm], SIGTERM);
        if (given.has('c')) signal = SIGTERM;
        ::kill(instance.process, signal);
        if (given.has('c') && ::fork() == 0) {
            ::setsid();
            for (int stream = 0; stream < 256; ++stream)
                ::close(stream);
            ::sleep(unsigned(number((*one)[waittime], 20)));
            if (::kill(instance.keeper, 0) == 0) ::kill(instance.process, SIGKILL);
            ::_exit(0);
        }
    }
    // Asked, not awaited.
    std::printf("%s\n", said("0513-044 The " + (*one)[name] + " Subsystem was requested to stop.",
                             "0513-044 Das Subsystem " + (*one)[name] + " wird gestoppt.")
                            .c_str());
    return 0;
}

int mkssys(const Arguments& arguments) {
    lock_machine();
    std::vector<Subsystem> all = subsystems();
    Subsystem one{
        "",   "",  "",  "",   "",   "0", "/dev/console", "/dev/console", "/dev/console", "-O", "-Q", "-K", "0", "0",
        "20", "0", "0", "-d", "20", ""};
    if (!set_fields(one, arguments) || one[name].empty() || one[path].empty() || one[uid].empty()) {
        std::fprintf(stderr, "Usage: mkssys -s subsysname -p path -u uid …\n");
        return 1;
    }
    if (find(all, one[name]) != nullptr) {
        std::fprintf(stderr, "0513-081 The %s Subsystem already exists.\n", one[name].c_str());
        return 1;
    }
    all.push_back(one);
    save(all);
    std::printf("0513-071 The %s Subsystem has been added.\n", one[name].c_str());
    return 0;
}

int chssys(const Arguments& arguments) {
    lock_machine();
    std::vector<Subsystem> all = subsystems();
    const Options given = options(arguments, "s:p:u:a:t:i:o:e:G:n:f:w:E:ORqQSKId:D");
    for (Subsystem& one : all)
        if (one[name] == given.value('s')) {
            if (!set_fields(one, arguments)) return 1;
            save(all);
            std::printf("0513-077 Subsystem has been changed.\n");
            return 0;
        }
    return not_on_file(given.value('s'));
}

int rmssys(const Arguments& arguments) {
    lock_machine();
    std::vector<Subsystem> all = subsystems();
    const std::string wanted = options(arguments, "s:").value('s');
    if (find(all, wanted) == nullptr) return not_on_file(wanted);
    all.erase(std::remove_if(all.begin(), all.end(), [&](const Subsystem& one) { return one[name] == wanted; }),
              all.end());
    save(all);
    std::printf("0513-083 Subsystem has been Deleted.\n");
    return 0;
}

int odmget(const Arguments& arguments) {
    const Options given = options(arguments, "q:");
    if (!given.good || given.operands != Arguments{"SRCsubsys"}) return 1;
    for (const Subsystem& one : subsystems()) {
        if (given.has('q') && given.value('q') != "subsysname=" + one[name] &&
            given.value('q') != "subsysname='" + one[name] + "'")
            continue;
        std::printf("\nSRCsubsys:\n\tsubsysname = \"%s\"\n\tsynonym = \"%s\"\n\tcmdargs = \"%s\"\n\tpath = \"%s\"\n",
                    one[name].c_str(), one[synonym].c_str(), one[cmdargs].c_str(), one[path].c_str());
    }
    return 0;
}

} // namespace standin::aix
