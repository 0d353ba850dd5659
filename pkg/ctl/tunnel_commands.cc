#include "pkg/ctl/tunnel_commands.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "pkg/ctl/client.h"
#include "pkg/ctl/table.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;
using google::protobuf::util::TimeUtil;
using Rpcs = v1::TunnelService::StubInterface;

constexpr int kPage = 10'000;

constexpr std::pair<v1::Placement, std::string_view> kPlacements[] = {
    {v1::PLACEMENT_HOME, "home"}, {v1::PLACEMENT_AWAY, "away"}, {v1::PLACEMENT_MISPLACED, "misplaced"}};

void Fill(const TunnelFilter& filter, v1::TunnelSelector* selector) {
  selector->mutable_ids()->Assign(filter.ids.begin(), filter.ids.end());
  selector->set_listener(filter.listener);
  selector->set_route(filter.route);
  selector->set_cluster(filter.cluster);
  selector->set_endpoint(filter.endpoint);
  selector->set_client(filter.client);
  selector->set_key(filter.key);
  for (const auto& [placement, name] : kPlacements) {
    if (filter.placement == name) selector->set_placement(placement);
  }
  const auto set = [](base::Duration duration, auto mutable_field) {
    if (duration > base::Duration(0)) *mutable_field() = TimeUtil::MillisecondsToDuration(duration.count());
  };
  set(filter.min_age, [selector] { return selector->mutable_min_age(); });
  set(filter.min_idle, [selector] { return selector->mutable_min_idle(); });
}

v1::TunnelOrder ToWire(TunnelOrder order) {
  switch (order) {
    case TunnelOrder::kId:
      return v1::TUNNEL_ORDER_UNSPECIFIED;
    case TunnelOrder::kAge:
      return v1::TUNNEL_ORDER_AGE;
    case TunnelOrder::kIdle:
      return v1::TUNNEL_ORDER_IDLE;
    case TunnelOrder::kBytes:
      return v1::TUNNEL_ORDER_BYTES;
    case TunnelOrder::kMessages:
      return v1::TUNNEL_ORDER_MESSAGES;
    case TunnelOrder::kPingRtt:
      return v1::TUNNEL_ORDER_PING_RTT;
  }
  return v1::TUNNEL_ORDER_UNSPECIFIED;
}

std::string MessagesOf(const v1::Tunnel& tunnel) {
  if (!tunnel.has_messages_received()) return "-";
  return FormatCount(static_cast<int64_t>(tunnel.messages_received() + tunnel.messages_sent()));
}

// Of the side that is slower to answer.
std::string PingOf(const v1::Tunnel& tunnel) {
  const int64_t rtt = std::max(TimeUtil::DurationToMicroseconds(tunnel.client_ping_rtt()),
                               TimeUtil::DurationToMicroseconds(tunnel.backend_ping_rtt()));
  return rtt == 0 ? "-" : FormatLatency(std::chrono::microseconds(rtt));
}

std::string PlacementOf(const v1::Tunnel& tunnel) {
  for (const auto& [placement, name] : kPlacements) {
    if (tunnel.placement() == placement) return std::string(name);
  }
  return "-";
}

std::string DescribeTunnels(const v1::ListTunnelsResponse& response, const Style& style) {
  if (response.tunnels().empty()) return "no tunnel is open that fits\n";
  using enum Table::Align;
  const base::WallTime now = std::chrono::system_clock::now();
  Table table({{"ID"},
               {"ROUTE"},
               {"CLUSTER"},
               {"ENDPOINT"},
               {"CLIENT"},
               {"AGE", kRight},
               {"IDLE", kRight},
               {"RECEIVED", kRight},
               {"SENT", kRight},
               {"MESSAGES", kRight},
               {"PING", kRight},
               {"KEY"},
               {"PLACEMENT"}});
  for (const v1::Tunnel& tunnel : response.tunnels()) {
    const base::WallTime opened{
        std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(tunnel.opened_at()))};
    table.Add({tunnel.id(), tunnel.route(), tunnel.cluster(), tunnel.endpoint(), tunnel.client(),
               FormatAge(std::chrono::duration_cast<base::Duration>(now - opened)),
               FormatAge(base::Duration(TimeUtil::DurationToMilliseconds(tunnel.idle()))),
               FormatBytes(tunnel.bytes_received()), FormatBytes(tunnel.bytes_sent()), MessagesOf(tunnel),
               PingOf(tunnel), tunnel.key().empty() ? "-" : tunnel.key(), PlacementOf(tunnel)});
  }
  std::string text = table.ToString(style);
  if (response.total() > response.tunnels_size()) {
    text += style.Paint(Tint::kFaint,
                        fmt::format("{} of {}; --limit shows more", FormatCount(response.tunnels_size()),
                                    FormatCount(response.total(), "tunnel"))) +
            "\n";
  }
  return text;
}

