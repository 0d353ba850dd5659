#include <memory>
#include <string>
#include <vector>

#include "cmd/fairleadctl/change_flags.h"
#include "cmd/fairleadctl/flags.h"
#include "pkg/ctl/config_commands.h"
#include "pkg/ctl/serve.h"

namespace {

namespace ctl = fairlead::ctl;

struct FileFlags {
  std::string path;
  ctl::ChangeFlags change;
};

void AddApply(CLI::App& app, const ctl::Session& session, Command& command) {
  auto flags = std::make_shared<FileFlags>();
  CLI::App* const apply = app.add_subcommand("apply", "Put the configuration of a file in force");
  apply->add_option("-f,--file", flags->path, "The file; - is standard input")->required();
  AddChangeFlags(apply, &flags->change);
  apply->callback([=, &session, &command] {
    command = [=, &session] { return ctl::ApplyConfig(session, flags->path, flags->change); };
  });
}

void AddDiff(CLI::App& app, const ctl::Session& session, Command& command) {
  auto flags = std::make_shared<FileFlags>();
  flags->change.dry_run = true;
  CLI::App* const diff =
      app.add_subcommand("diff", "Say what the configuration of a file would change: apply --dry-run");
  diff->add_option("-f,--file", flags->path, "The file; - is standard input")->required();
  AddDuration(diff, "--override-owner-for", &flags->change.override_owner_for,
              "Ask as one who takes the configuration over from its owner");
  diff->callback([=, &session, &command] {
    command = [=, &session] { return ctl::ApplyConfig(session, flags->path, flags->change); };
  });
}

void AddCluster(CLI::App& app, const ctl::Session& session, Command& command) {
  struct Flags {
    std::string cluster;
    std::vector<std::string> settings;
    ctl::ChangeFlags change;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const cluster = app.add_subcommand("cluster", "Change single fields of a cluster");
  cluster->require_subcommand(1);
  CLI::App* const set = cluster->add_subcommand(
      "set", "Change fields, such as: cluster set chat load_balancing.policy=MAGLEV. FIELD= is its default");
  set->add_option("cluster", flags->cluster, "The cluster")->required();
  set->add_option("settings", flags->settings, "FIELD=VALUE, as in the configuration file")->required();
  AddChangeFlags(set, &flags->change);
  set->callback([=, &session, &command] {
    command = [=, &session] {
      return ctl::SetCluster(session, flags->cluster, flags->settings, flags->change);
    };
  });
}

void AddRevisions(CLI::App& app, const ctl::Session& session, Command& command) {
  auto limit = std::make_shared<int>(0);
  CLI::App* const revisions =
      app.add_subcommand("revisions", "List the revisions to return to, the newest first");
  revisions->add_option("--limit", *limit, "At most so many; 0 = all")->check(NotNegative());
  revisions->callback(
      [=, &session, &command] { command = [=, &session] { return ctl::ListRevisions(session, *limit); }; });
}

void AddRollback(CLI::App& app, const ctl::Session& session, Command& command) {
  struct Flags {
    uint64_t revision = 0;
    ctl::ChangeFlags change;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const rollback = app.add_subcommand("rollback", "Put an earlier revision in force again");
  rollback->add_option("revision", flags->revision, "One that `revisions` lists")
      ->required()
      ->check(NotNegative());
  AddChangeFlags(rollback, &flags->change);
  rollback->callback([=, &session, &command] {
    command = [=, &session] { return ctl::Rollback(session, flags->revision, flags->change); };
  });
}

void AddServe(CLI::App& app, const ctl::Session& session, Command& command) {
  struct Flags {
    std::string file;
    std::string listen;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* const serve = app.add_subcommand(
      "serve",
      "Be a control plane: push a file, and every change of it, to all proxies that dial in (control.fleet). "
      "With --ca-file, --cert-file and --key-file in mutual TLS");
  serve->add_option("-f,--file", flags->file, "The configuration file")
      ->required()
      ->envname("FAIRLEAD_CONFIG");
  serve->add_option("--listen", flags->listen, "IP:port or unix:/path; port 0 lets the kernel choose")
      ->required()
      ->envname("FAIRLEAD_LISTEN");
  serve->callback([=, &session, &command] {
    command = [=, &session] { return ctl::Serve(session, flags->file, flags->listen); };
  });
}

}  // namespace

void AddConfigCommands(CLI::App& app, const ctl::Session& session, Command& command) {
  app.add_subcommand("get", "Show the configuration in force, in the shape that apply takes")->callback([&] {
    command = [&session] { return ctl::GetConfig(session); };
  });
  AddApply(app, session, command);
  AddDiff(app, session, command);
  AddCluster(app, session, command);
  AddRevisions(app, session, command);
  AddRollback(app, session, command);
  AddServe(app, session, command);
}
