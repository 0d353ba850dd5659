#include <map>
#include <memory>
#include <string>

#include "cmd/fairleadctl/change_flags.h"
#include "cmd/fairleadctl/flags.h"
#include "pkg/ctl/drain_commands.h"
#include "pkg/ctl/header_argument.h"
#include "pkg/ctl/status_commands.h"
#include "pkg/ctl/tunnel_commands.h"

namespace {

namespace ctl = fairlead::ctl;
using ctl::TunnelOrder;

void AddFilter(CLI::App* command, ctl::TunnelFilter* filter) {
  command->add_option("--id", filter->ids, "Of this id (of the access log); may be there several times")
      ->allow_extra_args(false);
  command->add_option("--listener", filter->listener, "Of this listener");
  command->add_option("--route", filter->route, "Of this route");
  command->add_option("--cluster", filter->cluster, "Of this cluster");
  command->add_option("--endpoint", filter->endpoint,
                      "Of this endpoint: its id, or its address where it has none");
  command->add_option("--client", filter->client, "Of clients with this IP address");
  command->add_option("--key", filter->key, "Placed by this key, as explain shows it");
  command->add_option("--placement", filter->placement, "By where it is")
      ->check(CLI::IsMember({"home", "away", "misplaced"}));
  AddDuration(command, "--min-age", &filter->min_age, "At least so old, such as 1h");
  AddDuration(command, "--min-idle", &filter->min_idle, "Idle for at least so long, such as 10m");
}

void AddList(CLI::App* tunnels, const ctl::Session& session, Command& command) {
  struct Flags {
    ctl::TunnelFilter filter;
    TunnelOrder order = TunnelOrder::kId;
    int limit = 100;
  };
  static const std::map<std::string, TunnelOrder> kOrders{
      {"id", TunnelOrder::kId},       {"age", TunnelOrder::kAge},           {"idle", TunnelOrder::kIdle},
      {"bytes", TunnelOrder::kBytes}, {"messages", TunnelOrder::kMessages}, {"ping", TunnelOrder::kPingRtt}};
  auto flags = std::make_shared<Flags>();
  CLI::App* const list = tunnels->add_subcommand("list", "List open tunnels");
  AddFilter(list, &flags->filter);
  list->add_option_function<std::string>(
          "--order", [flags](const std::string& order) { flags->order = kOrders.at(order); },
          "What comes first: the lowest id, the oldest, the longest idle, the one with most bytes or "
          "messages, "
          "the slowest to answer pings")
      ->check(CLI::IsMember(kOrders));
  list->add_option("--limit", flags->limit, "At most so many; 0 = all")
      ->capture_default_str()
      ->check(NotNegative());
  list->callback([=, &session, &command] {
    command = [=, &session] { return ctl::ListTunnels(session, flags->filter, flags->order, flags->limit); };
  });
}

void AddClose(CLI::App* tunnels, const ctl::Session& session, Command& command) {
  struct Flags {
    ctl::TunnelFilter filter;
    ctl::TunnelClosing closing;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const close =
      tunnels->add_subcommand("close", "Close the open tunnels that fit; at least one filter");
  AddFilter(close, &flags->filter);
  close->add_option("--rate", flags->closing.rate, "Tunnels a second; 0 = at once")->check(NotNegative());
  close->add_option("--code", flags->closing.code, "Close code that WebSockets are told; 1012 unless given");
  close->add_option("--reason", flags->closing.reason,
                    "What WebSockets are told in words; at most 123 bytes");
  close->callback([=, &session, &command] {
    command = [=, &session] { return ctl::CloseTunnels(session, flags->filter, flags->closing); };
  });
}

void AddExplain(CLI::App& app, const ctl::Session& session, Command& command) {
  auto question = std::make_shared<ctl::Question>();
  CLI::App* const explain = app.add_subcommand("explain", "Say where a request would go, and why");
  explain->add_option("path", question->path, "Path and query")->capture_default_str();
  explain->add_option("--host", question->host, "The Host");
  explain->add_option("--method", question->method, "The method")->capture_default_str();
  explain->add_option("--listener", question->listener, "The listener it comes in by; none = the first");
  explain->add_option("--client-ip", question->client_ip, "The client's address");
  CLI::Option* const key =
      explain->add_option("--key", question->key,
                          "In place of a request: where --cluster places this key, 16 hexadecimal digits");
  CLI::Option* const cluster = explain->add_option("--cluster", question->cluster, "The cluster of --key");
  key->needs(cluster);
  cluster->needs(key);
  const auto take = [question](const std::vector<std::string>& headers) {
    for (const std::string& header : headers) {
      const auto parsed = ctl::ParseHeader(header);
      if (!parsed)
        throw CLI::ValidationError("--header", "\"" + header + "\" is none, write \"name: value\"");
      question->headers.insert(*parsed);
    }
  };
  explain
      ->add_option_function<std::vector<std::string>>("-H,--header", take,
                                                      "A header, \"name: value\"; may be there several times")
      ->allow_extra_args(false);
  explain->callback(
      [=, &session, &command] { command = [=, &session] { return ctl::Explain(session, *question); }; });
}

void AddStatus(CLI::App& app, const ctl::Session& session, Command& command) {
  auto watch = std::make_shared<bool>(false);
  CLI::App* const status = app.add_subcommand("status", "Say how the proxy is");
  status->add_flag("-w,--watch", *watch, "And again whenever that changes");
  status->callback(
      [=, &session, &command] { command = [=, &session] { return ctl::ShowStatus(session, *watch); }; });
}

void AddDrain(CLI::App& app, const ctl::Session& session, Command& command) {
  auto wait = std::make_shared<bool>(false);
  auto watch = std::make_shared<bool>(false);
  CLI::App* const drain = app.add_subcommand("drain", "See how tunnels are let go, and have a say in it");
  drain->require_subcommand(0, 1);
  drain->add_flag("-w,--watch", *watch, "List every second, until none is under way");
  drain->callback([=, &session, &command] {
    if (drain->get_subcommands().empty())
      command = [=, &session] { return ctl::ListDrains(session, *watch); };
  });
  CLI::App* const start =
      drain->add_subcommand("start", "Drain the process as SIGTERM does, but do not end it");
  start->add_flag("--wait", *wait, "Return when nothing is open any more");
  start->callback(
      [=, &session, &command] { command = [=, &session] { return ctl::StartDrain(session, *wait); }; });

  CLI::App* const list = drain->add_subcommand("list", "Show those under way, and the last that are over");
  list->add_flag("-w,--watch", *watch, "Every second, until none is under way");
  list->callback(
      [=, &session, &command] { command = [=, &session] { return ctl::ListDrains(session, *watch); }; });
  const auto add_direction = [&](const char* name, const char* what, auto direct) {
    auto id = std::make_shared<uint64_t>(0);
    CLI::App* const verb = drain->add_subcommand(name, what);
    verb->add_option("id", *id, "As `drain list` shows it")->required();
    verb->callback([=, &session, &command] { command = [=, &session] { return direct(session, *id); }; });
  };
  add_direction("pause", "Tell nobody more to close for now", ctl::PauseDrain);
  add_direction("resume", "Go on with a drain that was paused", ctl::ResumeDrain);
  add_direction("cancel", "End a drain: those who were not told stay", ctl::CancelDrain);
}

void AddRebalance(CLI::App& app, const ctl::Session& session, Command& command) {
  struct Flags {
    std::string cluster;
    double target = 0;
    bool dry_run = false;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const rebalance =
      app.add_subcommand("rebalance", "Let endpoints that hold more than their part let tunnels go");
  rebalance->add_option("cluster", flags->cluster, "Its name")->required();
  rebalance
      ->add_option(
          "--target", flags->target,
          "How full the fullest may be, as a multiple of its part: more than 1 up to 10, with at most "
          "three decimal places; as configured unless given")
      ->check(NotNegative());
  rebalance->add_flag("--dry-run", flags->dry_run, "Only say how many tunnels would move");
  rebalance->callback([=, &session, &command] {
    command = [=, &session] {
      return ctl::Rebalance(session, flags->cluster, flags->target, flags->dry_run);
    };
  });
}

}  // namespace

void AddTunnelCommands(CLI::App& app, const ctl::Session& session, Command& command) {
  CLI::App* const tunnels = app.add_subcommand("tunnels", "See and close open tunnels");
  tunnels->require_subcommand(1);
  AddList(tunnels, session, command);
  AddClose(tunnels, session, command);
  AddExplain(app, session, command);
  AddStatus(app, session, command);
  AddDrain(app, session, command);
  AddRebalance(app, session, command);
}
