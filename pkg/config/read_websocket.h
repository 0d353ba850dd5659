#pragma once

#include "pkg/config/config.h"
#include "pkg/config/report.h"

namespace fairlead::config::v1 {
class Keepalive;
class WebSocket;
}  // namespace fairlead::config::v1

namespace fairlead::config {

// Make values of the messages, defaults filled in.
Keepalive ReadKeepalive(const v1::Keepalive& message, const Path& path, Report& report);
WebSocket ReadWebSocket(const v1::WebSocket& message, const Path& path, Report& report);

// A code that a Close may be sent with (RFC 6455 §7.4).
uint16_t ReadCloseCode(uint32_t code, const Path& path, Report& report);

}  // namespace fairlead::config
