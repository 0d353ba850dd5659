#include "pkg/ctl/status_commands.h"

#include <fmt/format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>

#include "absl/functional/function_ref.h"
#include "fairlead/control/v1/status_service.grpc.pb.h"
#include "fairlead/control/v1/tunnel_service.grpc.pb.h"
#include "pkg/ctl/client.h"
#include "pkg/ctl/status_text.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

namespace v1 = control::v1;

// ECMA-48: cursor home, erase what is behind it.
constexpr char kRedraw[] = "\x1b[H\x1b[J";

// Gives each status to `seen` for as long as that says true.
grpc::Status Watch(const std::shared_ptr<grpc::ChannelInterface>& channel, grpc::ClientContext* context,
                   absl::FunctionRef<bool(const v1::Status&)> seen) {
  const auto stub = v1::StatusService::NewStub(channel);
  const auto stream = stub->WatchStatus(context, v1::WatchStatusRequest());
  v1::WatchStatusResponse response;
  while (stream->Read(&response)) {
    if (seen(response.status())) continue;
    context->TryCancel();
    (void)stream->Finish();
    return grpc::Status::OK;
  }
  const grpc::Status ended = stream->Finish();
  return ended.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the proxy ended the stream") : ended;
}

void PrintStatus(const Client& client, const v1::Status& status, bool watch) {
  const base::WallTime now = std::chrono::system_clock::now();
  if (client.json()) return PrintJson(status, watch);
  if (!watch) return Print(DescribeStatus(status, now, client.style()));
  if (!client.style().colours()) return Print(SummarizeStatus(status, now) + "\n");
  Print(kRedraw + DescribeStatus(status, now, client.style()));
}

// Until the drain is over. Where the stream breaks, the proxy is asked anew: only it knows.
ExitCode AwaitDrained(Client& client) {
  for (;;) {
    bool draining = true, drained = false;
    const ExitCode code = client.Run(
        [&](const auto& channel, grpc::ClientContext* context) {
          bool any = false;
          const grpc::Status ended = Watch(channel, context, [&](const v1::Status& status) {
            any = true;
            draining = status.draining();
            drained = status.drained();
            return draining && !drained;
          });
          // That it broke is no reason to give up; that it cannot be had is.
          return any ? grpc::Status::OK : ended;
        },
        /*endless=*/true);
    if (drained) {
      if (!client.json()) Print("drained: nothing is open any more\n");
      return kDone;
    }
    if (code != kDone) {
      PrintError("whether everything was closed before that is not known\n");
      return code;
    }
    if (!draining) {
      PrintError("the proxy does not drain any more: it has been started anew\n");
      return kRefused;
    }
  }
}

}  // namespace

ExitCode ShowStatus(const Session& session, bool watch) {
  Client client(session);
  if (!watch) {
    v1::GetStatusResponse response;
    const ExitCode code =
        client.Ask<v1::StatusService>(&v1::StatusService::StubInterface::GetStatus, {}, &response);
    if (code == kDone) PrintStatus(client, response.status(), false);
    return code;
  }
  bool any = false;
  const ExitCode code = client.Run(
      [&](const auto& channel, grpc::ClientContext* context) {
        const grpc::Status ended = Watch(channel, context, [&](const v1::Status& status) {
          PrintStatus(client, status, true);
          any = true;
          return true;
        });
        return any ? grpc::Status::OK : ended;
      },
      /*endless=*/true);
  if (!any) return code;
  PrintError(fmt::format("the stream from {} broke: the proxy has ended, or the way to it has\n",
                         session.server.address));
  return kUnreachable;
}

ExitCode StartDrain(const Session& session, bool wait) {
  Client client(session);
  v1::StartDrainResponse response;
  const ExitCode code =
      client.Ask<v1::TunnelService>(&v1::TunnelService::StubInterface::StartDrain, {}, &response);
  if (code != kDone) return code;
  if (client.json()) {
    PrintJson(response);
  } else {
    Print(fmt::format("draining: {} open\n", response.open_tunnels() == 1
                                                 ? "1 tunnel is"
                                                 : FormatCount(response.open_tunnels(), "tunnel") + " are"));
  }
  return wait ? AwaitDrained(client) : kDone;
}

}  // namespace fairlead::ctl
