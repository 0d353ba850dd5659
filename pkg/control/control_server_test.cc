#include "pkg/control/control_server.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <sys/stat.h>

#include "pkg/control/control_server_test.h"

namespace fairlead::control {
namespace {

using testing::HasSubstr;

TEST_F(ControlServerTest, KeepsItsSocketToItsUser) {
  struct stat found {};
  ASSERT_EQ(::stat(directory_.Path("own").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700);
  ASSERT_EQ(::stat(directory_.Path("own/control.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600);
}

TEST_F(ControlServerTest, RefusesASocketThatIsServed) {
  const auto second = ControlServer::Start(BackingOf());
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("control.sock"));
}

// Sends one message, as bytes.
grpc::Status CallWithBytes(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                           const std::string& message, grpc::ByteBuffer* response) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice slice(message);
  const grpc::ByteBuffer request(&slice, 1);
  const auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok));
  return status;
}

// What a method answers to one message, as bytes: for services that come with gRPC and without stubs.
std::string CallGeneric(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& message) {
  grpc::ByteBuffer response;
  const grpc::Status status = CallWithBytes(channel, method, message, &response);
  EXPECT_TRUE(status.ok()) << method << ": " << status.error_message();
  grpc::Slice answer;
  if (!response.DumpToSingleSlice(&answer).ok()) return {};
  return {reinterpret_cast<const char*>(answer.begin()), answer.size()};
}

TEST_F(ControlServerTest, AnswersHealthChecks) {
  // HealthCheckResponse.status = SERVING.
  EXPECT_EQ(CallGeneric(channel_, "/grpc.health.v1.Health/Check", ""), "\x08\x01");
}

TEST_F(ControlServerTest, NamesItsServicesByReflection) {
  // ServerReflectionRequest.list_services = "".
  const std::string answer = CallGeneric(
      channel_, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3a\x00", 2));
  for (const char* name : {"ConfigService", "StatusService", "TunnelService"}) {
    EXPECT_THAT(answer, HasSubstr(std::string("fairlead.control.v1.") + name));
  }
}

TEST_F(ControlServerTest, SaysThatBytesAreNoRequest) {
  grpc::ByteBuffer response;
  for (const char* method :
       {"ConfigService/ApplyConfig", "TunnelService/Explain", "StatusService/GetStatus"}) {
    const grpc::Status status =
        CallWithBytes(channel_, std::string("/fairlead.control.v1.") + method, "\xff\xff", &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_THAT(status.error_message(), HasSubstr("no message of this method")) << method;
  }
  EXPECT_EQ(
      CallWithBytes(channel_, "/fairlead.control.v1.ConfigService/Nonsense", "", &response).error_code(),
      grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace fairlead::control
