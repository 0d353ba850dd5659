#include "pkg/ctl/drain_commands.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "pkg/ctl/client.h"
#include "pkg/ctl/drain_text.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using Rpcs = v1::TunnelService::StubInterface;

constexpr std::chrono::seconds kWatchEvery{1};
// ECMA-48: cursor home, erase what is behind it.
constexpr char kRedraw[] = "\x1b[H\x1b[J";

bool UnderWay(const v1::Drain& drain) {
  return drain.state() == v1::DRAIN_STATE_RUNNING || drain.state() == v1::DRAIN_STATE_PAUSED;
}

template <typename Request, typename Response>
ExitCode Direct(const Session& session, uint64_t id,
                grpc::Status (Rpcs::*rpc)(grpc::ClientContext*, const Request&, Response*)) {
  Client client(session);
  Request request;
  request.set_id(id);
  Response response;
  const ExitCode code = client.Ask<v1::TunnelService>(rpc, request, &response);
  return code == kDone ? ListDrains(session, false) : code;
}

}  // namespace

ExitCode ListDrains(const Session& session, bool watch) {
  Client client(session);
  while (true) {
    v1::ListDrainsResponse response;
    const ExitCode code = client.Ask<v1::TunnelService>(&Rpcs::ListDrains, {}, &response);
    if (code != kDone) return code;
    if (client.json()) {
      PrintJson(response, watch);
    } else {
      const std::string text = DescribeDrains(response, std::chrono::system_clock::now(), client.style());
      Print(watch && client.style().colours() ? kRedraw + text : text);
    }
    const bool under_way = std::any_of(response.drains().begin(), response.drains().end(), UnderWay);
    if (!watch || !under_way) return kDone;
    std::this_thread::sleep_for(kWatchEvery);
  }
}

ExitCode Rebalance(const Session& session, const std::string& cluster, double target, bool dry_run) {
  Client client(session);
  v1::StartRebalanceRequest request;
  request.set_cluster(cluster);
  request.set_target(target);
  request.set_dry_run(dry_run);
  v1::StartRebalanceResponse response;
  const ExitCode code = client.Ask<v1::TunnelService>(&Rpcs::StartRebalance, request, &response);
  if (code != kDone) return code;
  if (client.json()) {
    PrintJson(response);
  } else {
    Print(DescribeRebalance(response, cluster, dry_run));
  }
  return kDone;
}

ExitCode PauseDrain(const Session& session, uint64_t id) {
  return Direct(session, id, &Rpcs::PauseDrain);
}

ExitCode ResumeDrain(const Session& session, uint64_t id) {
  return Direct(session, id, &Rpcs::ResumeDrain);
}

ExitCode CancelDrain(const Session& session, uint64_t id) {
  return Direct(session, id, &Rpcs::CancelDrain);
}

}  // namespace fairlead::ctl
