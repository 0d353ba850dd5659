#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "pkg/telemetry/log.h"
#include "pkg/tls/test_certificates.h"
#include "tests/integration/pem_files.h"
#include "tests/integration/running_proxy.h"
#include "tests/support/tls_socket.h"

namespace fairlead::testing {

// A tunnel whose client's side is TLS.
struct SecureTunnel {
  TlsSocket client;
  Socket backend;
};

class TlsTest : public ::testing::Test {
 protected:
  // A file with one listener, these keys of its `tls`, one route with these keys, and one cluster with these.
  std::string Configured(std::string_view tls, std::string_view route = "",
                         std::string_view cluster = "") const {
    return fmt::format(
        "listeners: [{{name: web, address: 127.0.0.1:0{}{}{}}}]\n"
        "virtual_hosts:\n"
        "- {{name: all, domains: ['*'], routes: [{{name: all, match: {{prefix: /}}, cluster: app{}{}}}]}}\n"
        "clusters: [{{name: app, endpoints: [{{address: '{}'}}]{}{}}}]\n",
        tls.empty() ? "" : ", tls: {", tls, tls.empty() ? "" : "}", route.empty() ? "" : ", ", route,
        backend_.address().ToString(), cluster.empty() ? "" : ", ", cluster);
  }
  // A listener with one certificate for that name.
  std::string Plain() { return Configured(Certificates({Pair("web", "a.example.com")})); }

  std::string Certificates(const std::vector<std::string>& pairs) const {
    return fmt::format("certificates: [{}]", fmt::join(pairs, ", "));
  }
  std::string Pair(const std::string& common_name, const std::string& name) {
    return files_.Pair(common_name, authority_.Issue({.common_name = common_name, .names = {name}}));
  }

  static TlsSocket Connect(const RunningProxy& proxy, const TlsSocket::Options& options = {}) {
    return TlsSocket::Connect(proxy.Connect(), options);
  }
  SecureTunnel Open(const RunningProxy& proxy, const TlsSocket::Options& options = {}) {
    TlsSocket client = Connect(proxy, options);
    EXPECT_TRUE(client.established());
    client.Send(UpgradeRequest("/ws"));
    Socket at_backend = backend_.Accept();
    Head::Receive(at_backend);
    at_backend.Send(UpgradeResponse());
    EXPECT_EQ(Head(client.ReceiveThrough("\r\n\r\n")).status(), 101);
    return {.client = std::move(client), .backend = std::move(at_backend)};
  }
  static bool Relays(SecureTunnel& tunnel, std::string_view ping = "ping", std::string_view pong = "pong") {
    tunnel.client.Send(ping);
    if (tunnel.backend.Receive(ping.size()) != ping) return false;
    tunnel.backend.Send(pong);
    return tunnel.client.Receive(pong.size()) == pong;
  }
  static double Rejected(const RunningProxy& proxy, std::string_view reason) {
    return proxy.Metric(
        fmt::format(R"(fairlead_connections_rejected_total{{listener="web",reason="{}"}})", reason));
  }
  static void AwaitRejected(const RunningProxy& proxy, std::string_view reason, double value) {
    proxy.AwaitMetric(
        fmt::format(R"(fairlead_connections_rejected_total{{listener="web",reason="{}"}})", reason), value);
  }

  // From here on; then what was logged since.
  static void CaptureLog() {
    telemetry::StartLog();
    ::testing::internal::CaptureStderr();
  }
  static std::string Logged() { return ::testing::internal::GetCapturedStderr(); }

  tls::TestAuthority authority_;
  PemFiles files_;
  Backend backend_;
};

}  // namespace fairlead::testing
