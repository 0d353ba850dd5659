// The receiving half of TlsStream: from the first byte of a handshake to content and the end.

#include <algorithm>
#include <utility>

#include "pkg/tls/tls_stream.h"

namespace fairlead::tls {
namespace {

// How many records of application data type are in there. What a server writes when it has read the client's
// Finished are tickets, under the final keys; what a client writes last is its own Finished.
uint64_t CountProtected(std::string_view records) {
  uint64_t count = 0;
  while (records.size() >= kHeaderBytes) {
    if (records[0] == static_cast<char>(ContentType::kApplicationData)) ++count;
    const size_t payload = static_cast<uint8_t>(records[3]) << 8 | static_cast<uint8_t>(records[4]);
    records.remove_prefix(std::min(records.size(), kHeaderBytes + payload));
  }
  return count;
}

}  // namespace

bool TlsStream::Survives(absl::FunctionRef<void()> callback) {
  TlsStream* const outer = std::exchange(workspace_.calling, this);
  Workspace& workspace = workspace_;
  callback();
  return std::exchange(workspace.calling, outer) == this;
}

bool TlsStream::Consume(std::string_view in) {
  while (state_ == State::kShaking) {
    std::string_view record;
    const auto result = framer_.Next(&in, kMaxLegacyCiphertext, &record);
    if (result == RecordFramer::Result::kMore) return true;
    if (result != RecordFramer::Result::kRecord) return RefuseForeign(in);
    if (!ShakeHands(record, in)) return false;
  }
  if (state_ != State::kOpen || end_seen_) return true;
  if (!reading()) {
    framer_.Hold(in);
    holding_ = true;
    UpdateReading();
    return true;
  }
  holding_ = false;
  return compact() ? ReadCompact(in) : ReadOpenSsl(in);
}

bool TlsStream::ShakeHands(std::string_view record, std::string_view rest) {
  const OpenSslLayer::Step step = openssl_->Shake(record);
  if (step == OpenSslLayer::Step::kDone) return Establish(!rest.empty());
  Flush();
  if (step == OpenSslLayer::Step::kMore) return true;
  Fail(openssl_->ReasonOfFailure(&shaking_->error));
  TellFailure();
  return false;
}

bool TlsStream::RefuseForeign(std::string_view in) {
  // OpenSSL knows best what to answer. It gets no more than a header, however much has come by now: with more
  // it could take up a hello of SSLv2's form.
  openssl_->Shake((framer_.rest().empty() ? in : framer_.rest()).substr(0, kHeaderBytes));
  Flush();
  openssl_->ReasonOfFailure(&shaking_->error);
  if (shaking_->error.empty()) shaking_->error = "not a TLS record";
  Fail(Failure::kHandshake);
  TellFailure();
  return false;
}

bool TlsStream::Establish(bool more_came) {
  state_ = State::kOpen;
  const uint64_t written = side_ == Side::kServer ? CountProtected(workspace_.sealed().view()) : 0;
  info_ = std::make_unique<HandshakeInfo>(openssl_->Describe());
  if (may_be_compact_) GoCompact(written);
  Workspace::Counts& counts = workspace_.counts();
  ++counts.handshakes;
  if (info_->resumed) ++counts.resumed;
  ++(compact() ? counts.open_compact : counts.open_openssl);

  const std::unique_ptr<Shaking> shaking = std::move(shaking_);
  bool flushed = false;
  if (!shaking->early.empty()) {
    flushed = WriteOpen(shaking->early) == stream::WriteResult::kFlushed;
  } else if (compact() && side_ == Side::kClient) {
    Hold();
  } else if (compact() && written > 0 && more_came) {
    Hold();
    workspace_.deadlines().Arm(*held_, base::MonotonicTime());  // the next tick
  } else {
    Flush();
  }
  if (end_asked_) SendEnd();
  if (shaking->shaken && !Survives([&] { shaking->shaken(Failure::kNone); })) return false;
  if (side_ == Side::kClient) SendHeld();
  return !flushed || Survives([&] { delegate_->OnFlushed(); });
}

void TlsStream::GoCompact(uint64_t written) {
  const auto keys = openssl_->TakeKeys(written);
  if (!keys) return;
  sealer_.emplace(keys->write);
  opener_.emplace(keys->read, side_);
  if (side_ == Side::kServer) openssl_.reset();
}

bool TlsStream::ReadCompact(std::string_view in) {
  Scratch& opened = workspace_.opened();
  opened.Clear();
  Failure failure = Failure::kNone;
  std::optional<Alert> alert;
  while (failure == Failure::kNone && !end_seen_) {
    std::string_view record;
    const auto result = framer_.Next(&in, kMaxCiphertext, &record);
    if (result == RecordFramer::Result::kMore) break;
    if (result != RecordFramer::Result::kRecord) {
      const bool foreign = result == RecordFramer::Result::kForeign;
      alert = foreign ? Alert::kUnexpectedMessage : Alert::kRecordOverflow;
      failure = Failure::kProtocol;
      break;
    }
    uint8_t* out = opened.Extend(record.size());
    const RecordOpener::Opened content = opener_->Open(workspace_.crypto(), record, out);
    opened.Shrink(record.size() - content.size);
    failure = Handle(content, record);
    if (failure == Failure::kProtocol) alert = content.alert;
  }
  return Deliver(alert, failure);
}

Failure TlsStream::Handle(const RecordOpener::Opened& opened, std::string_view record) {
  if (opened.kind == RecordOpener::Kind::kTicket) {
    // OpenSSL makes a session of it. What it would write is not under our count, and not sent.
    if (openssl_ && openssl_->Read(record, &workspace_.opened()) != OpenSslLayer::Step::kMore)
      openssl_.reset();
    workspace_.sealed().Clear();
    return Failure::kNone;
  }
  openssl_.reset();  // it has not seen this record, and tickets come ahead of all others
  switch (opened.kind) {
    case RecordOpener::Kind::kKeyRequest:
      owes_update_ = true;
      return Failure::kNone;
    case RecordOpener::Kind::kClosed:
      end_seen_ = true;
      below_->Pause(stream::PauseReason::kHeld);
      return Failure::kNone;
    case RecordOpener::Kind::kAborted:
      return Failure::kAborted;
    case RecordOpener::Kind::kError:
      return Failure::kProtocol;
    default:
      return Failure::kNone;
  }
}

bool TlsStream::ReadOpenSsl(std::string_view in) {
  Scratch& opened = workspace_.opened();
  opened.Clear();
  Failure failure = Failure::kNone;
  while (failure == Failure::kNone && !end_seen_) {
    std::string_view record;
    const auto result = framer_.Next(&in, kMaxLegacyCiphertext, &record);
    if (result == RecordFramer::Result::kMore) break;
    const bool foreign = result != RecordFramer::Result::kRecord;
    if (foreign) record = framer_.rest().empty() ? in : framer_.rest();
    const OpenSslLayer::Step step = openssl_->Read(record, &opened);
    end_seen_ = step == OpenSslLayer::Step::kDone;
    if (step == OpenSslLayer::Step::kFailed) {
      failure = openssl_->AbortedByPeer() ? Failure::kAborted : Failure::kProtocol;
    } else if (foreign) {
      failure = Failure::kProtocol;
    }
  }
  if (end_seen_) below_->Pause(stream::PauseReason::kHeld);
  Flush();  // an alert, or the answer to a KeyUpdate
  return Deliver(std::nullopt, failure);
}

bool TlsStream::Deliver(std::optional<Alert> alert, Failure failure) {
  const std::string_view content = workspace_.opened().view();
  if (!content.empty() && !Survives([&] { delegate_->OnData(content); })) return false;
  if (failure != Failure::kNone && state_ == State::kOpen) {
    if (alert) {  // OpenSSL sends its own
      sealer_->AppendAlert(workspace_.crypto(), *alert, &SealedBehindHeld());
      Flush();
    }
    Fail(failure);
    TellFailure();
    return false;
  }
  if (state_ != State::kOpen) return false;
  // Where something waits already, the answer does so as well: one is enough, however often it is asked for.
  if (owes_update_ && below_->buffered() == 0) {
    AppendOwed();
    Flush();
  }
  return !end_seen_ || TellEnd();
}

bool TlsStream::TellEnd() {
  if (end_told_ || !reading()) return true;
  end_told_ = true;
  return Survives([&] { delegate_->OnEnd(); });
}

void TlsStream::OnDue() {
  scheduled_ = false;
  if (state_ == State::kFailed) return TellFailure();
  if (!reading()) return;
  if (holding_ && !Consume({})) return;
  if (end_seen_) TellEnd();
}

}  // namespace fairlead::tls
