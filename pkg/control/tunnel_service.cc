#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "pkg/apply/audit.h"
#include "pkg/config/quote.h"
#include "pkg/config/rebalance_target.h"
#include "pkg/control/call.h"
#include "pkg/control/check_question.h"
#include "pkg/control/explain.h"
#include "pkg/control/rpc_status.h"
#include "pkg/control/tunnel_page.h"
#include "pkg/control/tunnel_selector.h"
#include "pkg/control/wire.h"
#include "pkg/telemetry/log.h"
#include "pkg/websocket/close_code.h"

namespace fairlead::control {
namespace {

using config::ControlRole;

constexpr int kDefaultPage = 100;
constexpr int kMaxPage = 10'000;

std::optional<TunnelOrder> OrderOf(v1::TunnelOrder order) {
  switch (order) {
    case v1::TUNNEL_ORDER_UNSPECIFIED:
      return TunnelOrder::kId;
    case v1::TUNNEL_ORDER_AGE:
      return TunnelOrder::kAge;
    case v1::TUNNEL_ORDER_IDLE:
      return TunnelOrder::kIdle;
    case v1::TUNNEL_ORDER_BYTES:
      return TunnelOrder::kBytes;
    case v1::TUNNEL_ORDER_MESSAGES:
      return TunnelOrder::kMessages;
    case v1::TUNNEL_ORDER_PING_RTT:
      return TunnelOrder::kPingRtt;
    default:
      return std::nullopt;  // of a later version of this API
  }
}

Question ToQuestion(const v1::ExplainRequest& request, std::optional<base::IpAddress> client) {
  return {.listener = request.listener(),
          .method = request.method().empty() ? "GET" : request.method(),
          .host = request.host(),
          .target = request.path().empty() ? "/" : request.path(),
          .headers = {request.headers().begin(), request.headers().end()},
          .client = client};
}

grpc::Status UnknownCluster(std::string_view name) {
  return InvalidField("cluster", fmt::format("{} is the name of none", config::Quote(name)),
                      "name one of the configuration");
}

// What stands in the way of a rebalance.
grpc::Status ToStatus(drain::RebalanceAnswer::Verdict verdict, std::string_view cluster) {
  using enum drain::RebalanceAnswer::Verdict;
  const auto refused = [&](std::string_view reason, std::string_view why) {
    return NotNow(reason, fmt::format("cluster {} {}", cluster, why));
  };
  switch (verdict) {
    case kFine:
      return {};
    case kNoCluster:
      return UnknownCluster(cluster);
    case kHashes:
      return refused("PLACES_BY_KEY",
                     "places its tunnels by key, and there is nothing to level; with misplaced: MOVE they "
                     "follow their keys by themselves");
    case kRoundRobin:
      return refused(
          "PLACES_IN_TURN",
          "deals its tunnels in turn: set load_balancing.policy to LEAST_CONNECTIONS or RANDOM_TWO_CHOICES");
    case kSticky:
      return refused("HAS_STICKY_COOKIE",
                     "has sticky_cookie, which would bring its clients back to where they were");
    case kUnderWay:
      return refused("UNDER_WAY", "is being rebalanced; ListDrains shows how far it is");
    case kResting:
      return refused("RESTING", "was rebalanced less than its rebalance.cooldown ago; try again later");
  }
  return {};
}

// "30 to move, drain 9".
std::string DescribeMoves(const drain::RebalanceAnswer& answer) {
  std::string text = fmt::format("{} to move", answer.moves);
  if (answer.drain_id != 0) text += fmt::format(", drain {}", answer.drain_id);
  return text;
}

// The same line as for a change of the configuration that is refused.
void AuditRefusal(const apply::Origin& origin, std::string_view what, const grpc::Status& status) {
  apply::Audit(origin, what, apply::Answer::Refusal(apply::Verdict::kInvalid, status.error_message()));
}

// What came of a call; `describe` says it where it was not refused.
template <typename Describe>
void AuditOutcome(const apply::Origin& origin, std::string_view what, const grpc::Status& status,
                  Describe describe) {
  if (!status.ok()) return AuditRefusal(origin, what, status);
  telemetry::LogInfo(fmt::format("control: {} by {}: {}", what, origin.ToString(), describe()));
}

class TunnelService final : public v1::TunnelService::CallbackService {
 public:
  explicit TunnelService(const Backing& backing) : backing_(backing) {}

