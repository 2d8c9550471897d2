#pragma once

#include "installer/detection.h"
#include "installer/step.h"

#include <string>
#include <vector>

namespace autodeploy {

/// Asks the real client: its program for the version, the schedulers' logs for their contact with the server. Which
/// logs and options are in force was found by detect() before anything was stopped; it may be asked anew after a
/// restart of ours.
class DetectingProbe : public ClientProbe {
  public:
    DetectingProbe(Platform& platform, DetectSettings settings);

    std::optional<std::string> version() override;
    ContactMark contact_mark(const Service& service) override;
    std::optional<bool> reached_server(const Service& service, const ContactMark& since) override;

  private:
    Platform& platform_;
    DetectSettings settings_;
};

} // namespace autodeploy
