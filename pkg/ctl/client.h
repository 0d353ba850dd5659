#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include "absl/functional/function_ref.h"
#include "pkg/ctl/session.h"

namespace google::protobuf {
class Message;
}
namespace grpc {
class ChannelInterface;
class ClientContext;
class Status;
}  // namespace grpc

namespace fairlead::ctl {

// Inside this room only: calls to one proxy. What goes wrong is said on standard error, and becomes the code
// that the command ends with. One thread.
class Client {
 public:
  explicit Client(const Session& session) : session_(session) {}

  // A unary RPC, such as `Ask<v1::ConfigService>(&v1::ConfigService::StubInterface::GetConfig, request,
  // &response)`. kDone when it was answered.
  template <typename Service, typename Request, typename Response>
  ExitCode Ask(grpc::Status (Service::StubInterface::*rpc)(grpc::ClientContext*, const Request&, Response*),
               const std::type_identity_t<Request>& request, std::type_identity_t<Response>* response) {
    return Run([&](const std::shared_ptr<grpc::ChannelInterface>& channel, grpc::ClientContext* context) {
      const auto stub = Service::NewStub(channel);
      return ((*stub).*rpc)(context, request, response);
    });
  }

  // Likewise for any call; with `endless` it has no deadline.
  using Work =
      absl::FunctionRef<grpc::Status(const std::shared_ptr<grpc::ChannelInterface>&, grpc::ClientContext*)>;
  ExitCode Run(Work work, bool endless = false);

  bool json() const { return session_.format == Format::kJson; }
  const Style& style() const { return session_.style; }

 private:
  const Session& session_;
  std::shared_ptr<grpc::ChannelInterface> channel_;  // once it was needed
};

// Writes to standard output, at once.
void Print(const std::string& text);
// Likewise to standard error.
void PrintError(const std::string& text);
// Protobuf's JSON with the names of the .proto files, every field there; one line, or indented.
void PrintJson(const google::protobuf::Message& message, bool one_line = false);

}  // namespace fairlead::ctl
