#include "pkg/tls/key_schedule.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "pkg/tls/openssl_ptr.h"

namespace fairlead::tls {
namespace {

struct Question {
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  std::string digest = "SHA2-256";
  std::optional<std::string> key;
  std::optional<std::string> salt = {};
  std::string prefix = "tls13 ";
  std::string label = {};
  std::optional<std::string> data = {};
};

// What the provider that `query` asks for makes of it.
std::optional<std::string> Ask(const char* query, Question question, size_t size) {
  const std::unique_ptr<EVP_KDF, OpenSslFree<EVP_KDF_free>> kdf(
      EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_3_KDF, query));
  if (kdf == nullptr) return std::nullopt;
  const std::unique_ptr<EVP_KDF_CTX, OpenSslFree<EVP_KDF_CTX_free>> context(EVP_KDF_CTX_new(kdf.get()));
  std::vector<OSSL_PARAM> parameters;
  const auto add = [&](const char* name, std::string& value) {
    parameters.push_back(OSSL_PARAM_construct_octet_string(name, value.data(), value.size()));
  };
  parameters.push_back(OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &question.mode));
  parameters.push_back(OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, question.digest.data(), 0));
  if (question.key) add(OSSL_KDF_PARAM_KEY, *question.key);
  if (question.salt) add(OSSL_KDF_PARAM_SALT, *question.salt);
  add(OSSL_KDF_PARAM_PREFIX, question.prefix);
  add(OSSL_KDF_PARAM_LABEL, question.label);
  if (question.data) add(OSSL_KDF_PARAM_DATA, *question.data);
  parameters.push_back(OSSL_PARAM_construct_end());
  std::string out(size, '\0');
  const int done =
      EVP_KDF_derive(context.get(), reinterpret_cast<uint8_t*>(out.data()), size, parameters.data());
  return done == 1 ? std::optional(out) : std::nullopt;
}

class KeyScheduleTest : public ::testing::Test {
 protected:
  KeyScheduleTest() { EXPECT_NE(LoadKeySchedule(), nullptr); }

  static std::optional<std::string> Ours(const Question& question, size_t size = 32) {
    return Ask("provider=fairlead", question, size);
  }
  static std::optional<std::string> OpenSsls(const Question& question, size_t size) {
    return Ask("provider=default", question, size);
  }
  static std::string Secret(size_t size, char first) {
    std::string secret(size, '\0');
    for (char& byte : secret) byte = first++;
    return secret;
  }
};

TEST_F(KeyScheduleTest, IsWhatTheQueryFinds) {
  const std::unique_ptr<EVP_KDF, OpenSslFree<EVP_KDF_free>> kdf(
      EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_3_KDF, LoadKeySchedule()));
  ASSERT_NE(kdf, nullptr);
  EXPECT_STREQ(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf.get())), "fairlead");
  // All else comes from where it came before.
  const std::unique_ptr<EVP_MD, OpenSslFree<EVP_MD_free>> digest(
      EVP_MD_fetch(nullptr, "SHA2-256", LoadKeySchedule()));
  ASSERT_NE(digest, nullptr);
  EXPECT_STREQ(OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(digest.get())), "default");
}

// gRPC, say, whose TLS is in the same process. In a process of its own, where nobody has asked OpenSSL for
// anything before ours is loaded.
TEST_F(KeyScheduleTest, IsNotFoundByWhoeverAsksForNothing) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto look = [] {
    const std::unique_ptr<EVP_KDF, OpenSslFree<EVP_KDF_free>> kdf(
        EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_TLS1_3_KDF, nullptr));
    const std::string_view found = OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf.get()));
    std::exit(found == "default" ? 0 : 1);
  };
  EXPECT_EXIT(look(), ::testing::ExitedWithCode(0), "");
}

TEST_F(KeyScheduleTest, ExpandsAsOpenSslDoes) {
  for (const auto& [digest, hash_bytes] : {std::pair("SHA2-256", 32), {"SHA2-384", 48}}) {
    const std::string key = Secret(hash_bytes, 1);
    for (const char* label : {"key", "iv", "finished", "c ap traffic", "s hs traffic", "res master"}) {
      for (const size_t size : {1, 12, 16, 31, 32, 33, 48, 49, 64, 500}) {
        Question question{.digest = digest, .key = key, .label = label};
        ASSERT_TRUE(OpenSsls(question, size).has_value());
        EXPECT_EQ(Ours(question, size), OpenSsls(question, size)) << digest << label << size;
        question.data = Secret(hash_bytes, 100);
        ASSERT_TRUE(OpenSsls(question, size).has_value());
        EXPECT_EQ(Ours(question, size), OpenSsls(question, size)) << digest << label << size;
      }
    }
  }
}

