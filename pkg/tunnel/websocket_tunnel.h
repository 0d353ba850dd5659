#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/clock.h"
#include "pkg/tunnel/keepalive.h"
#include "pkg/tunnel/tunnel.h"
#include "pkg/websocket/control_frame.h"
#include "pkg/websocket/frame_cursor.h"
#include "pkg/websocket/rules.h"

namespace fairlead::tunnel {

// A tunnel that sees the frames of the WebSocket in it. Payloads pass as they came, in the same writes as
// through a Tunnel; only the bytes of a header or control frame that came in pieces wait for the rest. That
// is enough to put frames of our own between others, which makes possible
//
// - pings to a side that is silent, and an end to one that answers none;
// - a Close of ours in place of a cut connection;
// - limits on what a client sends.
//
// When a stream turns out to be no WebSocket, the tunnel is transparent from then on: bytes flow both ways as
// through a Tunnel, and all of the above is over. With strict rules it is closed instead.
//
// Shut, our way to close, gives the client our Close first; what the client still sends goes to the backend,
// until its own Close does, which the backend takes for an ordinary one with our code:
//
//   kWanted ──boundary──► kSent ──client's Close──► kAnswered ──both end──► closed
//      └──────────────────────┴──deadline──► kLingering ──both end, or deadline──► closed
//
// In kLingering the backend has got a Close of ours, and nothing more is relayed: both connections are only
// read until their ends, since closing over unread bytes would reset them. What the backend sends behind our
// Close is dropped.
class WebSocketTunnel final : public Tunnel {
 public:
  // `rules` is not null; it may be shared with any number of tunnels.
  WebSocketTunnel(Environment& environment, Parts parts, std::shared_ptr<const websocket::Rules> rules);
  ~WebSocketTunnel() override;

  void Shut(const CloseOrder& order) override;
  void Cut(const CloseOrder& order) override;
  std::optional<Conversation> conversation() const override;
  bool transparent() const { return transparent_; }

 private:
  enum class Mode : uint8_t {
    kFrames,  // read and relayed
    kPass,    // relayed as it comes
    kDrop,
  };

  // What comes from one side, and what is known of that side.
  struct Way : public stream::Delegate {
    Way(websocket::Sender sender, base::MonotonicTime now) : cursor(sender), keepalive(now) {}

    websocket::FrameCursor cursor;
    Keepalive keepalive;
    uint64_t messages = 0;              // text and binary
    std::unique_ptr<std::string> held;  // the beginning of a header or control frame that is not complete
    uint32_t ping_rtt = 0;              // of the last one that was answered, in microseconds; 0 = none was
    uint16_t ping = 0;                  // number of our last one to this side
    Mode mode = Mode::kFrames;
    // What comes next is the beginning of a message, and all that is to be done about a message is to count
    // it. Set behind each read that was parsed, cleared by StopParsing: the hot path asks nothing else.
    bool plain = true;

    // Whether the other side, which gets these frames, may be sent one of ours now.
    bool TakesFrames() const { return mode == Mode::kFrames && (cursor.at_boundary() || held); }
    void StopParsing(Mode instead) {
      mode = instead;
      plain = false;
    }
    std::string TakeHeld() { return held ? std::move(*std::exchange(held, nullptr)) : std::string(); }
  };

  // Hears a side's connection. Two classes, so that what tells the sides apart is no work for the hot path.
  template <websocket::Sender kSender>
  class SideDelegate final : public Way {
   public:
    SideDelegate(WebSocketTunnel& tunnel, base::MonotonicTime now) : Way(kSender, now), tunnel_(tunnel) {}

    void OnData(std::string_view bytes) override;
    void OnEnd() override { tunnel_.SideOf<kSender>().OnEnd(); }
    void OnFlushed() override { tunnel_.SideOf<kSender>().OnFlushed(); }
    void OnError(stream::Failure failure) override { tunnel_.SideOf<kSender>().OnError(failure); }

   private:
    WebSocketTunnel& tunnel_;
  };

