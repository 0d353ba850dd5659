#include "pkg/config/read_tls.h"

#include <fmt/format.h>

#include "gmock/gmock.h"
#include "pkg/config/load.h"
#include "pkg/config/to_json.h"
#include "pkg/config/violations_of.h"

namespace fairlead::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr char kKey[] = "-----BEGIN PRIVATE KEY-----\\nnobody must see this\\n";

std::string Listening(std::string_view tls) {
  return fmt::format("listeners: [{{name: l, address: \"0.0.0.0:80\", tls: {{{}}}}}]", tls);
}
std::string Certificate(std::string_view certificate, std::string_view more = "") {
  return Listening(fmt::format("certificates: [{{{}}}]{}", certificate, more));
}
std::string Backends(std::string_view tls, std::string_view more = "endpoints: []") {
  return fmt::format("clusters: [{{name: c, {}, tls: {{{}}}}}]", more, tls);
}
std::string KeyPem() {
  return fmt::format("cert_file: /c, key_pem: \"{}\"", kKey);
}

TEST(ReadListenerTls, NeedsACertificateAndItsKey) {
  EXPECT_THAT(ViolationsOf(Listening("")),
              ElementsAre(StartsWith("listeners[0].tls.certificates: is missing")));
  EXPECT_THAT(ViolationsOf(Certificate("")), SizeIs(2));
  EXPECT_THAT(
      ViolationsOf(Certificate("cert_file: /c")),
      ElementsAre(StartsWith("listeners[0].tls.certificates[0].key_file: is missing, give an absolute path, "
                             "or key_pem")));
  EXPECT_THAT(ViolationsOf(Certificate("cert_file: c, key_file: /k")),
              ElementsAre(HasSubstr("cert_file: \"c\" is no absolute path")));
  EXPECT_THAT(ViolationsOf(Certificate("cert_file: /c, key_file: /k")), IsEmpty());
}

TEST(ReadListenerTls, TakesEachFromOnePlace) {
  EXPECT_THAT(ViolationsOf(Certificate(KeyPem() + ", key_file: /k")),
              ElementsAre(HasSubstr("key_pem: stands beside key_file, give one of them")));
  EXPECT_THAT(
      ViolationsOf(Certificate("cert_file: /c, cert_pem: \"-----BEGIN CERTIFICATE-----\", key_file: /k")),
      ElementsAre(HasSubstr("cert_pem: stands beside cert_file")));
  EXPECT_THAT(ViolationsOf(Certificate("cert_pem: rubbish, key_file: /k")),
              ElementsAre(HasSubstr("cert_pem: is no text in PEM form")));
}

TEST(ReadListenerTls, AKeyIsNeverSpelledOut) {
  for (const std::string& more : {std::string(", key_file: /k"), std::string(", key_sha256: abc"),
                                  ", key_sha256: " + std::string(64, 'a')}) {
    for (const std::string& violation : ViolationsOf(Certificate(KeyPem() + more))) {
      EXPECT_THAT(violation, Not(HasSubstr("nobody must see this")));
    }
  }
  EXPECT_THAT(ViolationsOf(Certificate("cert_file: /c, key_pem: nobody must see this")),
              ElementsAre(Not(HasSubstr("nobody must see this"))));
  const Loaded loaded = LoadYaml(Certificate(KeyPem()));
  ASSERT_TRUE(loaded.file);
  EXPECT_THAT(ToJson(*loaded.file), Not(HasSubstr("nobody must see this")));
}

