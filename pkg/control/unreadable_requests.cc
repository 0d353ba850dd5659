#include "pkg/control/unreadable_requests.h"

#include <grpcpp/support/server_interceptor.h>

#include "pkg/control/rpc_status.h"

namespace fairlead::control {
namespace {

using grpc::experimental::InterceptionHookPoints;

// Of one call.
class Interceptor final : public grpc::experimental::Interceptor {
 public:
  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    // What could not be read is handed on as nothing; so is the end of a stream.
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)) {
      unreadable_ = methods->GetRecvMessage() == nullptr;
    }
    if (unreadable_ && methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS) &&
        methods->GetSendStatus().error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      methods->ModifySendStatus(
          InvalidField("", "the request is no message of this method", "send one of its type, in protobuf"));
    }
    methods->Proceed();
  }

 private:
  bool unreadable_ = false;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo*) override {
    return new Interceptor();  // gRPC owns it
  }
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeUnreadableRequests() {
  return std::make_unique<Factory>();
}

}  // namespace fairlead::control
