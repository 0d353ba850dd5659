#include "pkg/ctl/failure.h"

#include <fmt/format.h>
#include <grpcpp/support/status.h>

#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "pkg/ctl/style.h"
#include "pkg/ctl/units.h"

namespace fairlead::ctl {
namespace {

constexpr std::string_view kUnix = "unix:";

struct Cause {
  std::string_view sign;  // what gRPC's message has when this is why
  std::string_view advice;
};

// The first that fits.
constexpr Cause kUnixCauses[] = {
    {"No such file",
     "there is no such socket; is the proxy running, with that control.address? --address or "
     "FAIRLEAD_CONTROL_ADDRESS names another"},
    {"Permission denied", "the socket is for the user that the proxy runs as; run this as that user"},
    {"Connection refused", "nobody serves this socket any more; start the proxy"},
    {"",
     "the proxy closed the connection; its socket is for the user that it runs as and nobody else, root "
     "included: run this as that user"},
};
constexpr Cause kPortCauses[] = {
    {"CERTIFICATE_VERIFY_FAILED", "--ca-file did not sign its certificate; give the one that did"},
    {"certificate verify failed", "--ca-file did not sign its certificate; give the one that did"},
    {"Peer name", "its certificate has another name; give that as --server-name"},
    {"Hostname Verification", "its certificate has another name; give that as --server-name"},
    {"WRONG_VERSION_NUMBER", "this port does not speak TLS; give the one of control.address"},
    {"Connection refused", "nothing listens there; is the proxy running, with that control.address?"},
    {"DNS resolution failed", "the name is not known; give another --address"},
    {"handshake",
     "the TLS handshake failed; give the --cert-file and --key-file that control.tls of the proxy "
     "vouches for"},
    {"", "the connection broke; does control.tls.client_ca_file of the proxy vouch for --cert-file?"},
};

std::string_view AdviceFor(const std::string& message, bool is_unix) {
  const auto first = [&](const auto& causes) {
    for (const Cause& cause : causes) {
      if (message.find(cause.sign) != std::string::npos) return cause.advice;
    }
    return std::string_view();
  };
  return is_unix ? first(kUnixCauses) : first(kPortCauses);
}

Failure Unreachable(const grpc::Status& status, const Server& server) {
  return {kUnreachable, fmt::format("cannot reach {}: {}\n({})\n", server.address,
                                    AdviceFor(status.error_message(), server.address.starts_with(kUnix)),
                                    Printable(status.error_message()))};
}

struct Details {
  std::string reason;      // of ErrorInfo
  std::string violations;  // a line each
};

Details ReadDetails(const grpc::Status& status) {
  google::rpc::Status wire;
  Details details;
  if (!wire.ParseFromString(status.error_details())) return details;
  for (const google::protobuf::Any& any : wire.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (any.UnpackTo(&info)) details.reason = info.reason();
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      const std::string where = violation.field().empty() ? "" : violation.field() + ": ";
      details.violations += Printable(where + violation.description()) + "\n";
    }
  }
  return details;
}

// What to do about it, behind the message; empty = the message says it.
std::string_view RemedyFor(grpc::StatusCode code, const std::string& reason) {
  if (reason == "NOT_OWNER")
    return "; change it there, or take it over for a while with --override-owner-for 10m";
  switch (code) {
    case grpc::StatusCode::PERMISSION_DENIED:
      return "; control.tls.grants of the proxy says who may do what";
    case grpc::StatusCode::ABORTED:
      return "; look at what is in force now, and try again";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "; try again in a moment";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "; the proxy is of another version than this program";
    default:
      return "";
  }
}

}  // namespace

Failure DescribeFailure(const grpc::Status& status, const Server& server) {
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return Unreachable(status, server);
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return {kUnreachable, fmt::format("{} has not answered within {}; --timeout waits longer\n",
                                      server.address, FormatAge(server.timeout))};
  }
  const Details details = ReadDetails(status);
  if (!details.violations.empty()) return {kRefused, details.violations};
  return {kRefused, fmt::format("{}{}\n", Printable(status.error_message()),
                                RemedyFor(status.error_code(), details.reason))};
}

}  // namespace fairlead::ctl
