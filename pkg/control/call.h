#pragma once

#include <memory>

#include "pkg/apply/change.h"
#include "pkg/config/config.h"
#include "pkg/control/control_server.h"

namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
class Service;
class Status;
}  // namespace grpc
namespace google::protobuf {
class Message;
}

namespace fairlead::control {

// Inside this room only: the services, and what each does with a call before its own work.

std::unique_ptr<grpc::Service> MakeConfigService(const Backing& backing);
std::unique_ptr<grpc::Service> MakeStatusService(const Backing& backing);
std::unique_ptr<grpc::Service> MakeTunnelService(const Backing& backing);

// Who calls: "push:uid=1000", "push:spiffe://example.org/operator".
apply::Origin OriginOf(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap);

// Whether the caller may do what the role is for.
bool HasRole(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap,
             config::ControlRole wanted);

// OK, or why the call is refused: a role that the caller lacks, or fields that this program does not know.
grpc::Status Admit(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap,
                   config::ControlRole wanted, const google::protobuf::Message& request);

// Ends the call with that.
grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context, const grpc::Status& status);

}  // namespace fairlead::control