  grpc::ServerUnaryReactor* ListTunnels(grpc::CallbackServerContext* context,
                                        const v1::ListTunnelsRequest* request,
                                        v1::ListTunnelsResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kReader, *request); !admitted.ok()) {
      return Finish(context, admitted);
    }
    tunnel::Selector selector;
    if (const grpc::Status read = ReadSelector(request->filter(), "filter", &selector); !read.ok()) {
      return Finish(context, read);
    }
    const std::optional<TunnelOrder> order = OrderOf(request->order_by());
    if (!order) return Finish(context, InvalidField("order_by", "is unknown", "use 0 to 5"));
    if (request->page_size() < 0) {
      return Finish(context, InvalidField("page_size", "is negative", "write 0 to 10000"));
    }
    const std::optional<PageToken> from = PageToken::Parse(request->page_token());
    if (!from) {
      return Finish(context, InvalidField("page_token", "is none of ours", "use that of the answer before"));
    }
    const size_t size = request->page_size() == 0
                            ? kDefaultPage
                            : static_cast<size_t>(std::min(request->page_size(), kMaxPage));
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    backing_.data_plane->ListTunnels(std::move(selector), [reactor, response, order = *order, from = *from,
                                                           size](std::vector<tunnel::Row> rows) {
      response->set_total(static_cast<int64_t>(rows.size()));
      const TunnelPage page = PageOf(std::move(rows), order, from, size);
      for (const tunnel::Row& row : page.rows) ToWire(row, response->add_tunnels());
      response->set_next_page_token(page.next);
      reactor->Finish({});
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* CloseTunnels(grpc::CallbackServerContext* context,
                                         const v1::CloseTunnelsRequest* request,
                                         v1::CloseTunnelsResponse* response) override {
    tunnel::Selector selector;
    const uint32_t code = request->close_code() == 0 ? websocket::kServiceRestart : request->close_code();
    if (const grpc::Status read = ReadClose(*context, *request, code, &selector); !read.ok()) {
      return Refuse(context, "CloseTunnels", read);
    }
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    const std::string asked = fmt::format("control: CloseTunnels ({}) by {}",
                                          request->selector().ShortDebugString(), Caller(*context));
    backing_.data_plane->CloseTunnels(std::move(selector), request->rate(),
                                      {.reason = telemetry::CloseReason::kRequested,
                                       .code = static_cast<uint16_t>(code),
                                       .text = request->reason()},
                                      [reactor, response, asked](uint64_t drain, size_t selected) {
                                        telemetry::LogInfo(fmt::format("{}: {} selected", asked, selected));
                                        response->set_selected(static_cast<int64_t>(selected));
                                        response->set_drain_id(drain);
                                        reactor->Finish({});
                                      });
    return reactor;
  }

  grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context, const v1::ExplainRequest* request,
                                    v1::ExplainResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kReader, *request); !admitted.ok()) {
      return Finish(context, admitted);
    }
    const std::optional<base::IpAddress> client = base::IpAddress::Parse(request->client_ip());
    if (!client && !request->client_ip().empty()) {
      return Finish(context, InvalidField("client_ip", "is no IP address", "write one such as 192.0.2.1"));
    }
    const apply::InForce in_force = backing_.applier->in_force();
    if (!in_force.snapshot) {
      return Finish(context, {grpc::StatusCode::UNAVAILABLE, "no configuration is in force yet"});
    }
    // Each answer is one of those that could be: weights and unkeyed picks are dealt by chance.
    base::Random random(std::random_device{}());
    Explanation explained;
    if (!request->key().empty() || !request->cluster().empty()) {
      const std::optional<uint64_t> key = ParseHex(request->key());
      if (!key) {
        return Finish(context, InvalidField("key", "is no key", "write the 16 hexadecimal digits of one"));
      }
      auto placed = ExplainKey(*in_force.snapshot, request->cluster(), *key, random);
      if (!placed) return Finish(context, UnknownCluster(request->cluster()));
      explained = *std::move(placed);
    } else {
      const Question question = ToQuestion(*request, client);
      if (const auto wrong = CheckQuestion(*in_force.snapshot, question)) {
        return Finish(context, InvalidRequest({*wrong}));
      }
      explained = control::Explain(*in_force.snapshot, *in_force.sealers, question, random);
    }
    response->set_revision(in_force.snapshot->revision());
    response->set_route(explained.route);
    response->set_cluster(explained.cluster);
    if (explained.key) response->set_key(fmt::format("{:016x}", *explained.key));
    response->set_endpoint(explained.endpoint);
    response->mutable_steps()->Assign(explained.steps.begin(), explained.steps.end());
    for (const auto& [endpoint, why] : explained.passed_over) {
      v1::PassedOver* passed_over = response->add_passed_over();
      passed_over->set_endpoint(endpoint);
      passed_over->set_why(why);
    }
    return Finish(context, {});
  }

