#pragma once

#include <memory>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/loop/loop.h"
#include "pkg/stream/stream.h"

namespace fairlead::demo {

// Sees a connection off after the last answer: ends our side behind what is written, then throws away what
// the client still sends until it ends too. Closing at once would reset the connection, and with it what the
// client has not read.
class LingeringClose final : private stream::Delegate, private base::DeadlineWheel::Entry {
 public:
  // How long a client may take.
  static constexpr base::Duration kPatience{5000};

  // Called once, from the loop. Must not destroy the object inside: bury it.
  using Done = absl::AnyInvocable<void(LingeringClose&)>;

  LingeringClose(loop::Loop& loop, std::unique_ptr<stream::Stream> stream, Done done);
  LingeringClose(const LingeringClose&) = delete;
  LingeringClose& operator=(const LingeringClose&) = delete;

 private:
  void OnData(std::string_view) override {}
  void OnEnd() override;
  void OnFlushed() override;
  void OnError(stream::Failure) override { Finish(); }
  void OnDeadline(base::MonotonicTime) override { Finish(); }
  void Finish();

  std::unique_ptr<stream::Stream> stream_;
  Done done_;
  bool client_ended_ = false;
};

}  // namespace fairlead::demo
