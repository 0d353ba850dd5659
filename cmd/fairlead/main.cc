#include <CLI/CLI.hpp>

#include "pkg/app/run.h"
#include "pkg/app/version.h"
#include "pkg/ctl/status_commands.h"

namespace {

constexpr char kControlAddress[] = "FAIRLEAD_CONTROL_ADDRESS";

std::string VersionLine() {
  return "fairlead " + std::string(fairlead::app::Version()) + " (" + std::string(fairlead::app::Commit()) +
         ")";
}

void AddOverrides(CLI::App* run, fairlead::config::Overrides* overrides) {
  run->add_option("--node-id", overrides->node_id, "Overrides node.id")->envname("FAIRLEAD_NODE_ID");
  run->add_option("--node-zone", overrides->node_zone, "Overrides node.zone")->envname("FAIRLEAD_NODE_ZONE");
  run->add_option("--telemetry-address", overrides->telemetry_address, "Overrides telemetry.address")
      ->envname("FAIRLEAD_TELEMETRY_ADDRESS");
  run->add_option("--admin-address", overrides->admin_address, "Overrides admin.address")
      ->envname("FAIRLEAD_ADMIN_ADDRESS");
  run->add_option("--control-address", overrides->control_address, "Overrides control.address")
      ->envname(kControlAddress);
  run->add_option("--control-owner", overrides->control_owner, "Overrides control.owner: FILE, PUSH or FLEET")
      ->envname("FAIRLEAD_CONTROL_OWNER");
  run->add_option("--control-state-dir", overrides->control_state_dir, "Overrides control.state_dir")
      ->envname("FAIRLEAD_CONTROL_STATE_DIR");
  run->add_option("--control-fleet-address", overrides->control_fleet_address,
                  "Overrides control.fleet.address")
      ->envname("FAIRLEAD_CONTROL_FLEET_ADDRESS");
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
  AddOverrides(run, &overrides);

  CLI::App* check = app.add_subcommand(
      "check",
      "Validate a configuration file, and the certificates and secrets that it names: exit "
      "0, or 1 with a line a violation; warnings change nothing about that");
  AddConfigFlag(check, &config_path);

  CLI::App* demo = app.add_subcommand("demo",
                                      "Run the proxy with built-in backends and a page to try it: "
                                      "http://127.0.0.1:8080/");

  fairlead::ctl::Session session;
  bool wait = false;
  CLI::App* drain = app.add_subcommand(
      "drain", "Ask the local proxy to drain, as a preStop hook does; it does not make the process exit");
  drain->add_flag("--wait", wait, "Return when nothing is open any more");
  drain->add_option("--address", session.server.address, "Its control.address")
      ->capture_default_str()
      ->envname(kControlAddress);

  CLI11_PARSE(app, argc, argv);
  if (*run) return fairlead::app::Run(config_path, overrides);
  if (*check) return fairlead::app::Check(config_path);
  if (*demo) return fairlead::app::Demo();
  if (*drain) return fairlead::ctl::StartDrain(session, wait);
  return 1;
}