  grpc::ServerUnaryReactor* StartDrain(grpc::CallbackServerContext* context,
                                       const v1::StartDrainRequest* request,
                                       v1::StartDrainResponse* response) override {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kDrainer, *request); !admitted.ok()) {
      return Refuse(context, "StartDrain", admitted);
    }
    response->set_open_tunnels(backing_.data_plane->GetStatus().open_tunnels);
    telemetry::LogInfo(fmt::format("control: StartDrain by {}; open tunnels: {}", Caller(*context),
                                   response->open_tunnels()));
    backing_.data_plane->StartDrain();
    return Finish(context, {});
  }

  grpc::ServerUnaryReactor* ListDrains(grpc::CallbackServerContext* context,
                                       const v1::ListDrainsRequest* request,
                                       v1::ListDrainsResponse* response) override {
    const grpc::Status admitted = AdmitAs(*context, ControlRole::kReader, *request);
    if (!admitted.ok()) return Finish(context, admitted);
    for (const drain::DrainStatus& drain : backing_.data_plane->ListDrains()) {
      ToWire(drain, response->add_drains());
    }
    return Finish(context, {});
  }

  grpc::ServerUnaryReactor* GetDrain(grpc::CallbackServerContext* context, const v1::GetDrainRequest* request,
                                     v1::GetDrainResponse* response) override {
    const grpc::Status admitted = AdmitAs(*context, ControlRole::kReader, *request);
    if (!admitted.ok()) return Finish(context, admitted);
    for (const drain::DrainStatus& drain : backing_.data_plane->ListDrains()) {
      if (drain.id != request->id()) continue;
      ToWire(drain, response->mutable_drain());
      return Finish(context, {});
    }
    return Finish(
        context, NotFound(fmt::format("no drain {} is known; ListDrains has those that are", request->id())));
  }

  grpc::ServerUnaryReactor* StartRebalance(grpc::CallbackServerContext* context,
                                           const v1::StartRebalanceRequest* request,
                                           v1::StartRebalanceResponse* response) override {
    const ControlRole role = request->dry_run() ? ControlRole::kReader : ControlRole::kDrainer;
    if (const grpc::Status admitted = AdmitAs(*context, role, *request); !admitted.ok()) {
      return Refuse(context, "StartRebalance", admitted);
    }
    std::optional<uint32_t> target;
    if (request->target() != 0) {
      config::Violation wrong;
      wrong.path = "target";
      target = config::ReadRebalanceTarget(request->target(), &wrong);
      if (!target) return Refuse(context, "StartRebalance", InvalidRequest({wrong}));
    }
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    backing_.data_plane->StartRebalance(
        request->cluster(), target, request->dry_run(),
        [reactor, response, origin = OriginOf(*context, *backing_.bootstrap),
         asked = fmt::format("StartRebalance ({})", request->ShortDebugString()),
         cluster = request->cluster()](const drain::RebalanceAnswer& answer) {
          const grpc::Status status = ToStatus(answer.verdict, cluster);
          AuditOutcome(origin, asked, status, [&] { return DescribeMoves(answer); });
          response->set_max_over_mean(answer.max_over_mean);
          response->set_target(answer.target);
          response->set_moves(static_cast<int64_t>(answer.moves));
          response->set_drain_id(answer.drain_id);
          reactor->Finish(status);
        });
    return reactor;
  }

  grpc::ServerUnaryReactor* PauseDrain(grpc::CallbackServerContext* context,
                                       const v1::PauseDrainRequest* request,
                                       v1::PauseDrainResponse*) override {
    return CommandDrain(context, *request, drain::Command::kPause, "PauseDrain");
  }
  grpc::ServerUnaryReactor* ResumeDrain(grpc::CallbackServerContext* context,
                                        const v1::ResumeDrainRequest* request,
                                        v1::ResumeDrainResponse*) override {
    return CommandDrain(context, *request, drain::Command::kResume, "ResumeDrain");
  }
  grpc::ServerUnaryReactor* CancelDrain(grpc::CallbackServerContext* context,
                                        const v1::CancelDrainRequest* request,
                                        v1::CancelDrainResponse*) override {
    return CommandDrain(context, *request, drain::Command::kCancel, "CancelDrain");
  }

 private:
  template <typename Request>
  grpc::ServerUnaryReactor* CommandDrain(grpc::CallbackServerContext* context, const Request& request,
                                         drain::Command command, std::string_view rpc) {
    if (const grpc::Status admitted = AdmitAs(*context, ControlRole::kDrainer, request); !admitted.ok()) {
      return Refuse(context, rpc, admitted);
    }
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    backing_.data_plane->CommandDrain(
        request.id(), command,
        [reactor, origin = OriginOf(*context, *backing_.bootstrap), rpc, id = request.id()](bool found) {
          const grpc::Status status =
              found ? grpc::Status()
                    : NotFound(fmt::format("no drain {} is under way; ListDrains has those that are", id));
          AuditOutcome(origin, fmt::format("{} {}", rpc, id), status, [] { return "done"; });
          reactor->Finish(status);
        });
    return reactor;
  }

  static constexpr double kMinRate = 1e-3, kMaxRate = 1e6;
  static constexpr size_t kMaxReason = 123;

  grpc::Status AdmitAs(const grpc::CallbackServerContext& context, ControlRole role,
                       const google::protobuf::Message& request) const {
    return Admit(context, *backing_.bootstrap, role, request);
  }

  std::string Caller(const grpc::CallbackServerContext& context) const {
    return OriginOf(context, *backing_.bootstrap).ToString();
  }

  // `code` is the one to close with.
  grpc::Status ReadClose(const grpc::CallbackServerContext& context, const v1::CloseTunnelsRequest& request,
                         uint32_t code, tunnel::Selector* selector) const {
    if (grpc::Status admitted = AdmitAs(context, ControlRole::kDrainer, request); !admitted.ok()) {
      return admitted;
    }
    if (grpc::Status read = ReadSelector(request.selector(), "selector", selector); !read.ok()) return read;
    if (*selector == tunnel::Selector{}) {
      return InvalidField("selector", "is empty", "say which tunnels to close");
    }
    // Nothing that compares with a NaN is true.
    if (request.rate() != 0 && !(request.rate() >= kMinRate && request.rate() <= kMaxRate)) {
      return InvalidField("rate", fmt::format("{} is out of range", request.rate()),
                          "write 0 for all at once, or 0.001 to 1000000 a second");
    }
    if (code > UINT16_MAX || !websocket::MaySend(static_cast<uint16_t>(code))) {
      return InvalidField("close_code", fmt::format("{} is none that a Close may have", code),
                          "write one such as 1001, 1012, or one from 3000 to 4999");
    }
    if (request.reason().size() > kMaxReason) {
      return InvalidField("reason", fmt::format("{} bytes are too long", request.reason().size()),
                          "use at most 123 bytes");
    }
    return {};
  }

  // Ends a call that would have done something, with a line that says who wanted it and why not.
  grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, std::string_view rpc,
                                   const grpc::Status& status) const {
    AuditRefusal(OriginOf(*context, *backing_.bootstrap), rpc, status);
    return Finish(context, status);
  }

  const Backing backing_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTunnelService(const Backing& backing) {
  return std::make_unique<TunnelService>(backing);
}

}  // namespace fairlead::control
