#include "pkg/apply/warnings.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "pkg/apply/inspection.h"
#include "pkg/config/load.h"
#include "pkg/tls/test_certificates.h"

namespace fairlead::apply {
namespace {

using std::chrono::hours;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Escaped(const std::string& pem) {
  std::string escaped;
  for (const char c : pem) escaped += c == '\n' ? "\\n" : std::string(1, c);
  return escaped;
}

std::string Listener(const std::string& chain, const std::string& key) {
  return fmt::format(
      "listeners: [{{name: web, address: 127.0.0.1:0, tls: {{certificates: [{{cert_pem: \"{}\", key_pem: "
      "\"{}\"}}]}}}}]\n",
      Escaped(chain), Escaped(key));
}

class LaterClock final : public base::Clock {
 public:
  explicit LaterClock(hours later) : later_(later) {}
  base::MonotonicTime Now() const override { return base::SystemClock().Now(); }
  base::WallTime WallNow() const override { return base::SystemClock().WallNow() + later_; }

 private:
  const hours later_;
};

class WarningsTest : public ::testing::Test {
 protected:
  static Inspection Look(const std::string& yaml) {
    const config::Loaded loaded = config::LoadYaml(yaml);
    for (const config::Violation& violation : loaded.violations) ADD_FAILURE() << violation.ToString();
    return loaded.file ? Inspect(loaded.file->config, base::SystemClock()) : Inspection();
  }
  std::string Dated(std::chrono::seconds begins, std::chrono::seconds ends) {
    const tls::TestPair pair = authority_.Issue({.begins = begins, .ends = ends});
    return Listener(pair.chain.text, pair.key.text);
  }
  static std::vector<std::string> Lines(const std::vector<config::Violation>& violations) {
    std::vector<std::string> lines;
    for (const config::Violation& violation : violations) lines.push_back(violation.ToString());
    return lines;
  }

  tls::TestAuthority authority_;
};

TEST_F(WarningsTest, ACertificateThatIsGoodIsNoNews) {
  const Inspection good = Look(Dated(hours(-24), hours(24 * 60)));
  EXPECT_THAT(Lines(good.violations), IsEmpty());
  EXPECT_THAT(Lines(good.warnings), IsEmpty());
}

TEST_F(WarningsTest, DatesAreAWarningAndNoReasonToRefuse) {
  const Inspection expired = Look(Dated(hours(-48), hours(-24)));
  EXPECT_THAT(Lines(expired.violations), IsEmpty());
  EXPECT_THAT(Lines(expired.warnings),
              ElementsAre(AllOf(HasSubstr("listeners[0].tls.certificates[0]"), HasSubstr("expired at 20"))));
  EXPECT_THAT(Lines(Look(Dated(hours(24), hours(48))).warnings), ElementsAre(HasSubstr("not valid before")));
  EXPECT_THAT(Lines(Look(Dated(hours(-24 * 80), hours(24))).warnings),
              ElementsAre(HasSubstr("expires at 20")));
}

TEST_F(WarningsTest, ARevocationListThatIsOutOfDateOrWillBeSoonIsNews) {
  const std::string yaml = fmt::format(
      "clusters: [{{name: a, endpoints: [{{address: '127.0.0.1:1'}}], tls: {{server_name: a, ca_pem: \"{}\", "
      "crl_pem: \"{}\"}}}}]",
      Escaped(authority_.pem().text), Escaped(authority_.Revoke(false).text));
  EXPECT_THAT(Lines(Look(yaml).warnings), IsEmpty());
  const config::Loaded loaded = config::LoadYaml(yaml);
  ASSERT_TRUE(loaded.file);
  EXPECT_THAT(Lines(Inspect(loaded.file->config, LaterClock(hours(20))).warnings), IsEmpty());
  EXPECT_THAT(Lines(Inspect(loaded.file->config, LaterClock(hours(22))).warnings),
              ElementsAre(AllOf(HasSubstr("clusters[0].tls: the revocation list of /CN=authority"),
                                HasSubstr("expires at 20"))));
  EXPECT_THAT(Lines(Inspect(loaded.file->config, LaterClock(hours(48))).warnings),
              ElementsAre(AllOf(HasSubstr("clusters[0].tls: the revocation list of /CN=authority"),
                                HasSubstr("expired at 20"))));
}

TEST_F(WarningsTest, LooksAtWhatTheConfigurationNames) {
  const tls::TestPair one = authority_.Issue({}), two = authority_.Issue({});
  EXPECT_THAT(Lines(Look(Listener(one.chain.text, two.key.text)).violations),
              ElementsAre(AllOf(HasSubstr("listeners[0].tls.certificates[0].key_pem"),
                                HasSubstr("does not belong"))));
  EXPECT_THAT(Lines(Look("listeners: [{name: web, address: 127.0.0.1:0, tls: {certificates: [{cert_file: "
                         "/nowhere/a, key_file: /nowhere/b}]}}]")
                        .violations),
              ElementsAre(HasSubstr("listeners[0].tls.certificates[0].cert_file: /nowhere/a")));
  EXPECT_THAT(Lines(Look("clusters: [{name: a, endpoints: [{address: '127.0.0.1:1'}], tls: {server_name: a, "
                         "ca_file: /nowhere/ca}}]")
                        .violations),
              ElementsAre(HasSubstr("clusters[0].tls.ca_file: /nowhere/ca")));
  EXPECT_THAT(Lines(Look("clusters: [{name: a, endpoints: [{address: '127.0.0.1:1'}], sticky_cookie: "
                         "{key_file: /nowhere/key}}]")
                        .violations),
              ElementsAre(HasSubstr("clusters[0].sticky_cookie.key_file")));
}

TEST_F(WarningsTest, NamesSourceAddressesOfOtherHosts) {
  const Inspection inspection = Look(
      "clusters: [{name: a, endpoints: [{address: '127.0.0.1:1'}], source_addresses: [127.0.0.2, "
      "192.0.2.77]}]");
  EXPECT_THAT(Lines(inspection.warnings),
              ElementsAre(HasSubstr("clusters[0].source_addresses[1]: 192.0.2.77")));
}

TEST(WarningLog, TellsEachWhenItIsNew) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  WarningLog log;
  const config::Violation one{.path = "one", .line = 0, .problem = "is odd", .remedy = "mend it"};
  log.Tell({one}, {});
  log.Tell({one}, {});
  log.Tell({}, {});
  log.Tell({one}, {});
  const std::string said =
      ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
  size_t count = 0;
  for (size_t at = said.find("is odd"); at != std::string::npos; at = said.find("is odd", at + 1)) ++count;
  EXPECT_EQ(count, 2u) << said;
}

TEST(WarningLog, IsDueAnHourAfterTheLastLook) {
  const base::MonotonicTime noon{hours(12)};
  WarningLog log;
  log.Tell({}, noon);
  EXPECT_FALSE(log.Due(noon + std::chrono::minutes(59)));
  EXPECT_TRUE(log.Due(noon + hours(1)));
  log.Tell({}, noon + hours(1));
  EXPECT_FALSE(log.Due(noon + hours(1)));
}

}  // namespace
}  // namespace fairlead::apply
