#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/stream/stream.h"
#include "pkg/tls/client_context.h"
#include "pkg/tls/failure.h"
#include "pkg/tls/handshake_info.h"
#include "pkg/tls/openssl_layer.h"
#include "pkg/tls/record_framer.h"
#include "pkg/tls/record_opener.h"
#include "pkg/tls/record_sealer.h"
#include "pkg/tls/server_context.h"
#include "pkg/tls/workspace.h"

namespace fairlead::tls {

// TLS over another stream, which it owns (any but a TlsStream of the same workspace).
//
// OpenSSL shakes hands. With TLS 1.3 the connection then takes its traffic keys over, frees the SSL object
// and seals and opens its records by itself; with TLS 1.2 the SSL object stays. Either way what one Write or
// one read carries becomes one Write of the stream below, or one OnData: at most 16 KiB to a record.
//
// As a stream: close_notify is the end of a direction. The end of the stream below without one is an error
// (kTruncated), as is what a peer may not send (kProtocol), which it is told with an alert. Destruction in
// order sends close_notify. Start begins the handshake; what is written before its end waits for it. It has
// no deadline of its own: whoever waits has one.
class TlsStream final : public stream::Stream, private stream::Delegate {
 public:
  // Told once how the handshake went, from the loop; kNone when it is done. The stream may be destroyed
  // inside.
  using Shaken = absl::AnyInvocable<void(Failure)>;

  // The server's side. Null when OpenSSL has no memory for it.
  static std::unique_ptr<TlsStream> Accept(Workspace& workspace, std::shared_ptr<const ServerContext> context,
                                           std::unique_ptr<stream::Stream> below);
  // The client's side. Sessions are kept and looked for under `session_key` (the backend's address, say).
  static std::unique_ptr<TlsStream> Connect(Workspace& workspace,
                                            std::shared_ptr<const ClientContext> context,
                                            std::string_view session_key,
                                            std::unique_ptr<stream::Stream> below);
  ~TlsStream() override;

  // Begins the handshake ahead of Start. What the peer sends behind it waits for Start. A handshake that
  // fails is told to `shaken` and not to the delegate.
  void Handshake(Shaken shaken);

  // What was read of the stream below before this had it: comes ahead of all else, once and behind Handshake.
  // `shaken` may be called inside, and this destroyed there.
  void Feed(std::string_view bytes) { Consume(bytes); }
  // The stream below, of a handshake that failed: an alert may have to be read by the peer before that is
  // closed. This can only be destroyed then.
  std::unique_ptr<stream::Stream> TakeBelow() { return std::move(below_); }

  // What the handshake agreed on; null before its end, and once taken. Worth taking: the stream needs it no
  // more.
  const HandshakeInfo* info() const { return info_.get(); }
  std::unique_ptr<HandshakeInfo> TakeInfo() { return std::move(info_); }
  // Why it is over; kNone while it is not. error() is never empty for a handshake that failed; nothing stands
  // there that the peer has sent.
  Failure failure() const { return failure_; }
  const std::string& error() const;
  // Whether it goes on without OpenSSL's SSL object.
  bool compact() const { return sealer_.has_value(); }

  void SetDelegate(stream::Delegate* delegate) override { delegate_ = delegate; }
  void Start() override;
  stream::WriteResult Write(std::string_view bytes) override;
  void End() override;
  void Pause(stream::PauseReason reason) override;
  void Resume(stream::PauseReason reason) override;
  size_t buffered() const override;
  size_t unacknowledged() const override;
  void ResetOnClose() override;
  void SetPeerTimeout(base::Duration timeout) override { below_->SetPeerTimeout(timeout); }

  // For the workspace.
  void OnDue();

 private:
  enum class State : uint8_t { kNew, kShaking, kOpen, kFailed };

  // The last records of a handshake, which wait for the next to go with it: a client's until its owner has
  // been told and may have written, a server's session tickets for the answer to what its client has asked
  // already, until the next tick of the deadlines. Only where records are compact. Not counted in buffered().
  struct Held final : base::DeadlineWheel::Entry {
    Held(TlsStream& stream, std::string_view records) : stream(stream), records(records) {}
    void OnDeadline(base::MonotonicTime) override { stream.SendHeld(); }

    TlsStream& stream;
    const std::string records;
  };

  // What only a handshake needs.
  struct Shaking {
    Shaken shaken;
    std::string early;  // written meanwhile
    std::string error;
  };

  TlsStream(Workspace& workspace, Side side, std::unique_ptr<OpenSslLayer> openssl, bool may_be_compact,
            std::unique_ptr<stream::Stream> below);

  void OnData(std::string_view bytes) override { Consume(bytes); }
  void OnEnd() override;
  void OnFlushed() override;
  void OnError(stream::Failure failure) override;

  // Each of these answers whether the stream is still there and unbroken.

  bool Consume(std::string_view in);
  // `rest` came behind the record.
  bool ShakeHands(std::string_view record, std::string_view rest);
  bool RefuseForeign(std::string_view in);
  // `more_came`: the peer has sent something behind its handshake.
  bool Establish(bool more_came);
  bool ReadCompact(std::string_view in);
  bool ReadOpenSsl(std::string_view in);
  // Hands on what was opened, then tells what came behind it.
  bool Deliver(std::optional<Alert> alert, Failure failure);
  bool TellEnd();
  bool Survives(absl::FunctionRef<void()> callback);

  // Deals with a record that was opened. What is wrong with the connection now, if anything.
  Failure Handle(const RecordOpener::Opened& opened, std::string_view record);
  void GoCompact(uint64_t written);
  stream::WriteResult WriteOpen(std::string_view bytes);
  void AppendOwed();
  void AppendCloseNotify();
  void SendEnd();
  void Hold();
  void SendHeld();
  // Where compact records are put, behind those that are held, which this puts there. A Flush follows.
  Scratch& SealedBehindHeld();
  stream::WriteResult Flush();
  void Fail(Failure failure);
  void TellFailure();
  bool reading() const { return started_ && paused_ == 0 && delegate_ != nullptr; }
  void UpdateReading();
  void Schedule();

  Workspace& workspace_;
  std::unique_ptr<stream::Stream> below_;
  stream::Delegate* delegate_ = nullptr;
  // While shaking hands, and afterwards where records are not compact. A client's compact connection keeps it
  // for the session tickets that come ahead of the first data.
  std::unique_ptr<OpenSslLayer> openssl_;
  std::unique_ptr<Shaking> shaking_;
  std::unique_ptr<HandshakeInfo> info_;
  std::unique_ptr<Held> held_;
  RecordFramer framer_;
  std::optional<RecordSealer> sealer_;
  std::optional<RecordOpener> opener_;
  const Side side_;
  State state_ = State::kNew;
  Failure failure_ = Failure::kNone;
  stream::Failure failure_below_ = stream::Failure::kOther;
  bool owes_update_ = false;  // a KeyUpdate that the peer has asked for, ahead of the next application data
  uint8_t paused_ = 0;        // set of stream::PauseReason
  const bool may_be_compact_;
  bool started_ = false;
  bool holding_ = false;   // the framer holds what came while it was not the time for it
  bool end_seen_ = false;  // close_notify
  bool end_told_ = false;
  bool end_asked_ = false;
  bool end_sent_ = false;
  bool failure_told_ = false;
  bool reset_asked_ = false;
  bool scheduled_ = false;
};

}  // namespace fairlead::tls
