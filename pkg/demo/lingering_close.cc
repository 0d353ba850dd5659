#include "pkg/demo/lingering_close.h"

#include <utility>

namespace fairlead::demo {

LingeringClose::LingeringClose(loop::Loop& loop, std::unique_ptr<stream::Stream> stream, Done done)
    : stream_(std::move(stream)), done_(std::move(done)) {
  stream_->SetDelegate(this);
  stream_->End();
  stream_->Resume(stream::PauseReason::kPeerFull);
  loop.deadlines().Arm(*this, loop.Now() + kPatience);
}

void LingeringClose::OnEnd() {
  client_ended_ = true;
  if (stream_->buffered() == 0) Finish();
}

void LingeringClose::OnFlushed() {
  if (client_ended_) Finish();
}

void LingeringClose::Finish() {
  Disarm();
  stream_.reset();
  done_(*this);
}

}  // namespace fairlead::demo
