#include "pkg/demo/echo_socket.h"

#include <utility>

namespace fairlead::demo {

EchoSocket::EchoSocket(std::unique_ptr<stream::Stream> stream, Done done)
    : stream_(std::move(stream)), done_(std::move(done)) {}

void EchoSocket::Start(std::string_view hello, std::string_view early) {
  stream_->SetDelegate(this);
  stream_->Start();
  std::string out;
  AppendFrame({.final = true, .opcode = Opcode::kText, .payload = hello}, &out);
  const bool stays_open = AnswerFrames(early, &out);
  Send(out, stays_open);
}

void EchoSocket::OnData(std::string_view bytes) {
  std::string out;
  const bool stays_open = AnswerFrames(bytes, &out);
  Send(out, stays_open);
}

bool EchoSocket::AnswerFrames(std::string_view in, std::string* out) {
  while (true) {
    switch (reader_.Next(&in)) {
      case FrameReader::Event::kNeedMore:
        return true;
      case FrameReader::Event::kError:
        AppendClose(reader_.error(), out);
        return false;
      case FrameReader::Event::kFrame:
        break;
    }
    Frame frame = reader_.frame();
    if (frame.opcode == Opcode::kPong) continue;  // nobody asked for it (RFC 6455 §5.5.3)
    if (frame.opcode == Opcode::kPing) frame.opcode = Opcode::kPong;
    if (frame.opcode == Opcode::kClose)
      frame.payload = frame.payload.substr(0, 2);  // the code, not the reason
    AppendFrame(frame, out);
    if (frame.opcode == Opcode::kClose) return false;
  }
}

void EchoSocket::Send(const std::string& out, bool stays_open) {
  if (out.empty()) return;
  const stream::WriteResult result = stream_->Write(out);
  if (!stays_open) {
    done_(*this, Outcome::kClosed);
  } else if (result == stream::WriteResult::kBuffered) {
    stream_->Pause(stream::PauseReason::kPeerFull);
  }
}

}  // namespace fairlead::demo
