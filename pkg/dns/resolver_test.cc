#include "pkg/dns/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pkg/dns/lookup.h"
#include "pkg/dns/test_name_server.h"
#include "pkg/loop/loop.h"
#include "pkg/loop/test_turns.h"

namespace fairlead::dns {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class ResolverTest : public ::testing::Test {
 protected:
  // The final dot keeps the search domains of the machine out of it.
  static constexpr const char* kName = "chat.test.";

  void Start(const std::string& name) {
    lookup_ = std::make_unique<Lookup>(*resolver_, name, [this](Lookup::Answer answer) {
      ++calls_;
      answer_ = std::move(answer);
      if (destroy_in_done_) {
        lookup_.reset();
        resolver_.reset();
      }
    });
    EXPECT_EQ(calls_, 0);
  }

  Lookup::Answer LookUp(const std::string& name) {
    Start(name);
    loop::RunUntil(loop_, [this] { return calls_ > 0; });
    loop::RunIdle(loop_);
    EXPECT_EQ(calls_, 1);
    calls_ = 0;
    return answer_;
  }

  static std::vector<std::string> Texts(const Lookup::Answer& answer) {
    std::vector<std::string> texts;
    if (!answer.ok()) return texts;
    for (const base::IpAddress& address : *answer) texts.push_back(address.ToString());
    return texts;
  }

  loop::Loop loop_;
  TestNameServer server_{loop_};
  std::unique_ptr<Resolver> resolver_ =
      *Resolver::Create(loop_, {.servers = server_.address(), .timeout = base::Duration(300), .tries = 1});
  std::unique_ptr<Lookup> lookup_;
  Lookup::Answer answer_;
  int calls_ = 0;
  bool destroy_in_done_ = false;
};

TEST_F(ResolverTest, FindsAllAddressesOfBothKinds) {
  server_.Set("chat.test", {"10.0.0.2", "2001:db8::1", "10.0.0.1"});
  EXPECT_THAT(Texts(LookUp(kName)), UnorderedElementsAre("10.0.0.1", "10.0.0.2", "2001:db8::1"));
  EXPECT_EQ(server_.questions, 2);
}

TEST_F(ResolverTest, OneKindIsEnough) {
  server_.Set("chat.test", {"2001:db8::1"});
  EXPECT_THAT(Texts(LookUp(kName)), UnorderedElementsAre("2001:db8::1"));
}

TEST_F(ResolverTest, ANameThatDoesNotExistIsNotFound) {
  const Lookup::Answer answer = LookUp("nobody.test.");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("nobody.test."));
}

TEST_F(ResolverTest, ANameWithoutAddressesIsNotFound) {
  server_.Set("chat.test", {});
  EXPECT_EQ(LookUp(kName).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ResolverTest, AServerThatFailsIsUnavailable) {
  server_.code = TestNameServer::Code::kServerFailure;
  EXPECT_EQ(LookUp(kName).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ResolverTest, AServerThatIsSilentTimesOut) {
  server_.silent = true;
  EXPECT_EQ(LookUp(kName).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ResolverTest, APortWhereNobodyListensFailsAndTheNextLookupIsFreeOfIt) {
  auto gone = std::make_unique<TestNameServer>(loop_);
  resolver_ = *Resolver::Create(loop_, {.servers = gone->address()});
  gone.reset();
  EXPECT_FALSE(LookUp(kName).ok());
  EXPECT_FALSE(LookUp(kName).ok());
}

TEST_F(ResolverTest, ALiteralAddressIsItsOwnAnswer) {
  EXPECT_THAT(Texts(LookUp("192.0.2.7")), UnorderedElementsAre("192.0.2.7"));
  EXPECT_THAT(Texts(LookUp("2001:db8::7")), UnorderedElementsAre("2001:db8::7"));
  EXPECT_EQ(server_.questions, 0);
}

TEST_F(ResolverTest, TheHostsFileComesFirst) {
  EXPECT_THAT(Texts(LookUp("localhost")), ::testing::Contains("127.0.0.1"));
  EXPECT_EQ(server_.questions, 0);
}

TEST_F(ResolverTest, ManyLookupsRunAtOnce) {
  constexpr int kLookups = 50;
  server_.Set("chat.test", {"10.0.0.1"});
  std::vector<std::unique_ptr<Lookup>> lookups;
  lookups.reserve(kLookups);
  int good = 0;
  for (int i = 0; i < kLookups; ++i) {
    lookups.push_back(std::make_unique<Lookup>(*resolver_, kName, [&](const Lookup::Answer& answer) {
      if (answer.ok()) ++good;
    }));
  }
  loop::RunUntil(loop_, [&] { return good == kLookups; });
}

TEST_F(ResolverTest, ALookupThatWasGivenUpIsNotHeardOf) {
  server_.Set("chat.test", {"10.0.0.1"});
  Start(kName);
  lookup_.reset();
  loop::RunUntil(loop_, [this] { return server_.questions == 2; });
  loop::RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
}

TEST_F(ResolverTest, ALiteralThatWasGivenUpIsNotHeardOf) {
  Start("192.0.2.7");
  lookup_.reset();
  loop::RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
}

TEST_F(ResolverTest, MayEndWithLookupsUnderWay) {
  server_.silent = true;
  Start(kName);
  loop::RunUntil(loop_, [this] { return server_.questions == 2; });
  lookup_.reset();
  resolver_.reset();
  loop::RunIdle(loop_);
  EXPECT_EQ(calls_, 0);
}

TEST_F(ResolverTest, LookupAndResolverMayBeDestroyedInDone) {
  server_.Set("chat.test", {"10.0.0.1"});
  destroy_in_done_ = true;
  EXPECT_THAT(Texts(LookUp(kName)), UnorderedElementsAre("10.0.0.1"));
  EXPECT_EQ(resolver_, nullptr);
}

TEST_F(ResolverTest, RefusesServersThatAreNoAddresses) {
  const auto resolver = Resolver::Create(loop_, {.servers = "not an address"});
  EXPECT_EQ(resolver.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ResolverTest, TakesTheSystemsServersWithoutBeingTold) {
  EXPECT_TRUE(Resolver::Create(loop_, {}).ok());
}

}  // namespace
}  // namespace fairlead::dns
