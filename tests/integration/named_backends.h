#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tests/integration/running_proxy.h"

namespace fairlead::testing {

// Backends that answer with their names, for tests of who gets a request.
class NamedBackends {
 public:
  // Adds one; returns it as an endpoint of the configuration.
  std::string Add(const std::string& name);
  Backend& Get(std::string_view name);

  // Sends the request on a connection of its own. Returns the name of the backend that got it, or the status
  // that the proxy answered with itself.
  std::string AnswerTo(const RunningProxy& proxy, std::string_view request,
                       std::string_view listener = "web");
  // Likewise on a connection that the test holds; what the backend was asked goes to *asked.
  std::string AnswerTo(Socket& client, std::string_view request, std::string* asked = nullptr);

 private:
  // Answers whoever has connected; false when nobody has.
  bool ServeOne(std::string* asked);

  std::map<std::string, Backend, std::less<>> backends_;
};

}  // namespace fairlead::testing
