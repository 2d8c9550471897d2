#include "agent/worker.h"

#include <utility>

namespace autodeploy {

Worker::~Worker() {
    finish();
}

void Worker::start(std::function<void()> work) {
    if (thread_.joinable()) thread_.join();
    {
        const std::lock_guard guard(mutex_);
        working_ = true;
        changing_ = false;
        cancelled_by_.clear();
        joined_.clear();
    }
    thread_ = std::thread([this, work = std::move(work)] {
        work();
        {
            const std::lock_guard guard(mutex_);
            working_ = false;
        }
        host_.interrupt();
    });
}

bool Worker::busy() {
    {
        const std::lock_guard guard(mutex_);
        if (working_) return true;
    }
    if (thread_.joinable()) thread_.join();
    return false;
}

void Worker::finish() {
    if (thread_.joinable()) thread_.join();
}

void Worker::ask_to_stop() {
    const std::lock_guard guard(mutex_);
    stop_ = true;
    woken_.notify_all();
}

bool Worker::cancel(const std::string& by) {
    const std::lock_guard guard(mutex_);
    if (changing_) return false;
    if (cancelled_by_.empty()) cancelled_by_ = by;
    woken_.notify_all();
    return true;
}

bool Worker::join(const Request& request) {
    const std::lock_guard guard(mutex_);
    if (changing_ || !working_) return false;
    joined_.push_back(request);
    woken_.notify_all();
    return true;
}

bool Worker::changing() {
    const std::lock_guard guard(mutex_);
    return changing_;
}

DeploymentControl::Wish Worker::wish() {
    const std::lock_guard guard(mutex_);
    if (stop_) return Wish::stop;
    return cancelled_by_.empty() ? Wish::none : Wish::cancel;
}

std::string Worker::cancelled_by() {
    const std::lock_guard guard(mutex_);
    return cancelled_by_;
}

std::vector<Request> Worker::joined() {
    const std::lock_guard guard(mutex_);
    return std::exchange(joined_, {});
}

void Worker::joined_are_safe(const std::vector<Request>& requests) {
    if (on_safe) on_safe(requests);
}

void Worker::wait(Milliseconds time) {
    std::unique_lock guard(mutex_);
    woken_.wait_for(guard, time, [this] { return stop_ || !cancelled_by_.empty() || !joined_.empty(); });
}

bool Worker::begin_change() {
    const std::lock_guard guard(mutex_);
    if (stop_ || !cancelled_by_.empty()) return false;
    changing_ = true;
    return true;
}

void Worker::end_change() {
    const std::lock_guard guard(mutex_);
    changing_ = false;
}

} // namespace autodeploy
