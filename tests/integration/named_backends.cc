#include "tests/integration/named_backends.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace fairlead::testing {

std::string NamedBackends::Add(const std::string& name) {
  const Backend& added = backends_.try_emplace(name).first->second;
  return fmt::format("{{id: '{}', address: '{}'}}", name, added.address().ToString());
}

Backend& NamedBackends::Get(std::string_view name) {
  const auto found = backends_.find(name);
  EXPECT_NE(found, backends_.end()) << "no backend " << name;
  return found->second;
}

std::string NamedBackends::AnswerTo(const RunningProxy& proxy, std::string_view request,
                                    std::string_view listener) {
  Socket client = proxy.Connect(listener);
  return AnswerTo(client, request);
}

std::string NamedBackends::AnswerTo(Socket& client, std::string_view request, std::string* asked) {
  client.Send(request);
  Eventually([&] { return ServeOne(asked) || !client.Silent(); });
  const Response response = ReceiveResponse(client);
  return response.head.status() == 200 ? response.body : std::to_string(response.head.status());
}

bool NamedBackends::ServeOne(std::string* asked) {
  for (auto& [name, backend] : backends_) {
    if (backend.Idle()) continue;
    Socket connection = backend.Accept();
    const Head head = Head::Receive(connection);
    if (asked != nullptr) *asked = head.text();
    connection.Send(OkResponse(name));
    return true;
  }
  return false;
}

}  // namespace fairlead::testing
