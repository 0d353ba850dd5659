#pragma once

#include <memory>
#include <string>

#include "pkg/config/config.h"
#include "pkg/control/control_server.h"

namespace grpc {
class CallbackServerContext;
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

// Who calls, for the log: "uid=1000", "spiffe://example.org/operator".
std::string CallerOf(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap);

// Whether the caller may do what the role is for.
bool HasRole(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap,
             config::ControlRole wanted);

// OK, or why the call is refused: a role that the caller lacks, or fields that this program does not know.
grpc::Status Admit(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap,
                   config::ControlRole wanted, const google::protobuf::Message& request);

}  // namespace fairlead::control
