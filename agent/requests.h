#pragma once

#include "agent/reports/report.h"
#include "installer/json.h"
#include "platform/clock.h"
#include "platform/file_system.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace autodeploy {

enum class RequestKind {
    trigger,  ///< by the server's schedule: the newest release that this client may take, in the window
    deploy,   ///< by a person: skips the window, never the wait for quiet
    rollback, ///< by a person: to the kept release
    retry,    ///< clears the failed attempts of one release, or of all
    cancel,   ///< withdraws what was asked before it and is not being applied
};
std::string text(RequestKind kind);

/// The process of the client that ran the trigger.
struct StartingProcess {
    std::int64_t id = 0;
    std::string started;
    std::string program;
    bool operator==(const StartingProcess&) const = default;
};

/// Something that was asked of the service; a file in the spool.
struct Request {
    static constexpr int format = 1;
    std::string id; ///< begins with its time; sorts in the order of asking: "20261128T200000Z-0001"
    RequestKind kind = RequestKind::trigger;
    UnixTime accepted_at = 0;
    std::string requested_by;                  ///< "root"
    std::string release;                       ///< deploy, retry: this one; empty: the best, all
    std::optional<StartingProcess> started_by; ///< nothing where the client's scheduler had no part in it
    bool operator==(const Request&) const = default;
};

/// A file in the spool that is no request, and where it was put: nowhere, if it could not be moved.
struct RefusedRequest {
    std::string name;
    std::string moved_to;
    std::string why;
};

/// The spool: one file for each request, durable before anybody is told that it was accepted, written whole or not at
/// all, taken away only when its deployment has ended. Several processes write, the service alone takes. The service
/// is woken through ServiceHost::poke_service (on Unix a pipe in the runtime directory); a poke that is lost costs one
/// period of its own looking, nothing else.
class Requests {
  public:
    Requests(FileSystem& files, Clock& clock, std::string directory);

    /// Gives the request an id and writes it. Where the very same is waiting already, nothing is written and that one
    /// is returned: twice is once. Throws Error as FileSystem does, spool_busy, spool_full (64 requests).
    Request add(Request request);
    /// In the order of asking. What is no request is moved to refused/ in the spool, and told.
    std::vector<Request> pending(std::vector<RefusedRequest>& refused);
    /// Names only; cheap, moves nothing.
    int count() const;
    void remove(const std::string& id);

  private:
    std::vector<std::string> names() const;
    std::string new_id() const;
    std::string last_path() const { return directory_ + "/.last"; }
    FileSystem& files_;
    Clock& clock_;
    std::string directory_;
};

/// "2026-11-28T20:00:00Z" → "20261128T200000Z", as ids begin.
std::string compact_time(UnixTime time);

/// Of a request that ends now; how, is the caller's.
Report report_of(const Request& request, UnixTime now);

Json request_json(const Request& request);
/// Strict: Error request_malformed says what is wrong.
Request request_from_json(const Json& json);

} // namespace autodeploy