  // One read on its way through.
  struct Passage {
    Side& from;
    Way& way;
    base::MonotonicTime now;
    const char* run;        // what begins here is not yet written
    std::string_view rest;  // not yet looked at
  };

  enum class Stage : uint8_t { kWanted, kSent, kAnswered, kLingering };
  struct Shutdown {
    CloseOrder order;
    Stage stage = Stage::kWanted;
    base::MonotonicTime deadline;
    bool failing = false;  // the client's answer is not waited for
  };

  stream::Delegate& DelegateOf(Side& side) override { return WayFrom(side); }
  void Ended(Side& side) override;
  void Failed(Side& side, stream::Failure failure) override;
  void TimedOut(telemetry::CloseReason reason) override;
  void Closing(telemetry::CloseReason reason) override;
  std::optional<base::MonotonicTime> NextDeadline() const override;
  void OnDeadline(base::MonotonicTime now) override;

  // What nearly all reads are goes by in RelayMessage.
  template <websocket::Sender kSender>
  void RelayMessage(std::string_view bytes);
  void RelayParsed(Side& from, Way& way, std::string_view bytes);
  void RelayFrames(Side& from, Way& way, std::string_view bytes, base::MonotonicTime now);
  // These return false when the rest of the read is done with too.
  bool Take(Passage& passage, websocket::FrameCursor::Step step, const char* begin);
  bool BeginData(Passage& passage, const char* begin);
  bool EndData(Passage& passage);
  bool EndControl(Passage& passage, const char* begin);
  bool CloseRelayed(Passage& passage, std::string_view payload);
  bool AtBoundary(Passage& passage);
  bool LeaveToMode(Passage& passage);

  void Hold(Passage& passage, const char* begin);
  void Flush(Passage& passage, const char* end);
  void RelayUnparsed(Side& from, Way& way, std::string_view bytes, base::MonotonicTime now);
  void NotAWebSocket(Passage& passage, const char* begin);
  void BecomeTransparent();
  std::optional<CloseOrder> Excess(const Way& way, base::MonotonicTime now);

  void JudgeSide(Side& side, Way& way, base::MonotonicTime now);
  void SendPing(Side& side, Way& way);
  bool SwallowPong(const Side& side, Way& way, std::string_view payload);
  void DeclareDead(Side& side);

  void Fail(const CloseOrder& order);
  void BeginShutdown(const CloseOrder& order, Stage stage, base::Duration time);
  void SendClose();
  void Linger();
  void Drop(Way& way);
  // Where that can be; tells whether it could.
  bool SendCloseTo(Side& side);
  void NoteClose(uint16_t code, telemetry::Initiator initiator);
  void SendControl(Side& side, websocket::Opcode opcode, std::string_view payload);

  template <websocket::Sender kSender>
  Side& SideOf() {
    return kSender == websocket::Sender::kClient ? client() : backend();
  }
  bool IsClient(const Side& side) { return &side == &client(); }
  bool Limits(const Side& from) { return limits_clients_ && IsClient(from); }
  Way& WayFrom(const Side& side) {
    if (IsClient(side)) return from_client_;
    return from_backend_;
  }
  telemetry::MessageCounters& CountersOf(const Side& from, telemetry::MessageKind kind) {
    telemetry::WebSocketInstruments& counted = instruments().websocket;
    return (IsClient(from) ? counted.received : counted.sent)[static_cast<size_t>(kind)];
  }

  const std::shared_ptr<const websocket::Rules> rules_;
  SideDelegate<websocket::Sender::kClient> from_client_;
  SideDelegate<websocket::Sender::kServer> from_backend_;
  std::unique_ptr<Shutdown> shutdown_;
  uint64_t ping_tag_ = 0;            // what our pings say; drawn with the first
  base::MonotonicTime rate_allows_;  // when the client's messages so far would have come at the allowed rate
  uint16_t close_code_ = 0;          // of the first Close
  telemetry::Initiator close_initiator_ = telemetry::Initiator::kProxy;
  bool pinging_;
  const bool limits_clients_;
  bool transparent_ = false;
};

}  // namespace fairlead::tunnel
