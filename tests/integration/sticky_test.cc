#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/integration/answering_backend.h"
#include "tests/integration/running_proxy.h"

namespace fairlead::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Sticky : public ::testing::Test {
 protected:
  // `a` are more keys of the endpoint a.
  std::string Config(std::string_view cookie, std::string_view a = "") const {
    return fmt::format(
        "listeners: [{{name: web, address: 127.0.0.1:0}}]\n"
        "virtual_hosts:\n"
        "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app}}]}}\n"
        "clusters: [{{name: app, endpoints: [{}, {}, {}], sticky_cookie: {{{}}}}}]\n",
        a_.endpoint(a), b_.endpoint(), c_.endpoint(), cookie);
  }
  // Opens a tunnel with this cookie: the backend that it leads to. What is to be set comes to `set_`.
  std::string Open(const RunningProxy& proxy, std::string_view cookie = "") {
    clients_.push_back(proxy.Connect());
    clients_.back().Send(
        UpgradeRequest("/ws", cookie.empty() ? "" : fmt::format("Cookie: theme=dark; {}\r\n", cookie)));
    const Head head = Head::Receive(clients_.back());
    EXPECT_EQ(head.status(), 101);
    set_ = head.Get("Set-Cookie").value_or("");
    return head.Get("X-Backend").value_or("");
  }
  // "name=value" of what was set last.
  std::string Given() const { return set_.substr(0, set_.find(';')); }
  // A cookie that leads to this backend.
  std::string CookieFor(const RunningProxy& proxy, std::string_view backend) {
    for (int i = 0; i < 200; ++i) {
      if (Open(proxy) == backend) return Given();
    }
    ADD_FAILURE() << "nobody comes to " << backend;
    return "";
  }

  AnsweringBackend a_{"a"}, b_{"b"}, c_{"c"};
  std::vector<Socket> clients_;
  std::string set_;
};

TEST_F(Sticky, AClientComesBackToItsBackend) {
  const RunningProxy proxy(Config("name: at, path: /ws, secure: true"), {.workers = 2});
  const std::string backend = Open(proxy);
  EXPECT_THAT(set_, HasSubstr("; Path=/ws; SameSite=Lax; Secure; HttpOnly"));
  EXPECT_THAT(set_, Not(HasSubstr("at=" + backend + ";")));
  const std::string cookie = Given();
  EXPECT_THAT(cookie, HasSubstr("at="));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Open(proxy, cookie), backend);
    EXPECT_EQ(set_, "") << "it has it already";
  }
}

TEST_F(Sticky, PlainRequestsComeBackToo) {
  const RunningProxy proxy(Config(""));
  Socket client = proxy.Connect();
  client.Send(GetRequest("/"));
  const Response first = ReceiveResponse(client);
  const std::string cookie = first.head.Get("Set-Cookie").value_or("");
  for (int i = 0; i < 5; ++i) {
    client.Send(GetRequest("/", fmt::format("Cookie: {}\r\n", cookie.substr(0, cookie.find(';')))));
    EXPECT_EQ(ReceiveResponse(client).body, first.body);
  }
}

TEST_F(Sticky, WhatNobodyHasIssuedLeadsNowhere) {
  const RunningProxy proxy(Config(""));
  std::string forged = CookieFor(proxy, "a");
  forged.back() = forged.back() == 'A' ? 'E' : 'A';
  std::set<std::string> seen;
  for (int i = 0; i < 6; ++i) {
    seen.insert(Open(proxy, forged));
    EXPECT_NE(set_, "") << "a good one is given";
  }
  EXPECT_EQ(seen.size(), 3u);
  for (const char* cookie : {"fairlead=a", "fairlead=", "fairlead"}) {
    Open(proxy, cookie);
    EXPECT_NE(set_, "") << cookie;
  }
}

TEST_F(Sticky, ABackendThatDrainsServesThoseWhoComeBackAndNobodyElse) {
  RunningProxy proxy(Config(""));
  const std::string cookie = CookieFor(proxy, "a");
  EXPECT_THAT(proxy.Apply(Config("", ", state: DRAINING")), IsEmpty());
  EXPECT_EQ(Open(proxy, cookie), "a");
  for (int i = 0; i < 6; ++i) EXPECT_NE(Open(proxy), "a");
  EXPECT_THAT(proxy.Apply(Config("", ", weight: 0")), IsEmpty());
  EXPECT_NE(Open(proxy, cookie), "a") << "weight 0 takes nothing new at all";
  EXPECT_NE(set_, "") << "it belongs elsewhere now";
}

TEST_F(Sticky, ADeadBackendIsLeftForAnotherAtOnce) {
  const RunningProxy proxy(Config(""));
  const std::string cookie = CookieFor(proxy, "a");
  a_.Kill();
  EXPECT_NE(Open(proxy, cookie), "a");
  const std::string next = Given();
  EXPECT_NE(next, cookie);
  EXPECT_NE(Open(proxy, next), "a");
  EXPECT_EQ(set_, "");
}

TEST_F(Sticky, ACookieThatRunsOutIsRenewed) {
  const RunningProxy proxy(Config("ttl: 1h"));
  Open(proxy);
  EXPECT_THAT(set_, HasSubstr("; Max-Age=3600; "));
  const std::string cookie = Given();
  Open(proxy, cookie);
  EXPECT_EQ(Given(), cookie);
}

class StickyKeyFile : public Sticky {
 protected:
  StickyKeyFile() { Write(std::string(32, 'k')); }
  ~StickyKeyFile() override { ::unlink(path_.c_str()); }
  void Write(const std::string& key) const { std::ofstream(path_, std::ios::binary) << key; }

  const std::string path_ = ::testing::TempDir() + fmt::format("sticky_test_{}.key", ::getpid());
};

TEST_F(StickyKeyFile, ProxiesWithTheSameKeyReadOneAnothersCookies) {
  const std::string config = Config("key_file: " + path_);
  const RunningProxy one(config), other(config), stranger(Config(""));
  const std::string cookie = CookieFor(one, "b");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Open(other, cookie), "b");
  std::set<std::string> seen;
  for (int i = 0; i < 3; ++i) seen.insert(Open(stranger, cookie));
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(StickyKeyFile, AKeyThatIsMissingOrShortIsRefusedAndNothingChanges) {
  RunningProxy proxy(Config("key_file: " + path_));
  const std::string cookie = CookieFor(proxy, "b");
  EXPECT_THAT(proxy.Apply(Config("key_file: /nonexistent/key")),
              ElementsAre(HasSubstr("clusters[0].sticky_cookie.key_file: /nonexistent/key cannot be read: No "
                                    "such file or directory, give a "
                                    "file of 32 random bytes or more")));
  Write("short");
  EXPECT_THAT(proxy.Apply(Config("path: /other, key_file: " + path_)),
              ElementsAre(HasSubstr("holds 5 bytes")));
  EXPECT_EQ(Open(proxy, cookie), "b");
}

}  // namespace
}  // namespace fairlead::testing
