#pragma once

#include "platform/time_units.h"

#include <cstdint>
#include <memory>
#include <string>

namespace autodeploy {

/// Why a wait ended.
enum class Wake {
    time_over,
    poked, ///< by interrupt(), or by another process's poke_service()
    stop,  ///< the system or a person at the keyboard asks us to end; said once for each time
};

/// Our own process among others: how it waits, how it is asked to end, and what it tells to the manager of services
/// that started it. All calls may come from any thread.
class ServiceHost {
  public:
    ServiceHost() = default;
    ServiceHost(const ServiceHost&) = delete;
    ServiceHost& operator=(const ServiceHost&) = delete;
    virtual ~ServiceHost() = default;

    /// Blocks. At most one thread waits at a time.
    virtual Wake wait(Milliseconds time) = 0;
    /// Ends the wait that goes on, or else the next one.
    virtual void interrupt() = 0;
    /// Whether we were ever asked to end.
    virtual bool stop_asked() = 0;

    /// From here on pokes of other processes end our waits: we are the service. Throws Error io_error.
    virtual void become_service() = 0;
    /// Another process: tells the service that there is something to do. False if none listens.
    virtual bool poke_service() = 0;

    // To the manager of services; nothing happens where there is none that listens.
    virtual void ready() = 0;
    /// From here on alive() also asks for more time to end in.
    virtual void stopping() = 0;
    virtual void status(const std::string& line) = 0;
    virtual void alive() = 0;
    /// How often alive() has to be called, at the least; 0: never.
    virtual Milliseconds watchdog() = 0;

    /// Makes this program a service of the system, or no more. Throws Error not_supported where that is the matter of
    /// our package.
    virtual void install_service(const std::string& program) = 0;
    virtual void uninstall_service() = 0;

    /// Who runs us, for the records: "root", "root for alice".
    virtual std::string caller() = 0;
    /// Our own, as ProcessTable has it.
    virtual std::int64_t process_id() = 0;
    /// Whether a person sees standard output in colour.
    virtual bool colour_terminal() = 0;
};

/// runtime: the private folder in which the service is to be found by pokes. Only main() of a program calls this.
std::unique_ptr<ServiceHost> native_service_host(const std::string& runtime);

} // namespace autodeploy
