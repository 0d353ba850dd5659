#pragma once

#include <string>

#include "pkg/ctl/session.h"

namespace grpc {
class Status;
}

namespace fairlead::ctl {

// Why a call failed and what to do about it.
struct Failure {
  ExitCode code = kRefused;
  std::string
      text;  // lines, each with its end; of violations one each: "path: what is wrong, what would be right"
};

// Of a status that is not OK.
Failure DescribeFailure(const grpc::Status& status, const Server& server);

}  // namespace fairlead::ctl
