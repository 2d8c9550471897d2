#include "agent/reports/metrics.h"

#include "agent/version.h"

#include <array>
#include <cstdio>

namespace autodeploy {
namespace {

std::string label(const std::string& name, const std::string& value) {
    std::string quoted;
    for (const char c : value) {
        if (c == '\\' || c == '"') quoted += '\\';
        if (c == '\n')
            quoted += "\\n";
        else
            quoted += c;
    }
    return name + "=\"" + quoted + "\"";
}

class Text {
  public:
    void gauge(const std::string& name, const std::string& meaning) {
        name_ = "autodeploy_" + name;
        text_ += "# HELP " + name_ + " " + meaning + "\n# TYPE " + name_ + " gauge\n";
    }
    void value(const std::string& number, const std::string& labels = "") {
        text_ += name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + number + "\n";
    }
    void value(std::int64_t number, const std::string& labels = "") { value(std::to_string(number), labels); }
    std::string take() { return std::move(text_); }

  private:
    std::string name_;
    std::string text_;
};

constexpr std::array outcomes{
    Outcome::updated,   Outcome::nothing_to_do, Outcome::observed,      Outcome::refused,         Outcome::gave_up,
    Outcome::cancelled, Outcome::rolled_back,   Outcome::needs_restart, Outcome::needs_attention, Outcome::unconfirmed};

} // namespace

std::string metrics_text(const Status& status) {
    Text text;
    text.gauge("info", "Always 1; what runs here.");
    text.value(1, label("version", agent_version) + "," + label("mode", status.mode) + "," +
                      label("channel", status.channel) + "," + label("installed", status.installed));
    text.gauge("exit_code", "What `autodeploy status --exit-code` returns.");
    text.value(exit_code(status));
    text.gauge("deployment_active", "1 while a deployment goes on, by phase.");
    if (status.deployment)
        text.value(1, label("phase", autodeploy::text(status.deployment->phase)) + "," +
                          label("to", status.deployment->to));
    text.gauge("requests_pending", "Requests that are not taken up yet.");
    text.value(status.pending);
    text.gauge("last_outcome", "1 for the outcome of the deployment that ended last, else 0.");
    for (const Outcome outcome : outcomes)
        text.value(status.last && status.last->outcome == outcome ? 1 : 0, label("outcome", autodeploy::text(outcome)));
    if (status.last) {
        text.gauge("last_end_timestamp_seconds", "When the last deployment ended.");
        text.value(status.last->ended_at);
        text.gauge("last_down_seconds", "How long the scheduler was down for it.");
        std::array<char, 32> seconds{};
        std::snprintf(seconds.data(), seconds.size(), "%.3f", double(status.last->down_ms) / 1000);
        text.value(seconds.data());
        text.gauge("last_attempt", "Which attempt of its release it was; 0 if none was counted.");
        text.value(status.last->attempt);
    }
    if (status.probation) {
        text.gauge("probation_end_timestamp_seconds", "When the probation of the installed release ends.");
        text.value(status.probation->until, label("release", status.probation->to));
        text.gauge("probation_failed", "1 if the new client became sick in its probation.");
        text.value(status.probation->failed.empty() ? 0 : 1);
        text.gauge("first_backup_failed",
                   "1 if the first scheduled backup after the update failed, 0 if it ended well.");
        if (!status.probation->first_backup.empty()) text.value(status.probation->first_backup_failed ? 1 : 0);
    }
    if (status.metadata) {
        text.gauge("metadata_refresh_timestamp_seconds", "When the repository's metadata was last verified.");
        text.value(status.metadata->refreshed_at);
        text.gauge("metadata_expiry_timestamp_seconds", "When a part of the repository's metadata expires.");
        for (const MetadataPart& part : status.metadata->parts)
            text.value(part.expires_at, label("role", part.role));
    }
    text.gauge("problems", "Problems that a person should look at.");
    text.value(std::int64_t(status.problems.size()));
    return text.take();
}

} // namespace autodeploy