std::string DescribeExplanation(const v1::ExplainResponse& response, bool by_key, const Style& style) {
  std::string text;
  const auto line = [&](std::string_view title, std::string_view value, std::string_view otherwise) {
    text +=
        style.Paint(Tint::kFaint, fmt::format("{:<10}", title)) +
        (value.empty() ? style.Paint(Tint::kBad, otherwise) : style.Paint(Tint::kStrong, Printable(value))) +
        "\n";
  };
  if (by_key) {
    line("key", response.key(), "");
  } else {
    line("route", response.route(), "none");
  }
  line("cluster", response.cluster(), "none");
  line("endpoint", response.endpoint(), "none");
  if (!by_key && !response.key().empty()) line("key", response.key(), "");
  std::string_view title = "because";
  for (const std::string& step : response.steps()) {
    text += style.Paint(Tint::kFaint, fmt::format("{:<10}", title)) + Printable(step) + "\n";
    title = "";
  }
  return text;
}

}  // namespace

ExitCode ListTunnels(const Session& session, const TunnelFilter& filter, TunnelOrder order, int limit) {
  Client client(session);
  v1::ListTunnelsRequest request;
  Fill(filter, request.mutable_filter());
  request.set_order_by(ToWire(order));
  v1::ListTunnelsResponse all;
  do {
    const int left = limit == 0 ? kPage : limit - all.tunnels_size();
    request.set_page_size(std::min(left, kPage));
    request.set_page_token(all.next_page_token());
    v1::ListTunnelsResponse page;
    const ExitCode code = client.Ask<v1::TunnelService>(&Rpcs::ListTunnels, request, &page);
    if (code != kDone) return code;
    all.MergeFrom(page);
    all.set_next_page_token(page.next_page_token());
  } while (!all.next_page_token().empty() && (limit == 0 || all.tunnels_size() < limit));
  if (client.json()) {
    PrintJson(all);
  } else {
    Print(DescribeTunnels(all, client.style()));
  }
  return kDone;
}

ExitCode CloseTunnels(const Session& session, const TunnelFilter& filter, const TunnelClosing& closing) {
  if (filter == TunnelFilter{}) {
    PrintError(
        "tunnels close: say which: give --id, --listener, --route, --cluster, --endpoint, --client, --key, "
        "--placement, --min-age or --min-idle\n");
    return kUsage;
  }
  Client client(session);
  v1::CloseTunnelsRequest request;
  Fill(filter, request.mutable_selector());
  request.set_rate(closing.rate);
  request.set_close_code(closing.code);
  request.set_reason(closing.reason);
  v1::CloseTunnelsResponse response;
  const ExitCode code = client.Ask<v1::TunnelService>(&Rpcs::CloseTunnels, request, &response);
  if (code != kDone) return code;
  if (client.json()) {
    PrintJson(response);
    return kDone;
  }
  std::string text = "closing " + FormatCount(response.selected(), "tunnel");
  if (response.drain_id() != 0) text += fmt::format(" as drain {}", response.drain_id());
  if (closing.rate > 0) {
    // Of a server that takes any rate, too: no further than an int64 goes.
    const double ms = std::min(1000 * static_cast<double>(response.selected()) / closing.rate, 1e18);
    const base::Duration takes(static_cast<int64_t>(ms));
    text += fmt::format(" at {} a second: about {}", closing.rate, FormatAge(takes));
  }
  Print(text + "\n");
  return kDone;
}

ExitCode Explain(const Session& session, const Question& question) {
  Client client(session);
  v1::ExplainRequest request;
  request.set_listener(question.listener);
  request.set_method(question.method);
  request.set_host(question.host);
  request.set_path(question.path);
  request.set_client_ip(question.client_ip);
  request.set_key(question.key);
  request.set_cluster(question.cluster);
  for (const auto& [name, value] : question.headers) (*request.mutable_headers())[name] = value;
  v1::ExplainResponse response;
  const ExitCode code = client.Ask<v1::TunnelService>(&Rpcs::Explain, request, &response);
  if (code != kDone) return code;
  if (client.json()) {
    PrintJson(response);
  } else {
    Print(DescribeExplanation(response, !question.key.empty(), client.style()));
  }
  return kDone;
}

}  // namespace fairlead::ctl
