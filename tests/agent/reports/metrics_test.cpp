#include "agent/reports/metrics.h"

#include <doctest/doctest.h>

#include <set>
#include <sstream>

using namespace autodeploy;

namespace {

Status full_status() {
    Status status;
    status.mode = "armed";
    status.channel = "sta\"ble";
    status.installed = "8.1.27.0";
    status.last = Report{};
    status.last->outcome = Outcome::rolled_back;
    status.last->ended_at = 1795896000;
    status.last->down_ms = 12400;
    status.deployment = ActiveDeployment{};
    status.deployment->phase = Phase::wait;
    status.deployment->to = "8.1.28.0";
    status.probation = Probation{};
    status.probation->to = "8.1.27.0";
    status.probation->until = 7;
    status.probation->first_backup = "NIGHTLY failed";
    status.probation->first_backup_failed = true;
    status.metadata = MetadataAge{};
    status.metadata->parts = {{"root", 99, Seconds(1)}};
    return status;
}

} // namespace

TEST_CASE("metrics say what status says") {
    const std::string text = metrics_text(full_status());
    for (const char* line :
         {"mode=\"armed\",channel=\"sta\\\"ble\",installed=\"8.1.27.0\"} 1\n", "\nautodeploy_exit_code 21\n",
          "\nautodeploy_deployment_active{phase=\"wait\",to=\"8.1.28.0\"} 1\n",
          "\nautodeploy_last_outcome{outcome=\"rolled_back\"} 1\n",
          "\nautodeploy_last_outcome{outcome=\"updated\"} 0\n", "\nautodeploy_last_end_timestamp_seconds 1795896000\n",
          "\nautodeploy_last_down_seconds 12.400\n",
          "\nautodeploy_probation_end_timestamp_seconds{release=\"8.1.27.0\"} 7\n", "\nautodeploy_probation_failed 0\n",
          "\nautodeploy_first_backup_failed 1\n", "\nautodeploy_metadata_expiry_timestamp_seconds{role=\"root\"} 99\n",
          "\nautodeploy_problems 0\n"}) {
        CAPTURE(line);
        CHECK(text.find(line) != std::string::npos);
    }
}

TEST_CASE("metrics are of the form that Prometheus reads: each name told once, each value after its name") {
    for (const Status& status : {Status{}, full_status()}) {
        std::istringstream lines(metrics_text(status));
        std::set<std::string> told;
        std::string current;
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            if (line.starts_with("# HELP ")) {
                current = line.substr(7, line.find(' ', 7) - 7);
                CHECK(told.insert(current).second);
                CHECK(line.ends_with("."));
            } else if (line.starts_with("# TYPE ")) {
                CHECK(line == "# TYPE " + current + " gauge");
            } else {
                CHECK(line.substr(0, line.find_first_of(" {")) == current);
                CHECK(line.find_last_not_of("0123456789.") == line.rfind(' '));
            }
        }
    }
}