TEST_F(KeyScheduleTest, ExtractsAsOpenSslDoes) {
  for (const auto& [digest, hash_bytes] : {std::pair("SHA2-256", 32u), {"SHA2-384", 48u}}) {
    const std::string before = Secret(hash_bytes, 9);
    for (const bool with_key : {false, true}) {
      for (const bool with_salt : {false, true}) {
        for (const size_t key_bytes : {32, 48, 66, 200}) {
          Question question{
              .mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY, .digest = digest, .key = {}, .label = "derived"};
          if (with_key) question.key = Secret(key_bytes, 50);
          if (with_salt) question.salt = before;
          ASSERT_TRUE(Ours(question, hash_bytes).has_value());
          EXPECT_EQ(Ours(question, hash_bytes), OpenSsls(question, hash_bytes)) << digest << key_bytes;
        }
      }
    }
  }
}

TEST_F(KeyScheduleTest, RefusesWhatTlsDoesNotAsk) {
  const Question good{.key = Secret(32, 1), .label = "key"};
  ASSERT_TRUE(Ours(good).has_value());
  const auto refuses = [&](auto change, size_t size = 32) {
    Question question = good;
    change(question);
    return !Ours(question, size).has_value();
  };
  EXPECT_TRUE(refuses([](Question& q) { q.mode = EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND; }));
  EXPECT_TRUE(refuses([](Question& q) { q.mode = -1; }));
  EXPECT_TRUE(refuses([](Question& q) { q.digest = "SHA1"; }));
  EXPECT_TRUE(refuses([](Question& q) { q.digest = ""; }));
  EXPECT_TRUE(refuses([](Question& q) { q.key.reset(); }));
  EXPECT_TRUE(refuses([](Question& q) { q.key = std::string(31, 'x'); }));
  EXPECT_TRUE(refuses([](Question& q) { q.key = std::string(33, 'x'); }));
  EXPECT_TRUE(refuses([](Question& q) { q.prefix = "dtls13"; }));
  EXPECT_TRUE(refuses([](Question& q) { q.prefix = ""; }));
  EXPECT_FALSE(refuses([](Question& q) { q.label = std::string(249, 'x'); }));
  EXPECT_TRUE(refuses([](Question& q) { q.label = std::string(250, 'x'); }));
  EXPECT_FALSE(refuses([](Question& q) { q.data = std::string(48, 'x'); }));
  EXPECT_TRUE(refuses([](Question& q) { q.data = std::string(49, 'x'); }));
  EXPECT_FALSE(refuses([](Question&) {}, 255 * 32));
  EXPECT_TRUE(refuses([](Question&) {}, 255 * 32 + 1));
  const auto extract = [](Question& q) {
    q.mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    q.salt = std::string(32, 'x');
    q.label = "derived";
  };
  EXPECT_FALSE(refuses(extract));
  EXPECT_TRUE(refuses(extract, 31));
  EXPECT_TRUE(refuses([&](Question& q) { extract(q), q.label = "else"; }));
  EXPECT_TRUE(refuses([&](Question& q) { extract(q), q.salt = "short"; }));
}

TEST_F(KeyScheduleTest, IsTheSameOnEveryThread) {
  const Question question{.key = Secret(32, 1), .label = "key"};
  std::optional<std::string> elsewhere;
  std::thread([&] { elsewhere = Ours(question); }).join();
  ASSERT_TRUE(elsewhere.has_value());
  EXPECT_EQ(elsewhere, Ours(question));
}

TEST_F(KeyScheduleTest, CapturesTheTrafficSecretsWhileSomebodyWantsThem) {
  const Question client{.key = Secret(32, 1), .label = "c ap traffic", .data = Secret(32, 2)};
  const Question server{.key = Secret(32, 1), .label = "s ap traffic", .data = Secret(32, 2)};
  const Question other{.key = Secret(32, 1), .label = "c hs traffic", .data = Secret(32, 2)};
  TrafficSecrets secrets;
  const auto text = [](const TrafficSecrets::Secret& secret) {
    return std::string(secret.bytes.begin(), secret.bytes.begin() + secret.size);
  };
  {
    const TrafficSecretCapture capture(&secrets);
    Ours(other);
    EXPECT_EQ(secrets.client.size + secrets.server.size, 0u);
    const auto made = Ours(client);
    EXPECT_EQ(text(secrets.client), made);
    EXPECT_EQ(secrets.server.size, 0u);
    const auto servers = Ours(server);
    EXPECT_EQ(text(secrets.server), servers);
  }
  secrets.Wipe();
  Ours(server);
  EXPECT_EQ(secrets.server.size, 0u);
}

}  // namespace
}  // namespace fairlead::tls
