#include "installer/repository/https_transport.h"

#include "platform/error.h"

#include <algorithm>

namespace autodeploy {
namespace {

HttpUrl mirror_url(const std::string& text) {
    HttpUrl url = parse_http_url(text);
    if (!url.user.empty())
        throw Error("settings_invalid", "cannot use the address " + url.text() +
                                            ": names and passwords do not belong there; use a client certificate");
    return url;
}

HttpPeer peer_of(const HttpsSource& source, const HttpUrl& url) {
    if (!source.proxy.empty() && parse_http_url(source.proxy).tls)
        throw Error("settings_invalid", "cannot use the proxy: its address has to begin with http://");
    return {url, source.ca_file, source.client_certificate, source.client_key, source.proxy, source.no_proxy};
}

/// "a/b c" as it goes over the wire; the slashes between names stay.
std::string encoded_path(const std::string& path) {
    std::string encoded;
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        encoded += "/" + percent_encoded(std::string_view(path).substr(at, end - at));
        at = end + 1;
    }
    return encoded;
}

class HttpsTransport final : public Transport {
  public:
    HttpsTransport(Clock& clock, const HttpsSource& source)
        : metadata_url_(mirror_url(source.metadata_url)), targets_url_(mirror_url(source.targets_url)),
          timeouts_(source.timeouts), metadata_client_(clock, peer_of(source, metadata_url_), source.timeouts) {
        const bool same_server =
            metadata_url_.authority() == targets_url_.authority() && metadata_url_.tls == targets_url_.tls;
        if (!same_server)
            targets_client_ = std::make_unique<HttpClient>(clock, peer_of(source, targets_url_), source.timeouts);
        name_ = metadata_url_.text();
        if (name_.ends_with("/metadata")) name_.resize(name_.size() - 9);
    }

    const std::string& name() const override { return name_; }

    std::optional<std::string> metadata(const std::string& file_name, std::uint64_t cap) override {
        HttpClient& client = metadata_client_;
        const std::string path = metadata_url_.path + "/" + file_name;
        if (client.get({path, {}, true, std::min(timeouts_.metadata, timeouts_.total)}) != HttpMeaning::body)
            return std::nullopt;
        const auto too_large = [&](const std::string& size) {
            throw Error("file_too_large", "cannot fetch " + name_ + ", " + file_name + ": it has " + size + ", and " +
                                              std::to_string(cap) + " bytes are the most");
        };
        const auto length = client.body().length;
        if (length && *length > cap) too_large(std::to_string(*length) + " bytes");
        std::string content;
        for (std::string_view piece = client.next(); !piece.empty(); piece = client.next()) {
            if (piece.size() > cap - content.size()) too_large("no end");
            content += piece;
        }
        return content;
    }

    bool target(const TargetRequest& request, TargetSink& sink) override {
        HttpClient& client = targets_client_ ? *targets_client_ : metadata_client_;
        HttpRequest wanted{targets_url_.path + encoded_path(request.path), {}, false, timeouts_.total};
        wanted.range = {request.offset, is_http_validator(request.validator) ? request.validator : ""};
        HttpMeaning meaning = client.get(wanted);
        const bool changed =
            meaning == HttpMeaning::stale_part || (meaning == HttpMeaning::body && client.body().other_version);
        if (changed) {
            // The part that we have is of a version that the server does not have any more.
            wanted.range = {};
            meaning = client.get(wanted);
            if (meaning == HttpMeaning::stale_part)
                throw Error("transport_failed",
                            "cannot fetch " + name_ + ", " + request.path + ": the server refuses to give all of it",
                            Retry::later);
        }
        if (meaning != HttpMeaning::body) return false;

        const HttpBody body = client.body();
        if (body.total && *body.total != request.length)
            throw Error("target_mismatch", "cannot fetch " + name_ + ", " + request.path + ": the server's file has " +
                                               std::to_string(*body.total) + " bytes, the signed one " +
                                               std::to_string(request.length));
        sink.begin(body.offset, body.validator);
        std::uint64_t left = request.length - body.offset;
        while (left > 0) {
            std::string_view piece = client.next();
            if (piece.empty()) break;
            piece = piece.substr(0, std::size_t(std::min<std::uint64_t>(left, piece.size())));
            left -= piece.size();
            sink.write(piece);
        }
        return true;
    }

  private:
    HttpUrl metadata_url_;
    HttpUrl targets_url_;
    HttpTimeouts timeouts_;
    HttpClient metadata_client_;
    std::unique_ptr<HttpClient> targets_client_; ///< only where targets lie on another server
    std::string name_;
};

} // namespace

HttpsSource https_source(const std::string& url) {
    HttpsSource source;
    const std::string base = url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
    source.metadata_url = base + "/metadata";
    source.targets_url = base + "/targets";
    return source;
}

std::unique_ptr<Transport> https_transport(Clock& clock, const HttpsSource& source) {
    return std::make_unique<HttpsTransport>(clock, source);
}

} // namespace autodeploy
