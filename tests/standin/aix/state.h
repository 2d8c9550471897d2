#pragma once

#include <map>
#include <string>
#include <vector>

/// The stand-in AIX: one program under many names, one small machine whose state lies in plain files below a root. The
/// root is what stands before /usr/bin or /usr/sbin in the path of the program, so that the same program works in a
/// root of its own and below any folder.
namespace standin::aix {

using Arguments = std::vector<std::string>;

const std::string& root();
/// The place of a path of the machine in the real file system.
std::string at(const std::string& path);
/// What a test has asked for in /etc/standin/aix, lines "name=value"; empty where it has not.
std::string asked(const std::string& name);
/// Whether messages are to be in another language: no LC_ALL=C, and the machine is set to one.
bool translated();
/// The first text, or where messages are translated the second.
std::string said(const std::string& english, const std::string& other);

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& text);
void append_line(const std::string& path, const std::string& line);
bool exists(const std::string& path);
std::vector<std::string> files_in(const std::string& folder);
std::vector<std::string> lines_of(const std::string& text);
std::vector<std::string> split(const std::string& text, char separator);
std::vector<std::string> words_of(const std::string& text);

/// One program at a time, until the end of this process.
void lock_machine();
/// What was run on this machine, for tests: a line in /var/adm/standin.log.
void note(const std::string& line);
/// Runs "/bin/sh -c" and waits; its exit code.
int shell(const std::string& text);

/// The options of a command line as getopt has it: letters with ':' want a value.
struct Options {
    std::map<char, std::string> values;
    Arguments operands;
    bool good = true;
    bool has(char letter) const { return values.count(letter) != 0; }
    std::string value(char letter, const std::string& otherwise = "") const {
        return has(letter) ? values.at(letter) : otherwise;
    }
};
Options options(const Arguments& arguments, const std::string& letters);

// The programs. Each returns its exit code.
int lssrc(const Arguments&);
int startsrc(const Arguments&);
int stopsrc(const Arguments&);
int mkssys(const Arguments&);
int chssys(const Arguments&);
int rmssys(const Arguments&);
int odmget(const Arguments&);
int lsitab(const Arguments&);
int mkitab(const Arguments&);
int chitab(const Arguments&);
int rmitab(const Arguments&);
int telinit(const Arguments&);
int init(const Arguments&);
int installp(const Arguments&);
int lslpp(const Arguments&);
int lppchk(const Arguments&);
int inutoc(const Arguments&);
int slibclean(const Arguments&);
int ps(const Arguments&);
int fuser(const Arguments&);
int mount(const Arguments&);
int errlogger(const Arguments&);
int oslevel(const Arguments&);
int getconf(const Arguments&);

} // namespace standin::aix
