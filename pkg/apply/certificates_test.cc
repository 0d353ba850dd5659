#include "pkg/apply/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pkg/apply/test_applier.h"
#include "pkg/config/messages.h"
#include "pkg/config/to_json.h"
#include "pkg/tls/test_certificates.h"

namespace fairlead::apply {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A directory in memory that goes with the test.
class MemoryDirectory {
 public:
  MemoryDirectory() {
    std::string name = "/dev/shm/fairlead-keys-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~MemoryDirectory() { std::filesystem::remove_all(path_); }
  MemoryDirectory(const MemoryDirectory&) = delete;
  MemoryDirectory& operator=(const MemoryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What all files below there hold.
std::string Content(const std::string& directory) {
  std::string content;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    content.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return content;
}

std::string Escaped(const std::string& pem) {
  std::string escaped;
  for (const char c : pem) escaped += c == '\n' ? "\\n" : std::string(1, c);
  return escaped;
}

// A line of the key that stands nowhere else.
std::string Telltale(const tls::TestPair& pair) {
  return pair.key.text.substr(pair.key.text.find('\n') + 1, 40);
}

class CertificatesTest : public ::testing::Test {
 protected:
  // Good at the tests' time, which is long ago.
  tls::TestPair Issue() {
    return authority_.Issue({.names = {"a.example.com"}, .begins = std::chrono::hours(-24 * 365 * 20)});
  }
  static std::string Inline(const tls::TestPair& pair, std::string_view more = "") {
    return fmt::format(
        "listeners: [{{name: web, address: 127.0.0.1:0, tls: {{certificates: [{{cert_pem: \"{}\", key_pem: "
        "\"{}\"}}]}}{}}}]\n",
        Escaped(pair.chain.text), Escaped(pair.key.text), more);
  }
  static Answer Replace(TestApplier& applier, const config::Config& config) {
    return applier.Submit(Push(ReplaceConfig{config}));
  }
  static bool Serves(TestApplier& applier) {
    return applier->in_force().snapshot->listeners().front().tls != nullptr;
  }

  tls::TestAuthority authority_;
  TestDirectory state_;
};

TEST_F(CertificatesTest, AKeyIsNowhereToBeSeen) {
  const tls::TestPair pair = Issue();
  TestApplier applier(config::Owner::kPush, state_.path());
  ASSERT_THAT(applier.Start(), IsEmpty());
  ASSERT_TRUE(Replace(applier, ConfigOf(Inline(pair))).applied());
  EXPECT_TRUE(Serves(applier));
  const config::Config& config = *applier->current();
  EXPECT_THAT(config::ToJson(config), Not(HasSubstr(Telltale(pair))));
  EXPECT_THAT(config::ToJson(config), HasSubstr(config::Secret(pair.key.text).sha256()));
  EXPECT_THAT(config::Serialize(config), Not(HasSubstr(Telltale(pair))));
  EXPECT_THAT(Content(state_.path()), Not(HasSubstr(Telltale(pair))));
  EXPECT_THAT(Content(state_.path()), HasSubstr(config::Secret(pair.key.text).sha256()));
}

TEST_F(CertificatesTest, WhatIsShownCanBeAppliedAgain) {
  const tls::TestPair pair = Issue();
  TestApplier applier;
  ASSERT_THAT(applier.Start(), IsEmpty());
  ASSERT_TRUE(Replace(applier, ConfigOf(Inline(pair))).applied());
  config::Config shown = *config::Parse(config::Serialize(*applier->current()), {}).value;
  shown.listeners.front().limits.max_connections = 7;
  ASSERT_TRUE(Replace(applier, shown).applied());
  EXPECT_TRUE(Serves(applier));
  TestApplier stranger;
  ASSERT_THAT(stranger.Start(), IsEmpty());
  const Answer answer = Replace(stranger, shown);
  ASSERT_FALSE(answer.applied());
  EXPECT_EQ(answer.violations.front().path, "listeners[0].tls.certificates[0].key_sha256");
}

TEST_F(CertificatesTest, AfterARestartItWaitsForItsKey) {
  const tls::TestPair pair = Issue();
  const config::Config config = ConfigOf(Inline(pair));
  {
    TestApplier applier(config::Owner::kPush, state_.path());
    ASSERT_THAT(applier.Start(), IsEmpty());
    ASSERT_TRUE(Replace(applier, config).applied());
    EXPECT_THAT(applier->status().waiting_for_keys, IsEmpty());
  }
  TestApplier applier(config::Owner::kPush, state_.path());
  ASSERT_THAT(applier.Start(), IsEmpty());
  EXPECT_THAT(applier->status().waiting_for_keys, ElementsAre("listener web"));
  EXPECT_FALSE(Serves(applier));
  // The same configuration is news as long as it brings the key.
  ASSERT_TRUE(Replace(applier, config).applied());
  EXPECT_THAT(applier->status().waiting_for_keys, IsEmpty());
  EXPECT_TRUE(Serves(applier));
}

TEST_F(CertificatesTest, ADirectoryInMemoryKeepsKeysOverARestart) {
  const tls::TestPair pair = Issue();
  const MemoryDirectory keys;
  {
    TestApplier applier(config::Owner::kPush, state_.path(), {}, keys.path());
    ASSERT_THAT(applier.Start(), IsEmpty());
    ASSERT_TRUE(Replace(applier, ConfigOf(Inline(pair))).applied());
  }
  EXPECT_THAT(Content(keys.path()), HasSubstr(Telltale(pair)));
  for (const auto& entry : std::filesystem::directory_iterator(keys.path())) {
    EXPECT_EQ(entry.status().permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  TestApplier applier(config::Owner::kPush, state_.path(), {}, keys.path());
  ASSERT_THAT(applier.Start(), IsEmpty());
  EXPECT_THAT(applier->status().waiting_for_keys, IsEmpty());
  EXPECT_TRUE(Serves(applier));
}

TEST_F(CertificatesTest, AKeyThatWasRefusedIsKeptNowhere) {
  const tls::TestPair one = Issue(), other = Issue();
  const MemoryDirectory keys;
  TestApplier applier(config::Owner::kPush, state_.path(), {}, keys.path());
  ASSERT_THAT(applier.Start(), IsEmpty());
  const Answer answer = Replace(applier, ConfigOf(Inline({.chain = one.chain, .key = other.key})));
  ASSERT_FALSE(answer.applied());
  EXPECT_EQ(answer.violations.front().path, "listeners[0].tls.certificates[0].key_pem");
  EXPECT_THAT(answer.violations.front().ToString(), Not(HasSubstr(Telltale(other))));
  EXPECT_THAT(applier->status().last_rejection, Not(HasSubstr(Telltale(other))));
  EXPECT_THAT(Content(keys.path()), IsEmpty());
}

TEST_F(CertificatesTest, OneMayGoBackToAnEarlierKey) {
  const tls::TestPair first = Issue(), second = Issue();
  TestApplier applier(config::Owner::kPush, state_.path());
  ASSERT_THAT(applier.Start(), IsEmpty());
  const Answer before = Replace(applier, ConfigOf(Inline(first)));
  ASSERT_TRUE(Replace(applier, ConfigOf(Inline(second))).applied());
  ASSERT_TRUE(applier.Submit(Push(Rollback{before.revision})).applied());
  EXPECT_TRUE(Serves(applier));
}

TEST_F(CertificatesTest, ADryRunLooksAtCertificates) {
  const tls::TestPair one = Issue(), other = Issue();
  TestApplier applier;
  ASSERT_THAT(applier.Start(), IsEmpty());
  for (const bool good : {true, false}) {
    Change change =
        Push(ReplaceConfig{ConfigOf(Inline({.chain = one.chain, .key = good ? one.key : other.key}))});
    change.validate_only = true;
    EXPECT_EQ(applier.Submit(std::move(change)).applied(), good);
  }
  EXPECT_THAT(applier->current()->listeners, IsEmpty());
}

TEST_F(CertificatesTest, ASecretDirectoryMustBeInMemory) {
  TestApplier applier(config::Owner::kPush, state_.path(), {}, "/proc");
  const auto violations = applier.Start();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations.front().path, "control.secret_dir");
  EXPECT_THAT(violations.front().problem, HasSubstr("not in memory"));
}

TEST_F(CertificatesTest, UnchangedFilesMakeNoNewContext) {
  const tls::TestPair pair = Issue();
  TestApplier applier;
  ASSERT_THAT(applier.Start(), IsEmpty());
  ASSERT_TRUE(Replace(applier, ConfigOf(Inline(pair))).applied());
  const auto before = applier->in_force().snapshot->listeners().front().tls;
  ASSERT_TRUE(Replace(applier, ConfigOf(Inline(pair, ", limits: {max_connections: 7}"))).applied());
  EXPECT_EQ(applier->in_force().snapshot->listeners().front().tls, before);
}

}  // namespace
}  // namespace fairlead::apply
