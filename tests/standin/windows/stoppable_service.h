#pragma once

#include <string>

// What every service here says to the service manager.

/// Runs `body` as this program's service, with the words it was started with, until it returns; waits for that.
/// False: not started by the service manager.
bool serve(void (*body)(unsigned long count, wchar_t** words));

/// At the head of `body`: it is starting, and hears of a stop from now on. False: there is no service manager.
bool tell_starting();
void tell_running();
/// code: 0, or what the service says went wrong.
void tell_stopped(unsigned long code = 0);

/// Waits at most so many milliseconds for somebody to ask for a stop.
bool asked_to_stop_within(unsigned long milliseconds);
void wait_to_be_stopped();

std::wstring own_path();
