#pragma once

#include <memory>

namespace grpc::experimental {
class ServerInterceptorFactoryInterface;
}

namespace fairlead::control {

// Inside this room only: for bytes that are no message of the method's type, gRPC answers UNIMPLEMENTED
// without a word. With this it is INVALID_ARGUMENT, and says what is wrong.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeUnreadableRequests();

}  // namespace fairlead::control
