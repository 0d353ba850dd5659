#include "pkg/control/call.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/server_context.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "pkg/config/messages.h"
#include "pkg/control/access.h"
#include "pkg/control/rpc_status.h"

namespace fairlead::control {
namespace {

// The names in the client's certificate that grants may speak of, the SPIFFE id first.
std::vector<std::string> IdentitiesOf(const grpc::CallbackServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  std::vector<std::string> identities;
  if (!auth || !auth->IsPeerAuthenticated()) return identities;
  for (const char* property : {GRPC_PEER_SPIFFE_ID_PROPERTY_NAME, GRPC_X509_SAN_PROPERTY_NAME}) {
    for (const grpc::string_ref& value : auth->FindPropertyValues(property)) {
      identities.emplace_back(value.data(), value.size());
    }
  }
  return identities;
}

// Then the socket has seen to it that the caller is our own user.
bool IsLocal(const config::Bootstrap& bootstrap) {
  return bootstrap.control.address->is_unix();
}

}  // namespace

apply::Origin OriginOf(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap) {
  apply::Origin origin{.source = config::Owner::kPush, .who = fmt::format("uid={}", ::geteuid())};
  if (IsLocal(bootstrap)) return origin;
  const std::vector<std::string> identities = IdentitiesOf(context);
  origin.who = identities.empty() ? context.peer() : identities.front();
  return origin;
}

bool HasRole(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap,
             config::ControlRole wanted) {
  return IsLocal(bootstrap) || Allows(bootstrap.control.tls->grants, IdentitiesOf(context), wanted);
}

grpc::Status Admit(const grpc::CallbackServerContext& context, const config::Bootstrap& bootstrap,
                   config::ControlRole wanted, const google::protobuf::Message& request) {
  if (!HasRole(context, bootstrap, wanted)) return NotPermitted(OriginOf(context, bootstrap).who);
  const std::vector<config::Violation> unknown = config::UnknownFields(request);
  return unknown.empty() ? grpc::Status() : InvalidRequest(unknown);
}

grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context, const grpc::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

}  // namespace fairlead::control
