#pragma once

#include "options.h"
#include "switches.h"

#include <ctime>
#include <string>

namespace standin {

/// Sentences of the scheduler's log that are translated; the markers ("--- SCHEDULEREC …") and message numbers are not.
enum class Text {
    next_operation,
    schedule_name,
    action,
    objects,
    window_start,
    no_schedule,
    executing_now,
    executing_command,
    finished_command,
    completed,
    failed,
    sending,
    sent,
    refresh,
};

/// The language of what people read, and how dates and times are written in it.
/// Switches: language=en|de|fr|ja, encoding=utf-8|latin1, date_format=1..7, time_format=1..5. Without: the options
/// DATEFORMAT and TIMEFORMAT, then the language's own.
class Speech {
  public:
    Speech(const Options& options, const Switches& switches);

    /// "Finished command.  Return code is:"
    std::string text(Text text) const;
    /// "11/22/2026 21:00:00"
    std::string date_and_time(std::time_t when) const;
    std::string date(std::time_t when) const;
    std::string time(std::time_t when) const;

  private:
    std::string language_;
    bool latin1_ = false;
    int date_format_ = 1;
    int time_format_ = 1;
};

} // namespace standin
