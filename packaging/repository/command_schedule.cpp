#include "packaging/repository/command.h"
#include "packaging/repository/server_macros.h"

#include "installer/client/text_encoding.h"
#include "installer/repository/metadata.h"
#include "platform/clock.h"
#include "platform/error.h"

namespace autodeploy::publisher {

namespace {

constexpr std::uint64_t largest_list = 16 << 20;

/// A macro's comment cannot span lines.
std::string comment(const std::string& text) {
    return "/* " + text + " */\n";
}

std::string lines(const std::vector<std::string>& commands) {
    std::string text;
    for (const std::string& command : commands)
        text += command + "\n";
    return text;
}

Json array(const std::vector<std::string>& commands) {
    return Json(Json::Array(commands.begin(), commands.end()));
}

UnixTime start_of(const std::string& text) {
    try {
        const bool seconds = text.size() == 19;
        if (text.size() != 16 && !seconds) throw Error("usage", "");
        return read_date(text + (seconds ? "Z" : ":00Z"));
    } catch (const Error&) {
        throw Error("usage", "--start is a time of the server's own clock (a wave begins at the same time of day "
                             "everywhere), without a zone, as 2026-11-28T20:00, not '" +
                                 text + "'");
    }
}

std::string title(const ServerWave& wave, const ServerMacros& macros) {
    return schedule_name(wave, 'P') + ", " + wave.change + ": " + std::to_string(macros.nodes) +
           (macros.nodes == 1 ? " node" : " nodes") + " of domain " + macros.domain;
}

/// Empty, or why there is no line of this in an audit that there is: who may only read there gets his commands, too.
std::string without_audit(Context& context, const ServerWave& wave) {
    try {
        if (!context.draft.exists()) return "";
        Json detail;
        detail["what"] = "the server's commands for wave " + wave.name + ", part " + std::to_string(wave.part);
        detail["change"] = wave.change;
        context.draft.audit(context.who, "schedule", detail);
        return "";
    } catch (const Error& error) {
        if (error.cause() != "access_denied" && error.cause() != "read_only") throw;
        return "not in the repository's audit: " + context.who + " may not write there";
    }
}

/// To be run as it is: what would undo it stands in comments.
void print_for_people(Context& context, const ServerWave& wave, const std::vector<ServerMacros>& all) {
    for (const ServerMacros& macros : all) {
        context.out << comment(title(wave, macros)) << lines(macros.define);
        for (const std::string& command : macros.look)
            context.out << comment("to look: " + command);
        for (const std::string& command : macros.stop)
            context.out << comment("to stop: " + command);
    }
}

/// Three macros for each domain.
void write_macros(Context& context, const ServerWave& wave, const std::vector<ServerMacros>& all) {
    const std::string directory = context.line.value("output");
    FileSystem& files = context.platform.files;
    if (!files.status(directory)) files.make_directory(directory);
    for (const ServerMacros& macros : all) {
        const std::string begin = directory + "/" + schedule_name(wave, 'P') + "-" + macros.domain + "-";
        const auto write = [&](const std::string& what, const std::vector<std::string>& commands) {
            files.write_durably(begin + what + ".mac", comment(what + ": " + title(wave, macros)) + lines(commands),
                                0644);
        };
        write("define", macros.define);
        write("look", macros.look);
        write("stop", macros.stop);
        context.say("MACRO " + begin + "define.mac");
    }
}

} // namespace

void schedule(Context& context) {
    const Invocation& line = context.line;
    for (const char* option : {"nodes", "wave", "change"})
        if (!line.has(option)) throw Error("usage", std::string("schedule needs --") + option + "; see its --help");
    ServerWave wave;
    wave.name = line.value("wave");
    wave.change = line.value("change");
    wave.program = line.value("program", wave.program);
    wave.part = int(number(line.value("part", "1"), 1, 99, "--part"));
    wave.hours = int(number(line.value("hours", "4"), 1, 24, "--hours"));
    check_wave(wave);
    const UnixTime now = context.platform.clock.now();
    wave.start = line.has("start") ? start_of(line.value("start")) : start_of_wave(wave.name, now);
    // No server's clock is further behind UTC.
    if (wave.start < now - 12 * 3600)
        throw Error("usage", "--start " + line.value("start") +
                                 " is over: a schedule that runs once does not begin in the past");
    const std::string list = decode_text(context.platform.files.read(line.value("nodes"), largest_list)).text;
    const std::vector<ServerMacros> all = server_macros(wave, read_nodes(list, line.value("domain")));
    std::vector<std::string> notes;
    if (wave.start <= now)
        notes.push_back("--start " + line.value("start") +
                        " is over where the server's clock is not behind UTC, by which it is " +
                        utc_text(now).substr(0, 16) + " now: what runs once would then not begin");
    if (const std::string note = without_audit(context, wave); !note.empty()) notes.push_back(note);
    if (line.has("output")) write_macros(context, wave, all);
    if (context.json) {
        Json::Array rows;
        for (const ServerMacros& macros : all)
            rows.emplace_back(Json::Object{{"domain", macros.domain},
                                           {"nodes", static_cast<std::int64_t>(macros.nodes)},
                                           {"define", array(macros.define)},
                                           {"look", array(macros.look)},
                                           {"stop", array(macros.stop)}});
        context.print(Json::Object{
            {"format", 1}, {"wave", wave.name}, {"change", wave.change}, {"macros", rows}, {"notes", array(notes)}});
        return;
    }
    if (!line.has("output")) print_for_people(context, wave, all);
    for (const std::string& note : notes)
        if (line.has("output"))
            context.say("note: " + note);
        else
            context.out << comment("note: " + note);
}

} // namespace autodeploy::publisher
