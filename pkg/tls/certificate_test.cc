#include "pkg/tls/certificate.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "pkg/tls/certificate_groups.h"
#include "pkg/tls/certificate_parts.h"
#include "pkg/tls/test_certificates.h"
#include "pkg/tls/ticket_keys.h"
#include "pkg/tls/validity.h"
#include "tests/support/fake_clock.h"

namespace fairlead::tls {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CertificateTest : public ::testing::Test {
 protected:
  static std::string ErrorOf(const Pem& chain, const Pem& key) {
    const auto loaded = Certificate::Load(chain, key);
    return loaded.ok() ? "" : std::string(loaded.status().message());
  }
  std::string ErrorOf(const TestRequest& request) {
    const TestPair pair = authority_.Issue(request);
    return ErrorOf(pair.chain, pair.key);
  }

  TestAuthority authority_;
};

TEST_F(CertificateTest, LoadsAPairWithItsChain) {
  TestPair pair =
      authority_.Issue({.names = {"A.example.com", "*.b.example.com"}, .ends = std::chrono::hours(5)});
  pair.chain.text += authority_.pem().text;
  const auto now = std::chrono::system_clock::now();
  const auto loaded = Certificate::Load(pair.chain, pair.key);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_THAT((*loaded)->names(), ElementsAre("a.example.com", "*.b.example.com"));
  EXPECT_EQ((*loaded)->key_type(), Certificate::KeyType::kEcdsa);
  EXPECT_NEAR(std::chrono::duration<double>((*loaded)->expires() - now).count(), 5 * 3600, 60);
}

TEST_F(CertificateTest, FallsBackToTheCommonName) {
  EXPECT_THAT(authority_.Load({.common_name = "c.example.com"})->names(), ElementsAre("c.example.com"));
}

TEST_F(CertificateTest, RefusesAKeyOfAnotherCertificate) {
  const TestPair one = authority_.Issue({});
  const TestPair other = authority_.Issue({});
  EXPECT_THAT(ErrorOf(one.chain, other.key),
              AllOf(HasSubstr("key.pem"), HasSubstr("does not belong"), HasSubstr("cert.pem")));
  const TestPair rsa = authority_.Issue({.key = TestKey::kRsa2048});
  EXPECT_THAT(ErrorOf(one.chain, rsa.key), HasSubstr("does not belong"));
}

TEST_F(CertificateTest, ItsDatesAreToldAndNotJudged) {
  const base::WallTime now = std::chrono::system_clock::now();
  const auto load = [&](const TestRequest& subject) {
    const TestPair pair = authority_.Issue(subject);
    return *Certificate::Load(pair.chain, pair.key);
  };
  using std::chrono::hours;
  EXPECT_THAT(OutOfDate(*load({.begins = hours(-2), .ends = hours(-1)}), now), HasSubstr("expired at 20"));
  EXPECT_THAT(OutOfDate(*load({.begins = hours(1), .ends = hours(2)}), now),
              HasSubstr("not valid before 20"));
  EXPECT_EQ(OutOfDate(*load({.begins = hours(-1), .ends = hours(1)}), now), "");
  EXPECT_EQ(ExpiresSoon(*load({.begins = hours(-2), .ends = hours(-1)}), now), "");
  EXPECT_EQ(ExpiresSoon(*load({.begins = hours(-1), .ends = hours(1)}), now), "")
      << "half of its life is left";
  EXPECT_THAT(ExpiresSoon(*load({.begins = hours(-24 * 89), .ends = hours(24)}), now),
              HasSubstr("expires at 20"));
  EXPECT_EQ(ExpiresSoon(*load({.begins = hours(-24 * 1000), .ends = hours(24 * 15)}), now), "");
}

TEST_F(CertificateTest, RefusesWhatItCannotRead) {
  const TestPair pair = authority_.Issue({});
  const Pem nothing{.name = "file.pem", .text = ""};
  const Pem noise{.name = "file.pem", .text = "noise"};
  Pem broken{.name = "file.pem", .text = pair.chain.text};
  broken.text.replace(60, 20, "AAAAAAAAAAAAAAAAAAAA");
  EXPECT_THAT(ErrorOf(nothing, pair.key), HasSubstr("file.pem: holds no certificate"));
  EXPECT_THAT(ErrorOf(noise, pair.key), HasSubstr("file.pem: holds no certificate"));
  EXPECT_THAT(ErrorOf(broken, pair.key), HasSubstr("file.pem: certificate not readable"));
  EXPECT_THAT(ErrorOf(pair.chain, noise), HasSubstr("file.pem: holds no private key"));
  EXPECT_THAT(ErrorOf(pair.key, pair.chain), HasSubstr("holds no certificate"));
  // One bad certificate behind a good one spoils the chain.
  EXPECT_THAT(ErrorOf({.name = "file.pem", .text = pair.chain.text + broken.text}, pair.key),
              HasSubstr("certificate not readable"));
}

TEST_F(CertificateTest, RefusesWeakAndUnknownKeys) {
  EXPECT_THAT(ErrorOf({.key = TestKey::kRsa1024}), HasSubstr("1024 bits; at least 2048"));
  EXPECT_EQ(ErrorOf({.key = TestKey::kRsa2048}), "");
}

// No handshake could use the others: every client would be turned away.
TEST_F(CertificateTest, RefusesCurvesThatNobodyOffers) {
  const auto error_on = [](const char* curve) {
    const KeyPtr key(EVP_EC_gen(curve));
    const X509Ptr certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 60);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const BioPtr chain(BIO_new(BIO_s_mem())), secret(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(chain.get(), certificate.get());
    PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    const auto text = [](BIO* bio) {
      char* data = nullptr;
      const long size = BIO_get_mem_data(bio, &data);
      return std::string(data, size);
    };
    return ErrorOf({.name = "cert.pem", .text = text(chain.get())},
                   {.name = "key.pem", .text = text(secret.get())});
  };
  for (const char* usable : {"P-256", "P-384", "P-521"}) EXPECT_EQ(error_on(usable), "") << usable;
  EXPECT_EQ(error_on("secp256k1"),
            "key.pem: the ECDSA key is on the curve secp256k1; P-256, P-384 or P-521 is needed");
  EXPECT_THAT(error_on("brainpoolP256r1"), HasSubstr("brainpoolP256r1"));
}

TEST_F(CertificateTest, RefusesAnEncryptedKey) {
  const TestPair pair = authority_.Issue({});
  const KeyPtr key = NewTestKey(TestKey::kEcdsa);
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(),
                           reinterpret_cast<const unsigned char*>("secret"), 6, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  EXPECT_THAT(ErrorOf(pair.chain, {.name = "key.pem", .text = std::string(data, size)}),
              HasSubstr("password"));
}

TEST_F(CertificateTest, ReadsFiles) {
  const auto path = std::filesystem::path(::testing::TempDir()) / ("pem_" + std::to_string(::getpid()));
  std::ofstream(path) << "content";
  EXPECT_EQ(ReadPemFile(path)->text, "content");
  std::ofstream(path) << std::string((1 << 20) + 1, 'x');
  EXPECT_THAT(std::string(ReadPemFile(path).status().message()), HasSubstr("larger than 1048576 bytes"));
  std::filesystem::remove(path);
  EXPECT_THAT(std::string(ReadPemFile(path).status().message()),
              AllOf(HasSubstr(path.string()), HasSubstr("No such file")));
}

TEST_F(CertificateTest, WaitsForNobodyAtAPipe) {
  const std::string path = ::testing::TempDir() + "fairlead_pipe_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(std::string(ReadPemFile(path).status().message()), HasSubstr("no regular file"));
  std::filesystem::remove(path);
}

TEST_F(CertificateTest, TrustWantsCertificatesAndLists) {
  EXPECT_THAT(std::string(TrustStore::Load({.name = "ca.pem", .text = ""}, {}).status().message()),
              HasSubstr("ca.pem: holds no certificate"));
  EXPECT_THAT(
      std::string(TrustStore::Load(authority_.pem(), Pem{.name = "crl.pem", .text = "x"}).status().message()),
      HasSubstr("crl.pem: holds no certificate revocation list"));
  EXPECT_NE(authority_.Trust()->id(), authority_.Trust(authority_.Revoke(false))->id());
  EXPECT_EQ(authority_.Trust()->id(), authority_.Trust()->id());
}

// RFC 5280 §4.1.2.5 has 99991231235959Z for what never ends.
TEST(TimeOf, KeepsToWhatATimeHolds) {
  const auto time_of = [](const char* text) {
    ASN1_TIME* time = ASN1_TIME_new();
    ASN1_TIME_set_string(time, text);
    const base::WallTime told = TimeOf(time);
    ASN1_TIME_free(time);
    return told;
  };
  EXPECT_EQ(time_of("20260102030405Z").time_since_epoch(), std::chrono::seconds(1767323045));
  EXPECT_GT(time_of("99991231235959Z"), time_of("22610101000000Z"));
  const base::WallTime now = time_of("20260102030405Z");
  EXPECT_FALSE(EndsSoon(time_of("19500101000000Z"), time_of("99991231235959Z"), now));
  EXPECT_TRUE(EndsSoon(time_of("19500101000000Z"), time_of("20260103030405Z"), now));
}

TEST(TicketKeys, TurnByThemselves) {
  testing::FakeClock clock;
  TicketKeys keys(clock, base::Duration(1000));
  const auto first = keys.Current();
  clock.Advance(base::Duration(999));
  EXPECT_EQ(keys.Current().name, first.name);
  clock.Advance(base::Duration(1));
  const auto second = keys.Current();
  EXPECT_NE(second.name, first.name);
  EXPECT_EQ(keys.Find(first.name.data())->cipher, first.cipher);
  clock.Advance(base::Duration(1000));
  EXPECT_FALSE(keys.Find(first.name.data()).has_value());
  EXPECT_TRUE(keys.Find(second.name.data()).has_value());
  clock.Advance(base::Duration(2000));
  EXPECT_FALSE(keys.Find(second.name.data()).has_value());
}

}  // namespace
}  // namespace fairlead::tls
