#include "installer/repository/download.h"

#include "installer/repository/partial_file.h"
#include "platform/error.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <random>
#include <set>

namespace autodeploy {
namespace {

/// An attempt that brought so much more does not count against the limit: a bad line gets through, and there can be
/// only so many of them.
constexpr std::uint64_t worthwhile_bytes = std::uint64_t(1) << 20;
constexpr Milliseconds longest_sleep{1000};

/// Holds the whole download to a rate.
class Throttle {
  public:
    Throttle(Clock& clock, std::uint64_t bytes_per_second)
        : clock_(clock), rate_(bytes_per_second), begun_(clock.elapsed()) {}

    /// How long to hold back now that so many more have come.
    Milliseconds due(std::size_t bytes) {
        if (rate_ == 0) return Milliseconds(0);
        bytes_ += bytes;
        const Milliseconds allowed_at = begun_ + Milliseconds(bytes_ / rate_ * 1000 + bytes_ % rate_ * 1000 / rate_);
        return std::max(Milliseconds(0), allowed_at - clock_.elapsed());
    }

  private:
    Clock& clock_;
    std::uint64_t rate_;
    Milliseconds begun_;
    std::uint64_t bytes_ = 0;
};

class Downloading {
  public:
    Downloading(const std::vector<Transport*>& mirrors, FileSystem& files, Clock& clock, const TargetFile& target,
                const std::string& remote_path, const std::string& destination, const DownloadLimits& limits,
                const DownloadProgress& progress)
        : mirrors_(mirrors), files_(files), clock_(clock), target_(target), remote_path_(remote_path),
          destination_(destination), limits_(limits), progress_(progress),
          part_(files, target, remote_path, destination), throttle_(clock, limits.bytes_per_second) {}

    void run() {
        report();
        for (;;) {
            if (part_.size() == target_.length) {
                if (part_.is_whole()) return part_.move_to_destination();
                drop_wrong_bytes();
            }
            choose_mirror();
            attempt();
        }
    }

  private:
    class Sink;

    void attempt() {
        Transport& mirror = *mirrors_[at_];
        if (alone_ && part_.sources() != std::vector{mirror.name()}) part_.drop();
        require_space();
        const std::uint64_t before = part_.size();
        sink_failure_ = nullptr;
        std::optional<Error> failure;
        try {
            fetch_from(mirror);
        } catch (const ServerBusy& busy) {
            if (sink_failure_) keep_and_rethrow();
            asked_to_wait_ = std::max<Milliseconds>(asked_to_wait_, busy.retry_after());
            // Longer than we would ever wait here: what comes back later is the whole deployment.
            if (busy.retry_after() > limits_.longest_pause) out_[at_] = true;
            failure = busy;
        } catch (const Error& error) {
            if (sink_failure_) keep_and_rethrow();
            if (!error.retry_makes_sense()) out_[at_] = true;
            failure = error;
        } catch (...) {
            keep_and_rethrow();
        }
        part_.keep();
        if (!failure && !out_[at_] && part_.size() < target_.length)
            failure = Error("transport_failed",
                            "cannot fetch " + remote_path_ + " from " + mirror.name() + ": it ended after " +
                                std::to_string(part_.size()) + " of " + std::to_string(target_.length) + " bytes",
                            Retry::later);
        if (failure)
            failed(*failure, before);
        else if (out_[at_])
            ++at_;
    }

    void fetch_from(Transport& mirror);

    [[noreturn]] void keep_and_rethrow() {
        const std::exception_ptr reason = std::current_exception();
        try {
            part_.keep();
        } catch (const Error&) {
            // The disk that failed before; the reason is the first one.
        }
        std::rethrow_exception(reason);
    }

    void failed(const Error& error, std::uint64_t before) {
        last_ = error;
        const bool went_on = part_.size() >= before + worthwhile_bytes;
        if (went_on) {
            pause_ = limits_.first_pause;
            rest(jittered(pause_));
            return;
        }
        ++failures_;
        ++at_;
    }

    /// The whole is there and it is not the target.
    void drop_wrong_bytes() {
        const std::vector<std::string> sources = part_.sources();
        const bool one_piece = part_.is_one_piece();
        last_ = Error("target_mismatch", "cannot accept " + remote_path_ + " from " + names(sources) +
                                             ": it is not the file that was signed (its hash differs)");
        part_.drop();
        // Who gave the wrong bytes is known only if one gave them all, at once. From now on nobody's are mixed.
        if (one_piece)
            for (std::size_t i = 0; i < mirrors_.size(); ++i)
                if (mirrors_[i]->name() == sources.front()) out_[i] = true;
        alone_ = true;
        ++failures_;
        ++at_;
    }

    static std::string names(const std::vector<std::string>& sources) {
        std::string text;
        for (const std::string& source : sources)
            text += (text.empty() ? "" : ", ") + source;
        return text.empty() ? "an earlier attempt" : text;
    }

