#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "pkg/base/address.h"
#include "pkg/base/deadline_wheel.h"
#include "pkg/base/random.h"
#include "pkg/config/resilience.h"
#include "pkg/http1/response_reader.h"
#include "pkg/loop/connect.h"
#include "pkg/loop/loop.h"
#include "pkg/stream/stream.h"
#include "pkg/tls/client_context.h"
#include "pkg/tls/tls_stream.h"
#include "pkg/tls/workspace.h"

namespace fairlead::health {

// How an endpoint is spoken to: in the clear, or over TLS. Wanted without a context, it cannot be.
struct Security {
  bool wanted = false;
  std::shared_ptr<const tls::ClientContext> context = nullptr;

  bool operator==(const Security&) const = default;
};

// One question to an endpoint, from the connect to the answer. One thread; destroying it gives up.
class Probe final : private base::DeadlineWheel::Entry, private stream::Delegate {
 public:
  enum class Outcome : uint8_t {
    kGood,
    kBad,
    kNotAsked,  // for want of something of ours, such as a descriptor: nothing is said of the endpoint
  };
  // Called once, from the loop or from inside Start; `problem` says what is wrong, where it is not good. The
  // probe may be destroyed inside. A good one may have a Close to deliver still, as long as it lives.
  using Done = absl::AnyInvocable<void(Outcome outcome, std::string_view problem)>;

  // `check` outlives it. The workspace is the loop's.
  Probe(loop::Loop& loop, tls::Workspace& workspace, base::Random& random, const base::SocketAddress& address,
        const config::HealthCheck& check, Security security, Done done);

  // Before Start: these bytes go first, in the clear.
  void Precede(std::string header) { header_ = std::move(header); }
  void Start();

 private:
  void ConnectFailed(const absl::Status& status);
  void Connected(std::unique_ptr<stream::Stream> stream);
  void Shaken(tls::Failure failure);
  void Ask(std::unique_ptr<stream::Stream> stream);
  std::string Request();
  void OnData(std::string_view bytes) override;
  void OnEnd() override;
  void OnFlushed() override {}
  void OnError(stream::Failure failure) override;
  void OnDeadline(base::MonotonicTime now) override;

  void Judge(const http1::ResponseHead& head);
  void Good();
  void Bad(std::string_view problem) { Fail(Outcome::kBad, problem); }
  void Fail(Outcome outcome, std::string_view problem);

  loop::Loop& loop_;
  tls::Workspace& workspace_;
  base::Random& random_;
  const base::SocketAddress address_;
  const config::HealthCheck& check_;
  const Security security_;
  Done done_;  // null once told
  std::unique_ptr<loop::Connect> connect_;
  std::unique_ptr<tls::TlsStream> tls_;  // while it shakes hands
  std::unique_ptr<stream::Stream> stream_;
  std::optional<http1::ResponseReader> response_;
  std::string header_;
  std::string key_;  // Sec-WebSocket-Key
};

}  // namespace fairlead::health
