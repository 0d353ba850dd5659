#include "pkg/proxy/client_certificate.h"

#include <gtest/gtest.h>

namespace fairlead::proxy {
namespace {

tls::PeerIdentity Client() {
  return {.subject = "CN=client,O=Example",
          .dns_names = {"client.example.com"},
          .uris = {"https://example.com/a", "spiffe://example.com/client"},
          .spiffe_id = "spiffe://example.com/client",
          .fingerprint = "00ff"};
}

TEST(ClientCertificate, IsForwardedInOneElement) {
  EXPECT_EQ(
      ForwardedCertificate(Client()),
      "Hash=00ff;Subject=\"CN=client,O=Example\";URI=https://example.com/a;URI=spiffe://example.com/client;"
      "DNS=client.example.com");
}

TEST(ClientCertificate, CannotBreakOutOfItsElement) {
  tls::PeerIdentity client = Client();
  client.subject = "CN=a\\\"b";
  client.uris = {"urn:a;Hash=11", "urn:a\r\nx-admin: yes"};
  client.dns_names = {};
  EXPECT_EQ(ForwardedCertificate(client), R"(Hash=00ff;Subject="CN=a\\\"b";URI="urn:a;Hash=11")");
}

TEST(ClientCertificate, IsCalledByItsStrongestName) {
  tls::PeerIdentity client = Client();
  EXPECT_EQ(NameOf(client), "spiffe://example.com/client");
  client.spiffe_id.clear();
  EXPECT_EQ(NameOf(client), "https://example.com/a");
  client.uris.clear();
  EXPECT_EQ(NameOf(client), "client.example.com");
  client.dns_names.clear();
  EXPECT_EQ(NameOf(client), "CN=client,O=Example");
}

TEST(ClientCertificate, FillsVariablesWithWhatMayStandInAHeader) {
  ConnectionInfo connection;
  EXPECT_EQ(TlsVariables(connection).tls_version, "");
  tls::HandshakeInfo info;
  info.version = "TLSv1.3";
  info.peer = Client();
  info.server_name = "a\r\nb";
  info.peer->dns_names = {"evil\n", "good"};
  connection.tls = std::make_unique<const tls::HandshakeInfo>(info);
  const route::Variables variables = TlsVariables(connection);
  EXPECT_EQ(variables.tls_version, "TLSv1.3");
  EXPECT_EQ(variables.tls_server_name, "");
  EXPECT_EQ(variables.client_subject, "CN=client,O=Example");
  EXPECT_EQ(variables.client_dns_name, "good");
  EXPECT_EQ(variables.client_spiffe_id, "spiffe://example.com/client");
}

}  // namespace
}  // namespace fairlead::proxy
