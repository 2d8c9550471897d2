#include "agent/settings.h"

#include "agent/command_line.h"
#include "agent/requirements/requirement_table.h"
#include "agent/settings_table.h"
#include "installer/printable.h"
#include "platform/error.h"
#include "platform/standard_paths.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace autodeploy {

namespace {

constexpr std::uint64_t largest_file = 1 << 20;

std::string section_of(const std::string& key) {
    const std::size_t dot = key.find('.');
    return dot == std::string::npos ? "" : key.substr(0, dot);
}

/// Counts documents and builds nothing. The library makes empty documents without end of some texts (a comma where
/// none may stand), so whoever has them all built runs out of memory.
class DocumentCount final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark& mark) override { starts.push_back(mark); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

    std::vector<YAML::Mark> starts;
};

class Reader {
  public:
    Reader(std::string_view yaml, std::string file, Settings defaults)
        : file_(std::move(file)), settings_(std::move(defaults)) {
        for (const SettingRow& row : setting_rows()) {
            rows_[row.key] = &row;
            if (const std::string section = section_of(row.key); !section.empty()) sections_.insert(section);
        }
        sections_.insert(std::string(requirements_section));
        try {
            std::istringstream text{std::string(yaml)};
            YAML::Parser parser(text);
            DocumentCount documents;
            while (documents.starts.size() < 3 && parser.HandleNextDocument(documents)) {
            }
            const std::vector<YAML::Mark>& starts = documents.starts;
            for (std::size_t i = 1; i < starts.size(); ++i)
                if (starts[i].pos == starts[i - 1].pos)
                    fail(starts[i].line, "it is no YAML: a character that cannot stand here");
            if (starts.size() > 1) fail(starts[1].line, "a second document begins");
            document_ = YAML::Load(std::string(yaml));
        } catch (const YAML::Exception& error) {
            fail(error.mark.line, "it is no YAML: " + error.msg);
        }
    }

    Settings read() {
        if (document_.IsNull()) return settings_;
        read_block(document_, "");
        check_together();
        return settings_;
    }

  private:
    [[noreturn]] void fail(int line, const std::string& what) const {
        throw Error("settings_invalid",
                    "cannot use the settings " + file_ + ":" + std::to_string(std::max(line, 0) + 1) + ": " + what);
    }

    void read_block(const YAML::Node& block, const std::string& section) {
        if (!block.IsMap())
            fail(block.Mark().line, (section.empty() ? "the file" : section) + " must be keys with values");
        for (const auto& entry : block) {
            const YAML::Node& key_node = entry.first;
            const int line = key_node.Mark().line;
            if (!key_node.IsScalar()) fail(line, "a key must be a word");
            const std::string key = (section.empty() ? "" : section + ".") + key_node.Scalar();
            if (const auto [seen, is_new] = lines_.emplace(key, line); !is_new)
                fail(line, key + " stands here again, after line " + std::to_string(seen->second + 1));
            if (section.empty() && sections_.contains(key))
                read_section(entry.second, key, line);
            else if (section == requirements_section)
                read_requirement(entry.second, key_node.Scalar(), line);
            else
                read_setting(entry.second, key, line);
        }
    }

    void read_section(const YAML::Node& block, const std::string& section, int line) {
        if (block.IsNull()) return;
        if (!block.IsMap()) fail(line, section + " must be a block of keys, not " + kind(block));
        read_block(block, section);
    }

    void read_requirement(const YAML::Node& value, const std::string& id, int line) {
        if (find_requirement(id) == nullptr) {
            std::vector<std::string> ids;
            for (const RequirementRow* row : requirement_table())
                ids.emplace_back(row->id);
            const std::string nearest = nearest_word(id, ids);
            fail(line, "there is no requirement " + id +
                           (nearest.empty() ? "; `autodeploy check` names all" : "; did you mean " + nearest + "?"));
        }
        try {
            settings_.requirements[id] = parse_severity(value.IsScalar() ? value.Scalar() : "");
        } catch (const BadValue& bad) {
            fail(line, "requirements." + id + " must be " + bad.expected + ", not " + shown(value));
        }
    }

    void read_setting(const YAML::Node& value, const std::string& key, int line) {
        const auto found = rows_.find(key);
        if (found == rows_.end()) fail(line, "there is no setting " + key + suggestion(key));
        const SettingRow& row = *found->second;
        std::vector<std::string> texts;
        if (row.list && value.IsSequence()) {
            for (const YAML::Node& item : value) {
                if (!item.IsScalar()) fail(item.Mark().line, key + " must be a list of texts, not of " + kind(item));
                texts.push_back(item.Scalar());
            }
        } else if (row.list) {
            fail(line, key + " must be a list, like [one, two], not " + shown(value));
        } else if (value.IsScalar()) {
            texts.push_back(value.Scalar());
        } else {
            fail(line, key + " must be " + row.type + ", not " + shown(value));
        }
        if (row.list)
            for (const YAML::Node& item : value) {
                Settings alone;
                set(row, alone, {item.Scalar()}, item, "each of " + key);
            }
        set(row, settings_, texts, value, key);
    }

    void set(const SettingRow& row, Settings& settings, const std::vector<std::string>& texts, const YAML::Node& node,
             const std::string& what) const {
        try {
            row.set(settings, texts);
        } catch (const BadValue& bad) {
            fail(node.Mark().line, what + " must be " + bad.expected + ", not " + shown(node));
        } catch (const Error& error) {
            fail(node.Mark().line, row.key + ": " + error.what());
        }
    }

