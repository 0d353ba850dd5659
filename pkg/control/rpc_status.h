#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/apply/change.h"
#include "pkg/config/violation.h"

namespace grpc {
class Status;
}

namespace fairlead::control {

// Inside this room only: how a refusal reads on the wire. Each carries a google.rpc.Status with an ErrorInfo
// of domain "fairlead" and, where fields are to blame, a BadRequest.

// The answer of the apply thread; OK when it was applied.
//
//   kInvalid   INVALID_ARGUMENT     INVALID         kNotFound  NOT_FOUND            NOT_FOUND
//   kStale     ABORTED              STALE           kFailed    FAILED_PRECONDITION  HOST_FAILED
//   kNotOwner  FAILED_PRECONDITION  NOT_OWNER       kBusy      RESOURCE_EXHAUSTED   BUSY
//   kNotPermitted  PERMISSION_DENIED  ROLE
grpc::Status ToStatus(const apply::Answer& answer);

// INVALID_ARGUMENT.
grpc::Status InvalidRequest(const std::vector<config::Violation>& violations);
grpc::Status InvalidField(std::string_view path, std::string_view problem, std::string_view remedy);
// NOT_FOUND.
grpc::Status NotFound(std::string message);
// FAILED_PRECONDITION, with the reason of its ErrorInfo.
grpc::Status NotNow(std::string_view reason, std::string message);
// PERMISSION_DENIED.
grpc::Status NotPermitted(std::string_view caller);

}  // namespace fairlead::control
