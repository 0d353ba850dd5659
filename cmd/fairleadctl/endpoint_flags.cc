#include <memory>
#include <string>
#include <vector>

#include "cmd/fairleadctl/change_flags.h"
#include "cmd/fairleadctl/flags.h"
#include "pkg/ctl/endpoint_commands.h"
#include "pkg/ctl/endpoint_spec.h"

namespace {

namespace ctl = fairlead::ctl;

struct Flags {
  std::string cluster;
  std::vector<fairlead::config::Endpoint> endpoints;
  std::vector<std::string> labels;
  bool none = false;  // instead of endpoints
  ctl::ChangeFlags change;
};

void AddEndpointArguments(CLI::App* command, Flags* flags, bool required) {
  command
      ->add_option_function<std::vector<std::string>>(
          "endpoints",
          [flags](const std::vector<std::string>& specs) {
            for (const std::string& spec : specs) {
              auto endpoint = ctl::ParseEndpoint(spec);
              if (!endpoint.ok()) throw CLI::ValidationError(std::string(endpoint.status().message()));
              flags->endpoints.push_back(*std::move(endpoint));
            }
          },
          "ADDRESS[,id=…][,hash_id=…][,weight=…][,state=DRAINING]")
      ->required(required);
}

// `work` is what is done once the flags are read.
template <typename Work>
void AddChange(CLI::App* endpoints, const char* name, const char* help, bool by_label, Command& command,
               Work work, bool may_be_none = false) {
  auto flags = std::make_shared<Flags>();
  CLI::App* const change = endpoints->add_subcommand(name, help);
  change->add_option("cluster", flags->cluster, "The cluster")->required();
  if (by_label) {
    change->add_option("endpoints", flags->labels, "Ids, or addresses where there is none")->required();
  } else {
    AddEndpointArguments(change, flags.get(), !may_be_none);
  }
  if (may_be_none) {
    change->add_flag("--none", flags->none, "Leave the cluster with none");
  }
  AddChangeFlags(change, &flags->change);
  change->callback([=, &command] {
    if (may_be_none && flags->none != flags->endpoints.empty()) {
      throw CLI::ValidationError(
          "endpoints", flags->none ? "--none goes with no endpoint" : "name at least one, or say --none");
    }
    command = [=] { return work(*flags); };
  });
}

}  // namespace

void AddEndpointCommands(CLI::App& app, const ctl::Session& session, Command& command) {
  CLI::App* const endpoints = app.add_subcommand("endpoints", "See and change the endpoints of a cluster");
  endpoints->require_subcommand(1);
  auto cluster = std::make_shared<std::string>();
  CLI::App* const list = endpoints->add_subcommand("list", "List those of a cluster, or of all");
  list->add_option("cluster", *cluster, "The cluster; none = all");
  list->callback(
      [=, &session, &command] { command = [=, &session] { return ctl::ListEndpoints(session, *cluster); }; });
  AddChange(
      endpoints, "set", "Replace all endpoints by these", false, command,
      [&session](const Flags& flags) {
        return ctl::SetEndpoints(session, flags.cluster, flags.endpoints, flags.change);
      },
      /*may_be_none=*/true);
  AddChange(endpoints, "add", "Add endpoints, or replace those with the same id (or address)", false, command,
            [&session](const Flags& flags) {
              return ctl::AddEndpoints(session, flags.cluster, flags.endpoints, flags.change);
            });
  AddChange(endpoints, "remove", "Remove endpoints: no new tunnels; the open ones stay until they end", true,
            command, [&session](const Flags& flags) {
              return ctl::RemoveEndpoints(session, flags.cluster, flags.labels, flags.change);
            });
  AddChange(endpoints, "drain", "Give endpoints no new tunnels, and keep them", true, command,
            [&session](const Flags& flags) {
              return ctl::SetEndpointState(session, flags.cluster, flags.labels,
                                           fairlead::config::EndpointState::kDraining, flags.change);
            });
  AddChange(endpoints, "activate", "Take the drain of endpoints back", true, command,
            [&session](const Flags& flags) {
              return ctl::SetEndpointState(session, flags.cluster, flags.labels,
                                           fairlead::config::EndpointState::kActive, flags.change);
            });
}
