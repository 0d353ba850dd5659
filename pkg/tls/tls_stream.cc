#include "pkg/tls/tls_stream.h"

#include <utility>

namespace fairlead::tls {
namespace {

// What one Write of the stream below carries: four records.
constexpr size_t kBatch = 4 * kMaxContent;

stream::Failure ToStream(Failure failure, stream::Failure below) {
  switch (failure) {
    case Failure::kTransport:
      return below;
    case Failure::kTruncated:
      return stream::Failure::kTruncated;
    default:
      return stream::Failure::kProtocol;
  }
}

}  // namespace

std::unique_ptr<TlsStream> TlsStream::Accept(Workspace& workspace,
                                             std::shared_ptr<const ServerContext> context,
                                             std::unique_ptr<stream::Stream> below) {
  SslPtr ssl(context->NewConnection());
  if (!ssl) return nullptr;
  const bool may_be_compact = context->compact_records();
  auto layer = std::make_unique<OpenSslLayer>(std::move(ssl), Side::kServer, std::move(context),
                                              workspace.bio_method(), &workspace.sealed());
  return std::unique_ptr<TlsStream>(
      new TlsStream(workspace, Side::kServer, std::move(layer), may_be_compact, std::move(below)));
}

std::unique_ptr<TlsStream> TlsStream::Connect(Workspace& workspace,
                                              std::shared_ptr<const ClientContext> context,
                                              std::string_view session_key,
                                              std::unique_ptr<stream::Stream> below) {
  SslPtr ssl(context->NewConnection(session_key));
  if (!ssl) return nullptr;
  const bool may_be_compact = context->compact_records();
  auto layer = std::make_unique<OpenSslLayer>(std::move(ssl), Side::kClient, std::move(context),
                                              workspace.bio_method(), &workspace.sealed());
  layer->SetSessionKey(session_key);
  return std::unique_ptr<TlsStream>(
      new TlsStream(workspace, Side::kClient, std::move(layer), may_be_compact, std::move(below)));
}

TlsStream::TlsStream(Workspace& workspace, Side side, std::unique_ptr<OpenSslLayer> openssl,
                     bool may_be_compact, std::unique_ptr<stream::Stream> below)
    : workspace_(workspace),
      below_(std::move(below)),
      openssl_(std::move(openssl)),
      shaking_(std::make_unique<Shaking>()),
      side_(side),
      may_be_compact_(may_be_compact) {
  below_->SetDelegate(this);
}

TlsStream::~TlsStream() {
  if (state_ == State::kOpen && !end_asked_ && !reset_asked_ && below_->buffered() == 0) {
    AppendCloseNotify();
    if (end_seen_) {
      below_->WriteLast(workspace_.sealed().view());
      workspace_.sealed().Clear();
    } else {
      Flush();
    }
  }
  if (state_ == State::kOpen)
    --(compact() ? workspace_.counts().open_compact : workspace_.counts().open_openssl);
  if (scheduled_) workspace_.Forget(*this);
  if (workspace_.calling == this) workspace_.calling = nullptr;
}

const std::string& TlsStream::error() const {
  static const std::string kNothing;
  return shaking_ ? shaking_->error : kNothing;
}

void TlsStream::Handshake(Shaken shaken) {
  shaking_->shaken = std::move(shaken);
  state_ = State::kShaking;
  below_->Start();
  UpdateReading();
  if (side_ == Side::kServer) return;
  const auto step = openssl_->Shake({});
  Flush();
  if (step != OpenSslLayer::Step::kFailed) return;
  Fail(openssl_->ReasonOfFailure(&shaking_->error));
  Schedule();
}

void TlsStream::Start() {
  started_ = true;
  if (state_ == State::kNew) return Handshake(nullptr);
  UpdateReading();
}

void TlsStream::OnEnd() {
  if (state_ == State::kFailed || end_seen_) return;
  Fail(Failure::kTruncated);
  TellFailure();
}

void TlsStream::OnError(stream::Failure failure) {
  if (state_ == State::kFailed) return;
  failure_below_ = failure;
  Fail(Failure::kTransport);
  TellFailure();
}

void TlsStream::OnFlushed() {
  if (state_ != State::kOpen) return;
  if (owes_update_) {
    AppendOwed();
    Flush();
  }
  if (delegate_ != nullptr) delegate_->OnFlushed();
}

void TlsStream::Fail(Failure failure) {
  Workspace::Counts& counts = workspace_.counts();
  if (state_ == State::kOpen) {
    --(compact() ? counts.open_compact : counts.open_openssl);
  } else {
    ++counts.failed;
    if (shaking_->error.empty()) shaking_->error = "the connection ended";
  }
  state_ = State::kFailed;
  failure_ = failure;
  held_.reset();
  below_->Pause(stream::PauseReason::kHeld);
}

void TlsStream::TellFailure() {
  if (std::exchange(failure_told_, true)) return;
  if (shaking_ && shaking_->shaken) {
    // Moved out first: the callback may destroy this.
    Shaken shaken = std::move(shaking_->shaken);
    shaken(failure_);
  } else if (delegate_ != nullptr) {
    delegate_->OnError(ToStream(failure_, failure_below_));
  }
}

stream::WriteResult TlsStream::Write(std::string_view bytes) {
  if (state_ == State::kOpen) return WriteOpen(bytes);
  if (state_ != State::kFailed) shaking_->early.append(bytes);
  return stream::WriteResult::kBuffered;
}

stream::WriteResult TlsStream::WriteOpen(std::string_view bytes) {
  auto result = buffered() == 0 ? stream::WriteResult::kFlushed : stream::WriteResult::kBuffered;
  while (!bytes.empty()) {
    const std::string_view batch = bytes.substr(0, kBatch);
    bytes.remove_prefix(batch.size());
    if (compact()) {
      if (owes_update_) AppendOwed();
      sealer_->AppendData(workspace_.crypto(), batch, workspace_.records_per_key(), &SealedBehindHeld());
    } else if (!openssl_->Write(batch)) {
      Flush();
      Fail(Failure::kProtocol);
      Schedule();
      return stream::WriteResult::kBuffered;
    }
    result = Flush();
  }
  return result;
}

void TlsStream::AppendOwed() {
  sealer_->AppendKeyUpdate(workspace_.crypto(), &SealedBehindHeld());
  owes_update_ = false;
}

void TlsStream::AppendCloseNotify() {
  if (compact()) {
    sealer_->AppendAlert(workspace_.crypto(), Alert::kCloseNotify, &SealedBehindHeld());
  } else {
    openssl_->SendCloseNotify();
  }
}

void TlsStream::End() {
  if (std::exchange(end_asked_, true)) return;
  if (state_ == State::kOpen) SendEnd();
}

void TlsStream::SendEnd() {
  AppendCloseNotify();
  Flush();
  end_sent_ = true;
  below_->End();
}

Scratch& TlsStream::SealedBehindHeld() {
  Scratch& sealed = workspace_.sealed();
  if (held_) sealed.Append(std::exchange(held_, nullptr)->records);
  return sealed;
}

void TlsStream::Hold() {
  held_ = std::make_unique<Held>(*this, workspace_.sealed().view());
  workspace_.sealed().Clear();
}

void TlsStream::SendHeld() {
  if (!held_) return;
  SealedBehindHeld();
  Flush();
}

stream::WriteResult TlsStream::Flush() {
  Scratch& sealed = workspace_.sealed();
  auto result = stream::WriteResult::kFlushed;
  if (!sealed.empty() && !end_sent_) result = below_->Write(sealed.view());
  sealed.Clear();
  return result;
}

void TlsStream::Pause(stream::PauseReason reason) {
  paused_ |= static_cast<uint8_t>(reason);
  UpdateReading();
}

void TlsStream::Resume(stream::PauseReason reason) {
  paused_ &= ~static_cast<uint8_t>(reason);
  UpdateReading();
}

void TlsStream::UpdateReading() {
  const bool wanted =
      state_ == State::kShaking ? paused_ == 0 : state_ == State::kOpen && reading() && !end_seen_;
  if (wanted) {
    below_->Resume(stream::PauseReason::kHeld);
  } else {
    below_->Pause(stream::PauseReason::kHeld);
  }
  if (state_ == State::kOpen && reading() && (holding_ || (end_seen_ && !end_told_))) Schedule();
}

void TlsStream::Schedule() {
  if (!std::exchange(scheduled_, true)) workspace_.Schedule(*this);
}

size_t TlsStream::buffered() const {
  return below_->buffered() + (shaking_ ? shaking_->early.size() : 0);
}

size_t TlsStream::unacknowledged() const {
  return below_->unacknowledged() + (shaking_ ? shaking_->early.size() : 0);
}

void TlsStream::ResetOnClose() {
  reset_asked_ = true;
  below_->ResetOnClose();
}

}  // namespace fairlead::tls
