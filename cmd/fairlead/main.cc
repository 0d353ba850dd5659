#include <CLI/CLI.hpp>

#include "pkg/app/run.h"
#include "pkg/app/version.h"

namespace {

std::string VersionLine() {
  return "fairlead " + std::string(fairlead::app::Version()) + " (" + std::string(fairlead::app::Commit()) +
         ")";
}

void AddConfigFlag(CLI::App* command, std::string* path) {
  command->add_option("-c,--config", *path, "Configuration file (YAML or JSON)")
      ->required()
      ->envname("FAIRLEAD_CONFIG");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A proxy for WebSockets and other long-lived connections.", "fairlead");
  app.require_subcommand(1);
  app.set_version_flag("--version", VersionLine());

  std::string config_path;
  fairlead::config::Overrides overrides;
  CLI::App* run =
      app.add_subcommand("run", "Run the proxy. SIGHUP reads the file again, SIGTERM drains and exits");
  AddConfigFlag(run, &config_path);
  run->add_option("--node-id", overrides.node_id, "Overrides node.id")->envname("FAIRLEAD_NODE_ID");
  run->add_option("--node-zone", overrides.node_zone, "Overrides node.zone")->envname("FAIRLEAD_NODE_ZONE");
  run->add_option("--telemetry-address", overrides.telemetry_address, "Overrides telemetry.address")
      ->envname("FAIRLEAD_TELEMETRY_ADDRESS");
  run->add_option("--admin-address", overrides.admin_address, "Overrides admin.address")
      ->envname("FAIRLEAD_ADMIN_ADDRESS");

  CLI::App* check =
      app.add_subcommand("check", "Validate a configuration file: exit 0, or 1 with a line a violation");
  AddConfigFlag(check, &config_path);

  CLI::App* demo = app.add_subcommand("demo",
                                      "Run the proxy with built-in backends and a page to try it: "
                                      "http://127.0.0.1:8080/");

  CLI11_PARSE(app, argc, argv);
  if (*run) return fairlead::app::Run(config_path, overrides);
  if (*check) return fairlead::app::Check(config_path);
  if (*demo) return fairlead::app::Demo();
  return 1;
}