    /// What no single value tells.
    void check_together() const {
        const auto line = [this](const char* key) {
            const auto found = lines_.find(key);
            return found == lines_.end() ? 0 : found->second;
        };
        const RepositorySettings& repository = settings_.repository;
        const bool retrieves =
            std::find(repository.mirrors.begin(), repository.mirrors.end(), "retrieve") != repository.mirrors.end();
        if (retrieves && repository.retrieve_command.empty())
            fail(line("repository.mirrors"), "the mirror retrieve needs repository.retrieve_command");
        if (repository.client_certificate.empty() != repository.client_key.empty())
            fail(std::max(line("repository.client_certificate"), line("repository.client_key")),
                 "repository.client_certificate and repository.client_key belong together");
        if (settings_.retry.longest_pause < settings_.retry.pause)
            fail(std::max(line("retry.longest_pause"), line("retry.pause")),
                 "retry.longest_pause must not be shorter than retry.pause");
        if (settings_.apply.scriptlet_limit < settings_.apply.tool_overrun)
            fail(std::max(line("apply.scriptlet_limit"), line("apply.tool_overrun")),
                 "apply.scriptlet_limit must not be shorter than apply.tool_overrun");
    }

    static std::string kind(const YAML::Node& node) {
        return node.IsMap() ? "a block" : node.IsSequence() ? "a list" : node.IsNull() ? "nothing" : "a text";
    }
    static std::string shown(const YAML::Node& node) {
        if (!node.IsScalar()) return kind(node);
        constexpr std::size_t most_shown = 80;
        return "\"" + printable(node.Scalar(), most_shown) + "\"";
    }

    std::string suggestion(const std::string& key) const {
        std::vector<std::string> keys(sections_.begin(), sections_.end());
        for (const auto& [known, unused] : rows_)
            keys.push_back(known);
        std::string nearest = nearest_word(key, keys);
        // A key of a section, written without it.
        for (const auto& [known, unused] : rows_)
            if (known.ends_with("." + key)) nearest = known;
        return nearest.empty() ? "; `autodeploy settings --explain` lists all" : "; did you mean " + nearest + "?";
    }

    std::string file_;
    std::map<std::string, const SettingRow*> rows_;
    std::set<std::string> sections_;
    YAML::Node document_;
    std::map<std::string, int> lines_;
    Settings settings_;
};

std::string written(const SettingRow& row, const Settings& settings) {
    const std::vector<std::string> texts = row.get(settings);
    if (!row.list) return yaml_scalar(texts.front());
    std::string text;
    for (const std::string& item : texts)
        text += (text.empty() ? "" : ", ") + yaml_scalar(item);
    return "[" + text + "]";
}

} // namespace

Settings default_settings(const StandardPaths& paths) {
    Settings settings;
    settings.hold_files = {paths.hold_file()};
    return settings;
}

Settings parse_settings(std::string_view yaml, const std::string& file, const Settings& defaults) {
    try {
        return Reader(yaml, file, defaults).read();
    } catch (const YAML::Exception& error) {
        throw Error("settings_invalid",
                    "cannot use the settings " + file + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
    }
}

Settings load_settings(FileSystem& files, const std::string& path, const Settings& defaults) {
    const auto status = files.status(path);
    if (!status)
        throw Error("settings_missing", "cannot find the settings " + path +
                                            ": write them (an empty file with repository.mirrors is enough), or name "
                                            "another file with --settings");
    if (status->type != FileType::regular)
        throw Error("settings_insecure", "cannot use the settings " + path + ": it is no regular file");
    if (const auto hand = files.changeable_by_others(path))
        throw Error("settings_insecure", "cannot use the settings " + path + ": " + *hand +
                                             ", and who changes them decides what is installed here; chown root and "
                                             "chmod go-w it");
    return parse_settings(files.read(path, largest_file), path, defaults);
}

std::vector<SettingDescription> describe_settings(const Settings& defaults) {
    std::vector<SettingDescription> descriptions;
    for (const SettingRow& row : setting_rows())
        descriptions.push_back({row.key, row.type, written(row, defaults), row.range, row.meaning});
    return descriptions;
}

std::string settings_yaml(const Settings& settings) {
    std::string text;
    std::string section;
    for (const SettingRow& row : setting_rows()) {
        const std::string of = section_of(row.key);
        if (of != section && !of.empty()) text += "\n" + of + ":\n";
        if (of != section && of.empty()) text += "\n";
        section = of;
        const std::string indent = of.empty() ? "" : "  ";
        const std::string key = of.empty() ? row.key : row.key.substr(of.size() + 1);
        text += indent + "# " + row.meaning + " (" + row.type + (row.range.empty() ? "" : ", " + row.range) + ")\n";
        text += indent + key + ": " + written(row, settings) + "\n";
    }
    text += "\n# how much single requirements weigh here: blocker, warning or note\n";
    text += std::string(requirements_section) + ":" + (settings.requirements.empty() ? " {}" : "") + "\n";
    for (const auto& [id, severity] : settings.requirements)
        text += "  " + yaml_scalar(id) + ": " + autodeploy::text(severity) + "\n";
    return text;
}

} // namespace autodeploy