// What is no secret is shown and stored as it was given: a key must not slip in there.
TEST(ReadListenerTls, AKeyIsRefusedWhereCertificatesBelong) {
  for (const std::string kind : {"", "EC ", "RSA ", "ENCRYPTED "}) {
    const std::string pem = fmt::format(
        "\"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n-----BEGIN {0}PRIVATE KEY-----\\n"
        "nobody must see this\\n-----END {0}PRIVATE KEY-----\\n\"",
        kind);
    const auto refused = [](std::string_view field) {
      return ElementsAre(AllOf(HasSubstr(fmt::format("{}: holds a private key", field)), HasSubstr("key_pem"),
                               Not(HasSubstr("nobody must see this"))));
    };
    EXPECT_THAT(ViolationsOf(Certificate("key_file: /k, cert_pem: " + pem)), refused("cert_pem"));
    const std::string pair = "cert_file: /c, key_file: /k";
    EXPECT_THAT(ViolationsOf(Certificate(pair, ", client_ca_pem: " + pem)), refused("client_ca_pem"));
    EXPECT_THAT(ViolationsOf(Certificate(pair, ", client_ca_file: /a, client_crl_pem: " + pem)),
                refused("client_crl_pem"));
    EXPECT_THAT(ViolationsOf(Backends("server_name: a, ca_pem: " + pem)), refused("ca_pem"));
    EXPECT_THAT(ViolationsOf(Backends("server_name: a, ca_file: /c, crl_pem: " + pem)), refused("crl_pem"));
    EXPECT_THAT(ViolationsOf(Backends("server_name: a, key_file: /k, cert_pem: " + pem)),
                refused("cert_pem"));
  }
}

TEST(ReadListenerTls, AKeyIsTheOneOfItsHash) {
  const Loaded given = LoadYaml(Certificate(KeyPem()));
  const std::string hash = given.file->config.listeners[0].tls->certificates[0].key.secret.sha256();
  const Loaded named = LoadYaml(Certificate("cert_file: /c, key_sha256: " + hash));
  ASSERT_TRUE(named.file);
  EXPECT_TRUE(*named.file == *given.file);
  EXPECT_EQ(named.file->config.listeners[0].tls->certificates[0].key.secret.text(), nullptr);
}

TEST(ReadListenerTls, AsksClientsOnlyWhereItKnowsWhomToBelieve) {
  const std::string pair = "cert_file: /c, key_file: /k";
  EXPECT_THAT(ViolationsOf(Certificate(pair, ", client_certificates: REQUIRED")),
              ElementsAre(HasSubstr("client_ca_file: is missing")));
  EXPECT_THAT(ViolationsOf(Certificate(pair, ", client_crl_file: /r")),
              ElementsAre(HasSubstr("client_ca_file: is missing")));
  const Loaded loaded = LoadYaml(Certificate(pair, ", client_ca_file: /ca"));
  EXPECT_TRUE(loaded.file->config.listeners[0].tls->clients->required);
}

TEST(ReadClusterTls, MustKnowWhomToExpect) {
  EXPECT_THAT(ViolationsOf(Backends("")), ElementsAre(StartsWith("clusters[0].tls.server_name: is missing")));
  EXPECT_THAT(ViolationsOf(Backends("server_name: 10.0.0.1")), IsEmpty());
  EXPECT_THAT(ViolationsOf(Backends("server_name: \"a b\"")), SizeIs(1));
  EXPECT_THAT(ViolationsOf(Backends("subject_alt_names: [\"spiffe://a/b\"]")), IsEmpty());
  const Loaded named = LoadYaml(Backends("", "dns: {name: a.example.com, port: 80}"));
  EXPECT_EQ(named.file->config.clusters[0].tls->server_name, "a.example.com");
}

TEST(ReadClusterTls, KnowsWhoseRevocationListsTheyAre) {
  EXPECT_THAT(ViolationsOf(Backends("server_name: a, crl_file: /r")),
              ElementsAre(HasSubstr("ca_file: is missing")));
  EXPECT_THAT(ViolationsOf(Backends("server_name: a, ca_file: /c, crl_file: /r")), IsEmpty());
}

TEST(ReadClusterTls, ShowsACertificateWithItsKeyOrNone) {
  EXPECT_THAT(ViolationsOf(Backends("server_name: a, cert_file: /c")),
              ElementsAre(HasSubstr("key_file: is missing")));
  EXPECT_THAT(ViolationsOf(Backends("server_name: a, key_file: /k")),
              ElementsAre(HasSubstr("cert_file: is missing")));
}

}  // namespace
}  // namespace fairlead::config
