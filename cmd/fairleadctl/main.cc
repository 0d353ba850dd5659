#include <CLI/CLI.hpp>
#include <iostream>

#include "cmd/fairleadctl/change_flags.h"
#include "cmd/fairleadctl/flags.h"
#include "pkg/app/version.h"
#include "pkg/ctl/session.h"

namespace {

namespace ctl = fairlead::ctl;

std::string VersionLine() {
  return "fairleadctl " + std::string(fairlead::app::Version()) + " (" +
         std::string(fairlead::app::Commit()) + ")";
}

void AddSharedFlags(CLI::App& app, ctl::Session* session) {
  ctl::Server& server = session->server;
  app.add_option("-a,--address", server.address, "The proxy's control.address: unix:/path or host:port")
      ->capture_default_str()
      ->envname("FAIRLEAD_CONTROL_ADDRESS");
  app.add_option("--ca-file", server.tls.ca_file, "Who must have signed the other side's certificate, in PEM")
      ->envname("FAIRLEAD_CA_FILE");
  app.add_option("--cert-file", server.tls.cert_file, "The certificate chain to show, in PEM")
      ->envname("FAIRLEAD_CERT_FILE");
  app.add_option("--key-file", server.tls.key_file, "Its private key, in PEM")->envname("FAIRLEAD_KEY_FILE");
  app.add_option("--server-name", server.server_name, "The name in the proxy's certificate; none = the host")
      ->envname("FAIRLEAD_SERVER_NAME");
  AddDuration(&app, "--timeout", &server.timeout, "How long a call may take; 10s unless given")
      ->envname("FAIRLEAD_TIMEOUT");
  app.add_option_function<std::string>(
         "-o,--output",
         [session](const std::string& format) {
           session->format = format == "json" ? ctl::Format::kJson : ctl::Format::kText;
         },
         "For people or for programs; text unless given")
      ->check(CLI::IsMember({"text", "json"}))
      ->envname("FAIRLEAD_OUTPUT");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The control API of Fairlead, for people.", "fairleadctl");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", VersionLine());
  app.footer("Exit codes: 0 done, 1 refused or not valid, 2 wrong arguments, 3 no proxy answered.");

  ctl::Session session;
  session.style = ctl::Style::OfStandardOutput();
  Command command;
  AddSharedFlags(app, &session);
  AddConfigCommands(app, session, command);
  AddEndpointCommands(app, session, command);
  AddTunnelCommands(app, session, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ctl::kDone : ctl::kUsage;
  }
  const int code = command();
  if (!std::cout.flush()) {
    std::cerr << "standard output cannot be written to\n";
    return code == ctl::kDone ? ctl::kRefused : code;
  }
  return code;
}
