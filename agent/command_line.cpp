#include "agent/command_line.h"

#include "agent/version.h"
#include "platform/error.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

namespace autodeploy {
namespace {

std::vector<OptionDescription> all_options(const CommandDescription& command) {
    std::vector<OptionDescription> options = command.options;
    options.push_back({"json", "", "the answer as JSON, for machines"});
    if (command.takes_settings)
        options.push_back({"settings", "FILE", "another file than /etc/autodeploy/autodeploy.yaml"});
    options.push_back({"quiet", "", "nothing but errors and what was asked for"});
    options.push_back({"help", "", "this text"});
    return options;
}

[[noreturn]] void usage(const std::string& what, const std::string& nearest, const std::string& help) {
    throw Error("usage", "cannot use the command line: " + what +
                             (nearest.empty() ? "" : "; did you mean " + nearest + "?") + "; see `" + help + "`");
}

const CommandDescription& find_command(const std::vector<CommandDescription>& table, const std::string& name) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const CommandDescription& command) { return command.name == name; });
    if (found != table.end()) return *found;
    std::vector<std::string> names;
    for (const CommandDescription& command : table)
        names.push_back(command.name);
    usage("there is no command \"" + name + "\"", nearest_word(name, names), "autodeploy --help");
}

/// Takes one option with what belongs to it; at is left on the last argument taken.
void take_option(Invocation& invocation, const std::vector<std::string>& arguments, std::size_t& at) {
    const CommandDescription& command = *invocation.command;
    const std::string help = "autodeploy " + command.name + " --help";
    const std::string& argument = arguments[at];
    const std::size_t sign = argument.find('=');
    const std::string name = argument.substr(0, sign);
    const std::vector<OptionDescription> known = all_options(command);
    const auto option =
        std::find_if(known.begin(), known.end(), [&](const OptionDescription& row) { return "--" + row.name == name; });
    if (option == known.end()) {
        std::vector<std::string> names;
        for (const OptionDescription& row : known)
            names.push_back("--" + row.name);
        usage("`" + command.name + "` has no option " + name, nearest_word(name, names), help);
    }
    if (invocation.has(option->name)) usage("the option " + name + " stands twice", "", help);
    std::string value;
    if (option->argument.empty()) {
        if (sign != std::string::npos) usage("the option " + name + " takes no value", "", help);
    } else if (sign != std::string::npos) {
        value = argument.substr(sign + 1);
    } else if (at + 1 < arguments.size() && !arguments[at + 1].starts_with("--")) {
        value = arguments[++at];
    }
    if (!option->argument.empty() && value.empty())
        usage("the option " + name + " needs a value: " + name + " " + option->argument, "", help);
    invocation.options[option->name] = value;
}

std::string choices_text(const CommandDescription& command) {
    std::string text;
    for (const std::string& choice : command.choices)
        text += (text.empty() ? ", one of " : ", ") + choice;
    return text;
}

void check_operands(const Invocation& invocation) {
    const CommandDescription& command = *invocation.command;
    const std::string help = "autodeploy " + command.name + " --help";
    if (invocation.operands.size() > command.most)
        usage("`" + command.name + "` takes " +
                  (command.most == 0 ? std::string("no arguments") : "no more than " + command.operands) + ", and \"" +
                  invocation.operands[command.most] + "\" was given",
              "", help);
    if (invocation.operands.size() < command.least)
        usage("`" + command.name + "` needs " + command.operands + choices_text(command), "", help);
    if (command.choices.empty() || invocation.operands.empty()) return;
    const std::string& word = invocation.operands.front();
    if (std::find(command.choices.begin(), command.choices.end(), word) != command.choices.end()) return;
    const std::string nearest = nearest_word(word, command.choices);
    usage("`" + command.name + "` knows no \"" + word + "\"" + (nearest.empty() ? choices_text(command) : ""), nearest,
          help);
}

std::string column(const std::string& text, int width) {
    char padded[128];
    std::snprintf(padded, sizeof padded, "  %-*s ", width, text.c_str());
    return padded;
}

} // namespace

std::string Invocation::value(const std::string& option) const {
    const auto found = options.find(option);
    return found == options.end() ? std::string() : found->second;
}

Invocation parse_command_line(const std::vector<CommandDescription>& table, const std::vector<std::string>& arguments) {
    Invocation invocation;
    if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "help") {
        invocation.help = true;
        if (arguments.size() > 1) invocation.command = &find_command(table, arguments[1]);
        return invocation;
    }
    const std::string first = arguments[0] == "--version" ? "version" : arguments[0];
    if (first.starts_with("-")) usage("a command comes first, and then " + first, "", "autodeploy --help");
    invocation.command = &find_command(table, first);
    bool operands_only = false;
    for (std::size_t at = 1; at < arguments.size(); ++at) {
        if (operands_only || !arguments[at].starts_with("-") || arguments[at] == "-")
            invocation.operands.push_back(arguments[at]);
        else if (arguments[at] == "--")
            operands_only = true;
        else
            take_option(invocation, arguments, at);
    }
    invocation.json = invocation.has("json");
    invocation.quiet = invocation.has("quiet");
    invocation.help = invocation.has("help");
    invocation.settings = invocation.value("settings");
    if (!invocation.help) check_operands(invocation);
    return invocation;
}

std::string help_text(const std::vector<CommandDescription>& table) {
    std::string text = "autodeploy " + std::string(agent_version) +
                       ": updates the backup-archive client unattended, or puts everything back\n\n"
                       "autodeploy COMMAND [OPTIONS]\n\n";
    for (const CommandDescription& command : table)
        text += column(command.name, 10) + command.purpose + "\n";
    return text + "\nEvery command has --help with an example, and --json. None asks questions.\n";
}

std::string help_text(const CommandDescription& command) {
    std::string text = "autodeploy " + command.name + (command.operands.empty() ? "" : " " + command.operands) +
                       (command.options.empty() ? "" : " [OPTIONS]") + "\n\n" + command.purpose + "\n\n";
    for (const OptionDescription& option : all_options(command))
        text += column("--" + option.name + (option.argument.empty() ? "" : " " + option.argument), 18) +
                option.purpose + "\n";
    if (!command.details.empty()) text += "\n" + command.details + "\n";
    return text + "\nExample: " + command.example + "\n";
}

std::string man_literal(std::string_view text) {
    std::string result;
    for (const char character : text) {
        if (character == '\\')
            result += "\\e";
        else if (character == '-')
            result += "\\-";
        else if ((character == '.' || character == '\'') && (result.empty() || result.back() == '\n'))
            result += std::string("\\&") + character;
        else
            result += character;
    }
    return result;
}

std::string man_text(const std::vector<CommandDescription>& table) {
    std::string text;
    for (const CommandDescription& command : table) {
        text += ".SS " + man_literal(command.name + (command.operands.empty() ? "" : " " + command.operands)) + "\n" +
                man_literal(command.purpose) + ".\n";
        if (!command.details.empty()) text += ".br\n" + man_literal(command.details) + "\n";
        for (const OptionDescription& option : command.options)
            text += ".TP\n.B " +
                    man_literal("--" + option.name + (option.argument.empty() ? "" : " " + option.argument)) + "\n" +
                    man_literal(option.purpose) + "\n";
        text += ".PP\nExample:\n.B " + man_literal(command.example) + "\n";
    }
    return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < least) {
            least = distance;
            best = candidate;
        }
    }
    if (best.empty() && word.size() > 2)
        for (const std::string& candidate : candidates)
            if (candidate.starts_with(word)) return candidate;
    return best;
}

} // namespace autodeploy
