#include "pkg/ctl/failure.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fairlead::ctl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const Server kLocal{.address = "unix:/run/fairlead/control.sock", .tls = {}, .server_name = ""};
const Server kPort{.address = "proxy:9182", .tls = {}, .server_name = ""};

// A refusal with details as the proxy sends them.
grpc::Status Refusal(grpc::StatusCode code, const std::string& message, const std::string& reason,
                     const google::rpc::BadRequest& bad) {
  google::rpc::Status status;
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  status.add_details()->PackFrom(info);
  if (bad.field_violations_size() > 0) status.add_details()->PackFrom(bad);
  return {code, message, status.SerializeAsString()};
}

TEST(DescribeFailure, GivesEachViolationALine) {
  google::rpc::BadRequest bad;
  auto& first = *bad.add_field_violations();
  first.set_field("config.clusters[0].name");
  first.set_description("is missing, give it one");
  bad.add_field_violations()->set_description("and 3 more");
  const Failure failure =
      DescribeFailure(Refusal(grpc::StatusCode::INVALID_ARGUMENT, "no", "INVALID", bad), kLocal);
  EXPECT_EQ(failure.code, kRefused);
  EXPECT_EQ(failure.text, "config.clusters[0].name: is missing, give it one\nand 3 more\n");
}

TEST(DescribeFailure, TellsHowToTakeOver) {
  const Failure failure = DescribeFailure(Refusal(grpc::StatusCode::FAILED_PRECONDITION,
                                                  "the owner of the configuration is FILE", "NOT_OWNER", {}),
                                          kLocal);
  EXPECT_EQ(failure.code, kRefused);
  EXPECT_EQ(failure.text,
            "the owner of the configuration is FILE; change it there, or take it over for a while with "
            "--override-owner-for 10m\n");
}

TEST(DescribeFailure, PointsAtTheGrants) {
  EXPECT_THAT(
      DescribeFailure({grpc::StatusCode::PERMISSION_DENIED, "reader has no role that allows this"}, kPort)
          .text,
      HasSubstr("control.tls.grants"));
}

struct UnreachableCase {
  Server server;
  std::string message;
  std::string advice;
};

TEST(DescribeFailure, SaysWhatToDoAboutAServerThatCannotBeReached) {
  const std::string all = "failed to connect to all addresses; last error: UNKNOWN: ";
  const UnreachableCase cases[] = {
      {kLocal, all + "unix:/run/fairlead/control.sock: No such file or directory", "there is no such socket"},
      {kLocal, all + "unix:/run/fairlead/control.sock: Permission denied", "run this as that user"},
      {kLocal, all + "unix:/run/fairlead/control.sock: Connection refused", "start the proxy"},
      {kLocal, "Socket closed", "root included"},
      {kPort, all + "ipv4:127.0.0.1:9182: Connection refused", "nothing listens there"},
      {kPort,
       all + "Ssl handshake failed: SSL_ERROR_SSL: error:0A000086:SSL routines::certificate verify failed",
       "--ca-file did not sign"},
      {kPort, "DNS resolution failed for proxy:9182: C-ares status is not ARES_SUCCESS",
       "give another --address"},
      {kPort, "Socket closed", "vouch for --cert-file"},
  };
  for (const UnreachableCase& unreachable : cases) {
    const Failure failure =
        DescribeFailure({grpc::StatusCode::UNAVAILABLE, unreachable.message}, unreachable.server);
    EXPECT_EQ(failure.code, kUnreachable);
    EXPECT_THAT(failure.text, StartsWith("cannot reach " + unreachable.server.address + ": "));
    EXPECT_THAT(failure.text, HasSubstr(unreachable.advice)) << unreachable.message;
    EXPECT_THAT(failure.text, HasSubstr("\n(" + unreachable.message + ")\n"));
  }
}

TEST(DescribeFailure, SaysHowLongItWaited) {
  EXPECT_EQ(DescribeFailure({grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"}, kPort).text,
            "proxy:9182 has not answered within 10s; --timeout waits longer\n");
}

}  // namespace
}  // namespace fairlead::ctl
