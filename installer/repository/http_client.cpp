#include "installer/repository/http_client.h"

#include "installer/repository/transport.h"
#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

constexpr int most_redirects = 3;
constexpr int most_interim_answers = 5;

std::string request_text(const HttpRequest& request, const HttpUrl& url) {
    std::string text = "GET " + (url.path.empty() ? "/" : url.path) + " HTTP/1.1\r\nHost: " + url.authority() +
                       "\r\nUser-Agent: autodeploy\r\nAccept: */*\r\nAccept-Encoding: identity\r\n";
    if (request.fresh) text += "Cache-Control: no-cache\r\n";
    if (request.range.offset > 0) {
        text += "Range: bytes=" + std::to_string(request.range.offset) + "-\r\n";
        if (is_http_validator(request.range.validator)) text += "If-Range: " + request.range.validator + "\r\n";
    }
    return text + "\r\n";
}

} // namespace

HttpClient::HttpClient(Clock& clock, HttpPeer peer, const HttpTimeouts& timeouts)
    : clock_(clock), server_(peer.server), timeouts_(timeouts), connector_(std::move(peer)) {}

template<class Call> auto HttpClient::naming(Call&& call) {
    try {
        return call();
    } catch (const ServerBusy& busy) {
        connection_.reset();
        throw ServerBusy("cannot fetch " + asked_ + ": " + busy.what(), busy.retry_after());
    } catch (const Error& error) {
        connection_.reset();
        throw Error(error.cause(), "cannot fetch " + asked_ + ": " + error.what(),
                    error.retry_makes_sense() ? Retry::later : Retry::no);
    }
}

HttpMeaning HttpClient::get(const HttpRequest& request) {
    HttpUrl url = server_;
    url.path = request.path;
    asked_ = url.text();
    ended_ = true;
    return naming([&] { return ask(request, url); });
}

HttpMeaning HttpClient::ask(const HttpRequest& request, const HttpUrl& first) {
    HttpUrl url = first;
    for (int redirects = 0;; ++redirects) {
        patience_.emplace(clock_, timeouts_.idle, request.total, timeouts_.least_bytes_per_second);
        const HttpHead head = exchange(request_text(request, url));
        const HttpMeaning meaning = http_meaning(head.status);
        if (meaning == HttpMeaning::body) {
            body_ = http_body(head, request.range);
            left_ = body_.length.value_or(0);
            chunks_ = {};
            ended_ = false;
            persistent_ = head.persistent && (body_.length || body_.chunked);
            if (body_.length && left_ == 0) finish();
            return meaning;
        }
        // What an error page says is never read, so its connection is of no more use.
        connection_.reset();
        const std::string status = "status " + std::to_string(head.status);
        if (meaning == HttpMeaning::busy)
            throw ServerBusy("the server answers with " + status,
                             http_retry_after(head, clock_.now()).value_or(Seconds(0)));
        if (meaning == HttpMeaning::refused)
            throw Error("transport_refused", "the server answers with " + status +
                                                 (head.status == 401 ? ": it wants to know who asks" : ""));
        if (meaning != HttpMeaning::redirect) return meaning;
        if (redirects == most_redirects)
            throw Error("transport_refused",
                        "it was redirected more than " + std::to_string(most_redirects) + " times");
        url = redirected(url, head.field("location").value_or(""));
    }
}

HttpHead HttpClient::exchange(const std::string& request) {
    if (connection_ && reusable_) {
        // A server may close a kept connection at any moment: that costs one more attempt, not the request.
        reusable_ = false;
        received_ = {};
        try {
            connection_->send(request, *patience_);
            if (fill()) return receive_head();
        } catch (const Error& error) {
            if (error.cause() != "transport_failed" || !received_.empty()) throw;
        }
    }
    connection_.reset();
    reusable_ = false;
    received_ = {};
    HttpPatience connecting(clock_, timeouts_.connect, timeouts_.connect, 0);
    connection_ = connector_.connect(connecting);
    connection_->send(request, *patience_);
    return receive_head();
}

HttpHead HttpClient::receive_head() {
    std::string text;
    for (int interim = 0;;) {
        text += received_;
        received_ = {};
        const std::size_t size = http_head_size(text);
        if (size == 0) {
            if (!fill())
                throw Error("transport_failed", "the connection ended before the answer's head did", Retry::later);
            continue;
        }
        HttpHead head = parse_http_head(std::string_view(text).substr(0, size));
        text.erase(0, size);
        if (head.status >= 200) {
            // No more than a full buffer can be left: the head was not whole before the last one came.
            std::copy(text.begin(), text.end(), buffer_.begin());
            received_ = {buffer_.data(), text.size()};
            return head;
        }
        if (++interim > most_interim_answers)
            throw Error("transport_failed", "the server sends interim answers without an end", Retry::later);
    }
}

/// More bytes into received_, which is used up; false at the end of the connection.
bool HttpClient::fill() {
    const std::size_t got = connection_->receive(buffer_.data(), buffer_.size(), *patience_);
    received_ = {buffer_.data(), got};
    return got > 0;
}

std::string_view HttpClient::next() {
    if (ended_) return {};
    return naming([&] { return next_piece(); });
}

std::string_view HttpClient::next_piece() {
    for (;;) {
        if (received_.empty() && !fill()) {
            if (body_.length || body_.chunked)
                throw Error("transport_failed",
                            "the connection ended in the middle of the file" +
                                (body_.length ? ", " + std::to_string(left_) + " bytes before its end" : std::string()),
                            Retry::later);
            finish();
            return {};
        }
        if (body_.chunked) {
            const std::string_view piece = chunks_.take(received_);
            if (!piece.empty()) return piece;
            if (!chunks_.ended()) continue;
            finish();
            return {};
        }
        std::string_view piece = received_;
        if (body_.length) piece = piece.substr(0, std::size_t(std::min<std::uint64_t>(left_, piece.size())));
        received_.remove_prefix(piece.size());
        left_ -= body_.length ? piece.size() : 0;
        if (body_.length && left_ == 0) finish();
        return piece;
    }
}

void HttpClient::finish() {
    ended_ = true;
    // Bytes that nobody asked for belong to no answer of ours.
    reusable_ = persistent_ && received_.empty();
    if (!reusable_) connection_.reset();
}

} // namespace autodeploy