    /// The next one in order that may still have it; after the last one, a pause.
    void choose_mirror() {
        if (std::all_of(out_.begin(), out_.end(), [](bool out) { return out; })) give_up();
        if (failures_ >= std::max(1, limits_.attempts)) give_up();
        for (;; ++at_) {
            if (at_ == mirrors_.size()) {
                at_ = 0;
                if (asked_to_wait_ > Milliseconds(0)) asked_to_wait_ += jittered(limits_.first_pause);
                rest(std::max(jittered(pause_), asked_to_wait_));
                pause_ = std::min(pause_ * 2, limits_.longest_pause);
                asked_to_wait_ = Milliseconds(0);
            }
            if (!out_[at_]) return;
        }
    }

    [[noreturn]] void give_up() {
        if (!last_)
            throw Error("target_missing", "cannot download " + remote_path_ + ": no mirror has it", Retry::later);
        if (failures_ <= 1) throw Error(*last_);
        throw Error(last_->cause(),
                    std::string(last_->what()) + " (the last of " + std::to_string(failures_) + " attempts; " +
                        std::to_string(part_.size()) + " of " + std::to_string(target_.length) + " bytes are kept)",
                    last_->retry_makes_sense() ? Retry::later : Retry::no);
    }

    void require_space() {
        const std::uint64_t free = files_.free_bytes(destination_);
        const std::uint64_t needed = target_.length - part_.size();
        if (free < needed)
            throw Error("disk_full", "cannot download " + remote_path_ + " to " + destination_ + ": " +
                                         std::to_string(needed) + " bytes are needed and " + std::to_string(free) +
                                         " are free");
    }

    Milliseconds jittered(Milliseconds pause) {
        std::uniform_int_distribution<std::int64_t> some(pause.count() / 2, std::max<std::int64_t>(1, pause.count()));
        return Milliseconds(some(random_));
    }

    /// Sleeps in short pieces, so that whoever watches the progress can end it.
    void rest(Milliseconds time) {
        while (time > Milliseconds(0)) {
            const Milliseconds piece = std::min(time, longest_sleep);
            clock_.sleep(piece);
            time -= piece;
            report();
        }
    }

    void report() {
        if (progress_) progress_(part_.size(), target_.length);
    }

    const std::vector<Transport*>& mirrors_;
    FileSystem& files_;
    Clock& clock_;
    const TargetFile& target_;
    const std::string& remote_path_;
    const std::string& destination_;
    const DownloadLimits& limits_;
    const DownloadProgress& progress_;
    PartialFile part_;
    Throttle throttle_;
    std::mt19937_64 random_{std::random_device{}()};

    std::vector<bool> out_ = std::vector<bool>(mirrors_.size()); ///< not to be asked again in this download
    std::size_t at_ = 0;
    int failures_ = 0;
    bool alone_ = false; ///< bytes of two mirrors are no longer put together
    Milliseconds pause_ = limits_.first_pause;
    Milliseconds asked_to_wait_{0};
    std::optional<Error> last_;
    std::exception_ptr sink_failure_; ///< of the disk or of who watches, in contrast to the mirror's
};

class Downloading::Sink final : public TargetSink {
  public:
    Sink(Downloading& owner, const Transport& mirror) : owner_(owner), mirror_(mirror) {}

    void begin(std::uint64_t offset, const std::string& validator) override {
        guarded([&] { owner_.part_.begin(offset, mirror_.name(), validator); });
    }
    void write(std::string_view bytes) override {
        guarded([&] {
            owner_.part_.write(bytes);
            owner_.report();
            owner_.rest(owner_.throttle_.due(bytes.size()));
        });
    }

  private:
    template<class Call> void guarded(Call&& call) {
        try {
            call();
        } catch (const WrongBytes&) {
            throw;
        } catch (...) {
            owner_.sink_failure_ = std::current_exception();
            throw;
        }
    }
    Downloading& owner_;
    const Transport& mirror_;
};

void Downloading::fetch_from(Transport& mirror) {
    Sink sink(*this, mirror);
    const TargetRequest request{remote_path_, target_.length, part_.size(), part_.validator(mirror.name())};
    if (!mirror.target(request, sink)) out_[at_] = true;
}

bool is_already_there(FileSystem& files, const TargetFile& target, const std::string& destination) {
    const auto status = files.status(destination);
    if (!status || status->type != FileType::regular || status->size != target.length) return false;
    TargetDigests digests(target.hashes);
    const auto reader = files.reader(destination);
    std::string buffer(128 << 10, '\0');
    for (std::size_t got = reader->read(buffer.data(), buffer.size()); got > 0;
         got = reader->read(buffer.data(), buffer.size()))
        digests.update(std::string_view(buffer).substr(0, got));
    return digests.match();
}

} // namespace

void download_target(const std::vector<Transport*>& mirrors, FileSystem& files, Clock& clock, const TargetFile& target,
                     const std::string& remote_path, const std::string& destination, const DownloadLimits& limits,
                     const DownloadProgress& progress) {
    if (is_already_there(files, target, destination)) return PartialFile::remove_leftovers(files, destination);
    Downloading(mirrors, files, clock, target, remote_path, destination, limits, progress).run();
}

} // namespace autodeploy
