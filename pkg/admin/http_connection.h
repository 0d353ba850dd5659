#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "pkg/admin/http_message.h"
#include "pkg/base/clock.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/http1/head_limits.h"
#include "pkg/http1/request_reader.h"
#include "pkg/loop/loop.h"
#include "pkg/stream/stream.h"

namespace fairlead::admin {

// One client of an HttpServer: reads one request head, answers it (its body, if any, is not looked at) and
// closes once the client has. On the loop's thread.
class HttpConnection final : public stream::Delegate, private base::DeadlineWheel::Entry {
 public:
  static constexpr base::Duration kHeadTimeout{5000};     // for the head to come
  static constexpr base::Duration kAnswerTimeout{15000};  // for the answer to be taken
  static constexpr http1::HeadLimits kLimits{
      .max_head_bytes = 8192, .max_start_line_bytes = 4096, .max_fields = 64};

  // Called once, when there is nothing more to do. Must not destroy the connection inside: bury it.
  using Done = std::function<void(HttpConnection*)>;

  // `handler` and what `done` refers to outlive the connection.
  HttpConnection(loop::Loop& loop, std::unique_ptr<stream::Stream> stream, const HttpHandler& handler,
                 Done done);

  // Ends it, whatever it is at.
  void Close();

  void OnData(std::string_view bytes) override;
  void OnEnd() override;
  void OnFlushed() override;
  void OnError(stream::Failure failure) override;

 private:
  enum class State {
    kReading,
    kAnswered,  // waits for the client to close, so that a reset does not overtake the answer
    kEnded,     // the client has closed, and takes the rest of the answer
    kDone,
  };

  void OnDeadline(base::MonotonicTime now) override;
  HttpResponse Handle();
  void Answer(const HttpResponse& response, bool with_body);

  loop::Loop& loop_;
  const std::unique_ptr<stream::Stream> stream_;
  const HttpHandler& handler_;
  const Done done_;
  http1::RequestReader reader_;
  State state_ = State::kReading;
};

}  // namespace fairlead::admin
