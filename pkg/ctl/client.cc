#include "pkg/ctl/client.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <iostream>

#include "pkg/ctl/dial.h"
#include "pkg/ctl/failure.h"

namespace fairlead::ctl {

ExitCode Client::Run(Work work, bool endless) {
  if (!channel_) {
    auto dialled = Dial(session_.server);
    if (!dialled.ok()) {
      PrintError(std::string(dialled.status().message()) + "\n");
      return kUsage;
    }
    channel_ = *std::move(dialled);
  }
  grpc::ClientContext context;
  if (!endless) context.set_deadline(std::chrono::system_clock::now() + session_.server.timeout);
  const grpc::Status status = work(channel_, &context);
  if (status.ok()) return kDone;
  const Failure failure = DescribeFailure(status, session_.server);
  PrintError(failure.text);
  return failure.code;
}

void Print(const std::string& text) {
  std::cout << text << std::flush;
}

void PrintError(const std::string& text) {
  std::cerr << text << std::flush;
}

void PrintJson(const google::protobuf::Message& message, bool one_line) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = !one_line;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  // Nothing of ours holds an Any, the one thing that may fail.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  Print(one_line ? text + "\n" : text);
}

}  // namespace fairlead::ctl
