#include "pkg/health/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "pkg/http1/ascii.h"
#include "pkg/http1/fields.h"
#include "pkg/http1/writer.h"
#include "pkg/websocket/handshake.h"

namespace fairlead::health {
namespace {

constexpr http1::HeadLimits kLimits{.max_head_bytes = 16384, .max_start_line_bytes = 8192, .max_fields = 100};

// 16 bytes in base64 (RFC 6455 §4.1).
std::string RandomKey(base::Random& random) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string key;
  for (int i = 0; i < 21; ++i) key += kAlphabet[random() % 64];
  key += kAlphabet[random() % 4 * 16];  // the last two bits of the 128
  return key + "==";
}

// A Close with status 1000, masked as a client's must be (RFC 6455 §5.3, §5.5.1).
std::string CloseFrame(base::Random& random) {
  const auto mask = static_cast<uint32_t>(random());
  std::string frame = {'\x88', '\x82'};
  for (int i = 0; i < 4; ++i) frame += static_cast<char>(mask >> (8 * i));
  frame += static_cast<char>(0x03 ^ (mask & 0xff));
  frame += static_cast<char>(0xe8 ^ ((mask >> 8) & 0xff));
  return frame;
}

bool IsExpected(const config::HttpCheck& check, int status) {
  const auto& expected = check.expected_statuses;
  if (expected.empty()) return status >= 200 && status < 300;
  return std::find(expected.begin(), expected.end(), static_cast<uint32_t>(status)) != expected.end();
}

}  // namespace

Probe::Probe(loop::Loop& loop, tls::Workspace& workspace, base::Random& random,
             const base::SocketAddress& address, const config::HealthCheck& check, Security security,
             Done done)
    : loop_(loop),
      workspace_(workspace),
      random_(random),
      address_(address),
      check_(check),
      security_(std::move(security)),
      done_(std::move(done)) {}

void Probe::Start() {
  auto connect = loop::Connect::Start(
      loop_, address_, [this](const absl::Status& status, std::unique_ptr<stream::Stream> stream) {
        connect_.reset();
        if (!status.ok()) return ConnectFailed(status);
        Connected(std::move(stream));
      });
  if (!connect.ok()) return ConnectFailed(connect.status());
  connect_ = *std::move(connect);
  loop_.deadlines().Arm(*this, loop_.Now() + check_.timeout);
}

void Probe::ConnectFailed(const absl::Status& status) {
  Fail(loop::IsShortage(status) ? Outcome::kNotAsked : Outcome::kBad, "the connect fails");
}

void Probe::Connected(std::unique_ptr<stream::Stream> stream) {
  if (!header_.empty()) stream->Write(header_);
  if (!security_.wanted) return Ask(std::move(stream));
  if (security_.context == nullptr) return Bad("our own private key is missing");
  tls_ = tls::TlsStream::Connect(workspace_, security_.context, address_.ToString(), std::move(stream));
  if (!tls_) return Bad("there is no memory for TLS");
  tls_->Handshake([this](tls::Failure failure) { Shaken(failure); });
}

void Probe::Shaken(tls::Failure failure) {
  if (failure != tls::Failure::kNone) return Bad("TLS handshake failed: " + tls_->error());
  tls_->TakeInfo();
  Ask(std::move(tls_));
}

void Probe::Ask(std::unique_ptr<stream::Stream> stream) {
  if (std::holds_alternative<config::TcpCheck>(check_.check)) return Good();
  stream_ = std::move(stream);
  stream_->SetDelegate(this);
  response_.emplace(kLimits, "GET");
  stream_->Write(Request());
  stream_->Start();
}

std::string Probe::Request() {
  const auto* const websocket = std::get_if<config::WebSocketCheck>(&check_.check);
  const auto plain = [this]() -> const config::HttpCheck& {
    return std::get<config::HttpCheck>(check_.check);
  };
  const std::string& path = websocket != nullptr ? websocket->path : plain().path;
  const std::string& host = websocket != nullptr ? websocket->host : plain().host;
  // A unix socket has no name that could stand in a Host.
  const std::string own_host = address_.is_unix() ? "localhost" : address_.ToString();
  http1::Fields fields;
  fields.Add("Host", host.empty() ? std::string_view(own_host) : std::string_view(host));
  fields.Add("User-Agent", "fairlead-health");
  if (websocket != nullptr) {
    key_ = RandomKey(random_);
    fields.Add("Connection", "Upgrade");
    fields.Add("Upgrade", "websocket");
    fields.Add("Sec-WebSocket-Version", websocket::kVersion);
    fields.Add("Sec-WebSocket-Key", key_);
  } else {
    fields.Add("Connection", "close");
  }
  std::string request;
  http1::AppendRequestHead("GET", path, fields, &request);
  return request;
}

void Probe::OnData(std::string_view bytes) {
  while (done_) {
    switch (response_->Next(&bytes)) {
      case http1::Event::kHead:
        if (response_->head().status >= 200 || response_->head().status == 101)
          return Judge(response_->head());
        break;
      case http1::Event::kNeedMore:
        return;
      default:
        return Bad("the answer is no HTTP");
    }
  }
}

void Probe::Judge(const http1::ResponseHead& head) {
  if (const auto* plain = std::get_if<config::HttpCheck>(&check_.check)) {
    if (IsExpected(*plain, head.status)) return Good();
    return Bad(fmt::format("the answer is {}", head.status));
  }
  if (head.status != 101) return Bad(fmt::format("the answer is {}, not 101", head.status));
  if (!http1::EqualsIgnoreCase(head.upgrade, "websocket") || !websocket::CheckAccept(key_, head.fields)) {
    return Bad("the 101 is not valid");
  }
  stream_->Write(CloseFrame(random_));
  stream_->End();
  Good();
}

void Probe::OnEnd() {
  if (done_) return Bad("the connection ends before an answer");
  stream_.reset();
}

void Probe::OnError(stream::Failure) {
  if (done_) return Bad("the connection breaks before an answer");
  stream_.reset();
}

void Probe::OnDeadline(base::MonotonicTime) {
  connect_.reset();
  tls_.reset();
  if (done_) return Bad("no answer in time");
  stream_.reset();  // it did not answer the Close
}

void Probe::Good() {
  const bool closing = std::holds_alternative<config::WebSocketCheck>(check_.check);
  if (!closing) {
    Disarm();
    stream_.reset();
  }
  Done done = std::exchange(done_, nullptr);
  done(Outcome::kGood, {});
}

void Probe::Fail(Outcome outcome, std::string_view problem) {
  Disarm();
  tls_.reset();
  stream_.reset();
  Done done = std::exchange(done_, nullptr);
  done(outcome, problem);
}

}  // namespace fairlead::health
