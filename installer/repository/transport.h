#pragma once

#include "platform/error.h"
#include "platform/time_units.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace autodeploy {

/// What to fetch of a target, and from where on.
struct TargetRequest {
    /// As the repository names the file, not escaped: "packages/linux-x86_64/HASH.file.rpm". Always relative; no
    /// component is empty, "." or "..", and none holds a control character, a backslash or a colon.
    std::string path;
    std::uint64_t length = 0; ///< of the whole file, signed: no transport gives a byte more
    std::uint64_t offset = 0; ///< bytes that are there already; less than length
    /// What the sink was told with the bytes that are there (an ETag …): the source goes on only if it still has that
    /// version, else it begins again at 0. Empty: it goes on with whatever it has, and the hash decides in the end.
    std::string validator;
};

/// Error server_busy, with how long the server asks to be left alone (0: it does not say).
class ServerBusy : public Error {
  public:
    ServerBusy(const std::string& message, Seconds retry_after)
        : Error("server_busy", message, Retry::later), retry_after_(retry_after) {}
    Seconds retry_after() const { return retry_after_; }

  private:
    Seconds retry_after_;
};

/// Takes the bytes of one target. Whatever it throws ends the transfer and passes through the transport unchanged.
class TargetSink {
  public:
    TargetSink() = default;
    TargetSink(const TargetSink&) = delete;
    TargetSink& operator=(const TargetSink&) = delete;
    virtual ~TargetSink() = default;

    /// Called once, before the first byte: where the bytes that follow belong (the offset asked for, or 0 if the source
    /// begins again) and what tells this version of the file from another (empty if the source cannot tell).
    virtual void begin(std::uint64_t offset, const std::string& validator) = 0;
    virtual void write(std::string_view bytes) = 0;
};

/// Gives bytes; trusts nothing and verifies nothing. Blocks up to its own limits of time. Errors: transport_failed,
/// transport_timed_out, server_busy (ServerBusy), file_too_large, target_mismatch (the source says that the file has
/// another length than was signed), transport_refused (a redirect that is not followed, a certificate that is not
/// trusted, a link in a folder …); each message names the source and the file.
class Transport {
  public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// For messages and status: "https://updates.example:8443/client", "folder /media/updates". No secrets in it.
    virtual const std::string& name() const = 0;

    /// A whole metadata file; nothing if there is no such file (status 404 or 403, no such name), and only then.
    /// More than cap bytes: Error file_too_large, before they are kept. file_name is one component and escaped already
    /// ("2.root.json", "1.a%2Fb.json"): it goes into a URL or a folder as it stands.
    virtual std::optional<std::string> metadata(const std::string& file_name, std::uint64_t cap) = 0;

    /// Streams a target into the sink, from the offset or from 0. Returns when the source says that this was all, or
    /// when length is reached; false, without a call of the sink, if there is no such file.
    virtual bool target(const TargetRequest& request, TargetSink& sink) = 0;
};

/// Nothing but A-Z a-z 0-9 - . _ ~ stays bare, everything else (a slash too) becomes %XX with capital digits.
std::string percent_encoded(std::string_view text);

} // namespace autodeploy
