#include <map>
#include <memory>
#include <string>

#include "cmd/fairleadctl/flags.h"
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
}

void AddList(CLI::App* tunnels, const ctl::Session& session, Command& command) {
  struct Flags {
    ctl::TunnelFilter filter;
    TunnelOrder order = TunnelOrder::kId;
    int limit = 100;
  };
  static const std::map<std::string, TunnelOrder> kOrders{{"id", TunnelOrder::kId},
                                                          {"age", TunnelOrder::kAge},
                                                          {"idle", TunnelOrder::kIdle},
                                                          {"bytes", TunnelOrder::kBytes}};
  auto flags = std::make_shared<Flags>();
  CLI::App* const list = tunnels->add_subcommand("list", "List open tunnels");
  AddFilter(list, &flags->filter);
  list->add_option_function<std::string>(
          "--order", [flags](const std::string& order) { flags->order = kOrders.at(order); },
          "What comes first: the lowest id, the oldest, the longest idle, the one with most bytes")
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
    double rate = 0;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const close =
      tunnels->add_subcommand("close", "Close the open tunnels that fit; at least one filter");
  AddFilter(close, &flags->filter);
  close->add_option("--rate", flags->rate, "Tunnels a second; 0 = at once")->check(NotNegative());
  close->callback([=, &session, &command] {
    command = [=, &session] { return ctl::CloseTunnels(session, flags->filter, flags->rate); };
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
  CLI::App* const drain = app.add_subcommand("drain", "Drain the proxy");
  drain->require_subcommand(1);
  CLI::App* const start =
      drain->add_subcommand("start", "Drain the process as SIGTERM does, but do not end it");
  start->add_flag("--wait", *wait, "Return when nothing is open any more");
  start->callback(
      [=, &session, &command] { command = [=, &session] { return ctl::StartDrain(session, *wait); }; });
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
}
