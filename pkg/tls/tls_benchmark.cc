// What a record costs: sealed and opened by this room, and written and read by OpenSSL's SSL between memory
// BIOs. Compare within one run only. `Turns` has two connections take turns, so that each record needs its
// own key set up, as among many tunnels.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "pkg/tls/record_opener.h"
#include "pkg/tls/record_sealer.h"
#include "pkg/tls/test_certificates.h"
#include "pkg/tls/test_openssl_peer.h"

namespace fairlead::tls {
namespace {

constexpr std::array<const char*, kSuiteCount> kNames = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                                         "TLS_CHACHA20_POLY1305_SHA256"};

TrafficKeys KeysOf(Suite suite, uint8_t fill) {
  return TrafficKeys(suite, std::vector<uint8_t>(SecretBytes(suite), fill));
}

void Compact(benchmark::State& state, size_t connections) {
  const auto suite = static_cast<Suite>(state.range(0));
  const std::string content(state.range(1), 'x');
  RecordCrypto crypto;
  std::vector<RecordSealer> sealers;
  std::vector<RecordOpener> openers;
  for (size_t i = 0; i < connections; ++i) {
    sealers.emplace_back(KeysOf(suite, static_cast<uint8_t>(i)));
    openers.emplace_back(KeysOf(suite, static_cast<uint8_t>(i)), Side::kServer);
  }
  Scratch sealed;
  Scratch opened;
  size_t turn = 0;
  for (auto _ : state) {
    turn = (turn + 1) % connections;
    sealed.Clear();
    opened.Clear();
    sealers[turn].AppendData(crypto, content, kRecordsPerKey << 20, &sealed);
    uint8_t* out = opened.Extend(sealed.size());
    if (openers[turn].Open(crypto, sealed.view(), out).size != content.size()) std::abort();
  }
  state.SetLabel(kNames[state.range(0)]);
}

void SealAndOpen(benchmark::State& state) {
  Compact(state, 1);
}
void SealAndOpenInTurns(benchmark::State& state) {
  Compact(state, 2);
}

void WriteAndReadOpenSsl(benchmark::State& state) {
  TestAuthority authority;
  OpenSslPeer client({.suites = kNames[state.range(0)]});
  OpenSslPeer server({.side = Side::kServer, .certificate = authority.Load({})});
  for (int i = 0; i < 4; ++i) {
    client.Read();
    server.Feed(client.Take());
    client.Feed(server.Take());
  }
  if (!client.established() || !server.established()) std::abort();
  const std::string content(state.range(1), 'x');
  std::array<char, kMaxContent> out;
  BIO* const wire = SSL_get_wbio(client.ssl());
  SSL_set0_rbio(server.ssl(), wire);
  BIO_up_ref(wire);
  for (auto _ : state) {
    SSL_write(client.ssl(), content.data(), static_cast<int>(content.size()));
    if (SSL_read(server.ssl(), out.data(), out.size()) != static_cast<int>(content.size())) std::abort();
  }
  state.SetLabel(kNames[state.range(0)]);
}

void Sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgsProduct({{0, 1, 2}, {64, static_cast<int64_t>(kMaxContent)}})->ArgNames({"suite", "bytes"});
}

BENCHMARK(SealAndOpen)->Apply(Sizes);
BENCHMARK(SealAndOpenInTurns)->Apply(Sizes);
BENCHMARK(WriteAndReadOpenSsl)->Apply(Sizes);

}  // namespace
}  // namespace fairlead::tls
