#include "pkg/control/rpc_status.h"

#include <fmt/format.h>
#include <grpcpp/support/status.h>

#include <utility>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "pkg/config/quote.h"

namespace fairlead::control {
namespace {

// gRPC limits the trailers that it takes, 8 KiB by default: the rest of a long list is counted.
constexpr size_t kMaxDetailBytes = 4096;

std::string Describe(const config::Violation& violation) {
  return violation.remedy.empty() ? violation.problem : violation.problem + ", " + violation.remedy;
}

google::rpc::BadRequest ToBadRequest(const std::vector<config::Violation>& violations) {
  google::rpc::BadRequest bad;
  size_t bytes = 0;
  for (size_t i = 0; i < violations.size(); ++i) {
    google::rpc::BadRequest::FieldViolation& field = *bad.add_field_violations();
    if (bytes > kMaxDetailBytes) {
      field.set_description(fmt::format("and {} more", violations.size() - i));
      break;
    }
    field.set_field(config::Printable(violations[i].path, kMaxDetailBytes / 4));
    field.set_description(config::Printable(Describe(violations[i]), kMaxDetailBytes / 4));
    bytes += field.ByteSizeLong();
  }
  return bad;
}

grpc::Status Refusal(grpc::StatusCode code, std::string_view reason, std::string message,
                     const std::vector<config::Violation>& violations) {
  if (!violations.empty()) {
    if (message.empty()) message = violations.front().ToString();
    if (violations.size() > 1) message += fmt::format(" (and {} more)", violations.size() - 1);
  }
  message = config::Printable(message, kMaxDetailBytes / 4);
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("fairlead");
  status.add_details()->PackFrom(info);
  if (!violations.empty()) status.add_details()->PackFrom(ToBadRequest(violations));
  return grpc::Status(code, message, status.SerializeAsString());
}

}  // namespace

grpc::Status ToStatus(const apply::Answer& answer) {
  const auto refusal = [&](grpc::StatusCode code, std::string_view reason) {
    return Refusal(code, reason, answer.message, answer.violations);
  };
  switch (answer.verdict) {
    case apply::Verdict::kApplied:
      break;
    case apply::Verdict::kInvalid:
      return refusal(grpc::StatusCode::INVALID_ARGUMENT, "INVALID");
    case apply::Verdict::kStale:
      return refusal(grpc::StatusCode::ABORTED, "STALE");
    case apply::Verdict::kNotOwner:
      return refusal(grpc::StatusCode::FAILED_PRECONDITION, "NOT_OWNER");
    case apply::Verdict::kNotPermitted:
      return refusal(grpc::StatusCode::PERMISSION_DENIED, "ROLE");
    case apply::Verdict::kNotFound:
      return refusal(grpc::StatusCode::NOT_FOUND, "NOT_FOUND");
    case apply::Verdict::kFailed:
      return refusal(grpc::StatusCode::FAILED_PRECONDITION, "HOST_FAILED");
    case apply::Verdict::kBusy:
      return refusal(grpc::StatusCode::RESOURCE_EXHAUSTED, "BUSY");
  }
  return {};
}

grpc::Status InvalidRequest(const std::vector<config::Violation>& violations) {
  return Refusal(grpc::StatusCode::INVALID_ARGUMENT, "INVALID", {}, violations);
}

grpc::Status InvalidField(std::string_view path, std::string_view problem, std::string_view remedy) {
  return InvalidRequest({{.path = std::string(path),
                          .line = 0,
                          .problem = std::string(problem),
                          .remedy = std::string(remedy)}});
}

grpc::Status NotFound(std::string message) {
  return Refusal(grpc::StatusCode::NOT_FOUND, "NOT_FOUND", std::move(message), {});
}

grpc::Status NotNow(std::string_view reason, std::string message) {
  return Refusal(grpc::StatusCode::FAILED_PRECONDITION, reason, std::move(message), {});
}

grpc::Status NotPermitted(std::string_view caller) {
  return Refusal(grpc::StatusCode::PERMISSION_DENIED, "ROLE",
                 fmt::format("{} has no role that allows this", caller), {});
}

}  // namespace fairlead::control
