#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/clock.h"
#include "pkg/stream/stream.h"

namespace fairlead::testing {

// The far end of a stream that is no socket: the test says what arrives and how much the peer takes, and sees
// all that was done to the stream, its destruction included. Whoever breaks the contract of stream::Stream
// fails the test.
//
// What arrives is delivered by the call that sends it, or, while the stream is paused, by the next Turn after
// it was resumed: a stream calls nobody back from inside its own methods.
class ScriptedPeer {
 public:
  ScriptedPeer() = default;
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  // The near end. Once; it must not outlive this.
  std::unique_ptr<stream::Stream> Connect() {
    auto near = std::make_unique<Near>(*this);
    near_ = near.get();
    return near;
  }

  // One read of the near end.
  void Send(std::string bytes) {
    arrivals_.push_back(std::move(bytes));
    Turn();
  }
  // Half-close.
  void End() {
    end_sent_ = true;
    Turn();
  }
  // The connection breaks.
  void Break(stream::Failure failure) {
    broken_ = true;
    if (near_ != nullptr && delegate_ != nullptr) delegate_->OnError(failure);
  }

  // The peer's kernel takes this much more and then nothing, until Take. Unlimited at first.
  void SetRoom(size_t bytes) { room_ = bytes; }
  // The peer takes that much of what waits, all if there is less.
  void Take(size_t bytes) {
    const size_t taken = std::min(bytes, waiting_.size());
    received_.append(waiting_, 0, taken);
    waiting_.erase(0, taken);
    if (taken > 0 && waiting_.empty() && near_ != nullptr && !broken_) delegate_->OnFlushed();
  }
  // The peer takes all that waits, and all that follows.
  void TakeAll() {
    room_ = kUnlimited;
    Take(kUnlimited);
  }

  // Delivers what may be delivered.
  void Turn() {
    while (reading() && !arrivals_.empty()) {
      const std::string bytes = std::move(arrivals_.front());
      arrivals_.pop_front();
      delegate_->OnData(bytes);
    }
    if (reading() && end_sent_ && !std::exchange(end_delivered_, true)) delegate_->OnEnd();
  }

  // So much of what was written is still under way, whatever `received` says.
  void SetInFlight(size_t bytes) { in_flight_ = bytes; }

  // What the peer has got.
  const std::string& received() const { return received_; }
  // In how many pieces it was written.
  size_t writes() const { return writes_; }
  // Whether it has seen the end, behind all of that.
  bool received_end() const { return end_asked_ && waiting_.empty(); }
  size_t waiting() const { return waiting_.size(); }

  bool reading() const {
    return near_ != nullptr && delegate_ != nullptr && started_ && paused_ == 0 && !broken_;
  }
  bool paused(stream::PauseReason reason) const { return (paused_ & static_cast<uint8_t>(reason)) != 0; }
  bool closed() const { return was_closed_; }
  // Whether the last bytes were said to be that.
  bool closed_with_last_bytes() const { return was_closed_ && last_written_; }
  bool closed_by_reset() const { return was_closed_ && reset_asked_; }
  std::optional<base::Duration> peer_timeout() const { return peer_timeout_; }

 private:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();

  class Near final : public stream::Stream {
   public:
    explicit Near(ScriptedPeer& peer) : peer_(peer) {}
    ~Near() override {
      peer_.near_ = nullptr;
      peer_.was_closed_ = true;
    }

    void SetDelegate(stream::Delegate* delegate) override { peer_.delegate_ = delegate; }
    void Start() override {
      EXPECT_FALSE(std::exchange(peer_.started_, true)) << "started twice";
      EXPECT_NE(peer_.delegate_, nullptr) << "started without a delegate";
    }
    stream::WriteResult Write(std::string_view bytes) override { return peer_.Accept(bytes); }
    void WriteLast(std::string_view bytes) override {
      peer_.Accept(bytes);
      peer_.last_written_ = true;
    }
    void End() override {
      EXPECT_FALSE(peer_.last_written_) << "ended behind the last bytes";
      peer_.end_asked_ = true;
    }
    void Pause(stream::PauseReason reason) override { peer_.paused_ |= static_cast<uint8_t>(reason); }
    void Resume(stream::PauseReason reason) override { peer_.paused_ &= ~static_cast<uint8_t>(reason); }
    size_t buffered() const override { return peer_.waiting_.size(); }
    size_t unacknowledged() const override { return peer_.waiting_.size() + peer_.in_flight_; }
    void ResetOnClose() override { peer_.reset_asked_ = true; }
    void SetPeerTimeout(base::Duration timeout) override { peer_.peer_timeout_ = timeout; }

   private:
    ScriptedPeer& peer_;
  };

  stream::WriteResult Accept(std::string_view bytes) {
    EXPECT_FALSE(end_asked_ || last_written_) << "written behind the end";
    if (broken_) return stream::WriteResult::kBuffered;
    ++writes_;
    const size_t taken = waiting_.empty() ? std::min(room_, bytes.size()) : 0;
    if (room_ != kUnlimited) room_ -= taken;
    received_.append(bytes, 0, taken);
    waiting_.append(bytes, taken);
    return waiting_.empty() ? stream::WriteResult::kFlushed : stream::WriteResult::kBuffered;
  }

  Near* near_ = nullptr;
  stream::Delegate* delegate_ = nullptr;
  bool started_ = false;
  uint8_t paused_ = 0;  // set of stream::PauseReason
  bool broken_ = false;
  bool was_closed_ = false;
  bool reset_asked_ = false;
  std::optional<base::Duration> peer_timeout_;

  // On the way to the near end.
  std::deque<std::string> arrivals_;
  bool end_sent_ = false;
  bool end_delivered_ = false;

  // On the way to the peer.
  size_t room_ = kUnlimited;
  std::string waiting_;
  std::string received_;
  size_t writes_ = 0;
  size_t in_flight_ = 0;
  bool end_asked_ = false;
  bool last_written_ = false;
};

}  // namespace fairlead::testing
