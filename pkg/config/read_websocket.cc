#include "pkg/config/read_websocket.h"

#include <fmt/format.h>

#include <string>

#include "fairlead/config/v1/config.pb.h"
#include "pkg/config/checks.h"
#include "pkg/config/quote.h"
#include "pkg/http1/tokens.h"
#include "pkg/websocket/close_code.h"

namespace fairlead::config {
namespace {

constexpr DurationRange kInterval = {base::Duration(0), std::chrono::hours(24)};
constexpr DurationRange kTimeout = {base::Duration(1), std::chrono::hours(24)};
constexpr NumberRange kRate = {0, 1'000'000};
constexpr int kMaxSubprotocols = 64;

PingTarget ReadTarget(v1::PingTarget target, const Path& path, Report& report) {
  switch (target) {
    case v1::PING_TARGET_UNSPECIFIED:
    case v1::PING_TARGET_CLIENT:
      return PingTarget::kClient;
    case v1::PING_TARGET_BACKEND:
      return PingTarget::kBackend;
    case v1::PING_TARGET_BOTH:
      return PingTarget::kBoth;
    default:
      report.Add(path, "is unknown", "write CLIENT, BACKEND or BOTH");
      return PingTarget::kClient;
  }
}

}  // namespace

Keepalive ReadKeepalive(const v1::Keepalive& message, const Path& path, Report& report) {
  Keepalive keepalive;
  if (message.has_interval()) {
    keepalive.interval = ReadDuration(message.interval(), kInterval, path.Field("interval"), report);
  }
  if (message.has_timeout()) {
    keepalive.timeout = ReadDuration(message.timeout(), kTimeout, path.Field("timeout"), report);
  }
  keepalive.send_to = ReadTarget(message.send_to(), path.Field("send_to"), report);
  return keepalive;
}

WebSocket ReadWebSocket(const v1::WebSocket& message, const Path& path, Report& report) {
  const Path rate = path.Field("max_messages_per_second"), subprotocols = path.Field("subprotocols");
  WebSocket websocket{
      .max_frame_bytes = message.max_frame_bytes(),
      .max_message_bytes = message.max_message_bytes(),
      .max_messages_per_second = ReadNumber(message.max_messages_per_second(), kRate, rate, report),
      .strict = message.strict(),
      .subprotocols = {message.subprotocols().begin(), message.subprotocols().end()}};
  if (message.subprotocols_size() > kMaxSubprotocols) {
    report.Add(subprotocols, "is too long", fmt::format("list at most {}", kMaxSubprotocols));
  }
  Unique unique("subprotocol");
  for (int i = 0; i < message.subprotocols_size(); ++i) {
    const Path item = subprotocols.Index(i);
    if (!http1::IsToken(message.subprotocols(i))) {
      report.Add(item, fmt::format("{} is no subprotocol", Quote(message.subprotocols(i))),
                 "use letters, digits and !#$%&'*+-.^_`|~");
    }
    unique.Add(message.subprotocols(i), item, report);
  }
  return websocket;
}

uint16_t ReadCloseCode(uint32_t code, const Path& path, Report& report) {
  if (code > UINT16_MAX || !websocket::MaySend(static_cast<uint16_t>(code))) {
    report.Add(path, fmt::format("{} is no code that a Close may have", code),
               "give one such as 1001, 1012, 1013, or one from 3000 to 4999");
  }
  return static_cast<uint16_t>(code);
}

}  // namespace fairlead::config
