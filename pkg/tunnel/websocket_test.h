#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/tunnel/tunnel_test.h"
#include "pkg/tunnel/websocket_tunnel.h"
#include "pkg/websocket/control_frame.h"
#include "pkg/websocket/test_frames.h"

namespace fairlead::tunnel {

// For tests: a WebSocket between two scripted streams.
class WebSocketTest : public TunnelTest {
 protected:
  using Opcode = websocket::Opcode;

  void Open(const websocket::Rules& rules = {}, const Timeouts& timeouts = {}, const EarlyData& early = {}) {
    auto tunnel = std::make_unique<WebSocketTunnel>(environment_, MakeParts(timeouts),
                                                    std::make_shared<websocket::Rules>(rules));
    websocket_ = tunnel.get();
    tunnel_ = std::move(tunnel);
    tunnel_->Start(early);
  }

  // Time that passes as it does on a loop: tick by tick.
  void Pass(base::Duration time) {
    constexpr base::Duration kTick = base::DeadlineWheel::kTick;
    for (; time >= kTick; time -= kTick) Advance(kTick);
    Advance(time);
  }

  static std::string FromClient(std::string_view text) { return websocket::ClientFrame(Opcode::kText, text); }
  static std::string FromBackend(std::string_view text) {
    return websocket::ServerFrame(Opcode::kText, text);
  }
  static std::string ClientClose(uint16_t code) {
    return websocket::ClientFrame(Opcode::kClose, websocket::ClosePayload(code, ""));
  }
  static std::string BackendClose(uint16_t code) {
    return websocket::ServerFrame(Opcode::kClose, websocket::ClosePayload(code, ""));
  }

  // What has come since the last call: a client gets frames without a mask, a backend's are unmasked here.
  std::string ClientGot() {
    return client_.received().substr(std::exchange(client_seen_, client_.received().size()));
  }
  std::string BackendGot() {
    std::string_view wire = std::string_view(backend_.received()).substr(backend_seen_);
    backend_seen_ = backend_.received().size();
    std::string plain;
    while (wire.size() >= 6 && (wire[1] & 0x7F) < 126 && wire.size() >= 6u + (wire[1] & 0x7F)) {
      const size_t size = 6u + (wire[1] & 0x7F);
      plain += websocket::Frame(websocket::Sender::kServer, static_cast<Opcode>(wire[0] & 15),
                                websocket::ControlPayload(wire.substr(0, size)), (wire[0] & 0x80) != 0);
      wire.remove_prefix(size);
    }
    return plain.append(wire);
  }
  // A Close as ClientGot and BackendGot show it.
  static std::string Close(uint16_t code, std::string_view text) {
    return websocket::ServerFrame(Opcode::kClose, websocket::ClosePayload(code, text));
  }

  uint64_t CountedCloses(size_t index, telemetry::Initiator initiator) {
    return counted().websocket.closes.value(index, initiator);
  }
  uint64_t Messages(const telemetry::WebSocketInstruments::ByKind& counters, telemetry::MessageKind kind) {
    return counters[static_cast<size_t>(kind)].messages();
  }

  WebSocketTunnel* websocket_ = nullptr;

 private:
  size_t client_seen_ = 0;
  size_t backend_seen_ = 0;
};

}  // namespace fairlead::tunnel
