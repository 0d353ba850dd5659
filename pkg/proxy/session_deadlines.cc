#include <algorithm>

#include "pkg/proxy/session.h"

namespace fairlead::proxy {
namespace {

// How long a client may take to read the end of an answer that ends the connection.
constexpr base::Duration kLingerTimeout{5000};

using Deadline = std::optional<base::MonotonicTime>;

Deadline Earlier(Deadline a, Deadline b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

std::optional<base::MonotonicTime> Session::Due() const {
  const auto after = [this](base::Duration timeout) -> std::optional<base::MonotonicTime> {
    if (timeout <= base::Duration(0)) return std::nullopt;
    return last_activity_ + timeout;
  };
  switch (state_) {
    case State::kProxyHeader:
    case State::kTls:
    case State::kHead:
      return after(patience_);
    case State::kResponse:
      return Earlier(after(exchange_->response_timeout()), exchange_->BodyDue());
    case State::kBody:
      return Earlier(after(waiting_ > 0 ? exchange_->write_timeout() : exchange_->response_timeout()),
                     exchange_->BodyDue());
    case State::kLinger:
      return after(kLingerTimeout);
    default:
      return std::nullopt;  // connecting has a deadline of its own
  }
}

void Session::ArmDeadline() {
  if (const auto due = Due()) {
    context_.loop.deadlines().Arm(*this, *due);
  } else {
    Disarm();
  }
}

void Session::OnDeadline(base::MonotonicTime now) {
  if (const size_t waiting = client_->buffered(); waiting != waiting_) {
    waiting_ = waiting;  // a slow reader, but a reader
    Touch();
  }
  const auto due = Due();
  if (!due || now < *due) return ArmDeadline();
  TimedOut();
}

void Session::TimedOut() {
  switch (state_) {
    case State::kProxyHeader:
      return Reject(telemetry::ConnectionReject::kProxyTimeout);
    case State::kTls:
      return Reject(telemetry::ConnectionReject::kTlsTimeout);
    case State::kHead:
      // Nothing to answer on a connection that has asked nothing.
      return reader_.started() ? RefuseHead(kSlowHead) : Close();
    case State::kResponse:
    case State::kBody:
      return exchange_->OnTimeout();
    default:
      return Close();
  }
}

}  // namespace fairlead::proxy
