#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "pkg/http1/hop_by_hop.h"
#include "pkg/http1/request_reader.h"
#include "pkg/http1/response_reader.h"
#include "pkg/http1/writer.h"

namespace fairlead::http1 {
namespace {

// What Chromium sends to open a WebSocket.
constexpr std::string_view kUpgrade =
    "GET /ws/room/42?token=eyJhbGciOiJIUzI1NiJ9 HTTP/1.1\r\n"
    "Host: chat.example.com\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36\r\n"
    "Upgrade: websocket\r\n"
    "Origin: https://chat.example.com\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-US,en;q=0.9\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "\r\n";

constexpr std::string_view kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "Upgrade: websocket\r\n"
    "Connection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    "\r\n";

void ReadHead(RequestReader& reader) {
  std::string_view in = kUpgrade;
  if (reader.Next(&in) != Event::kHead || reader.Next(&in) != Event::kEnd) std::abort();
}

void ReadUpgrade(benchmark::State& state) {
  for (auto _ : state) {
    RequestReader reader{HeadLimits{}};
    ReadHead(reader);
    benchmark::DoNotOptimize(reader.head().upgrade.data());
  }
}
BENCHMARK(ReadUpgrade);

void ReadUpgradeOnAnOpenConnection(benchmark::State& state) {
  RequestReader reader{HeadLimits{}};
  for (auto _ : state) {
    ReadHead(reader);
    benchmark::DoNotOptimize(reader.head().upgrade.data());
    reader.StartNext();
  }
}
BENCHMARK(ReadUpgradeOnAnOpenConnection);

void ReadAndForwardUpgrade(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    RequestReader reader{HeadLimits{}};
    ReadHead(reader);
    Fields fields;
    fields.Reserve(24);
    CopyEndToEnd(reader.head().fields, Framing::kNone, &fields);
    fields.Add("X-Forwarded-For", "192.0.2.1");
    AddConnection("upgrade", &fields);
    fields.Add("Upgrade", reader.head().upgrade);
    out.clear();
    AppendRequestHead(reader.head().method, reader.head().target, fields, &out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(ReadAndForwardUpgrade);

void ReadSwitchingProtocols(benchmark::State& state) {
  for (auto _ : state) {
    ResponseReader reader(HeadLimits{}, "GET");
    std::string_view in = kSwitching;
    if (reader.Next(&in) != Event::kHead) std::abort();
    benchmark::DoNotOptimize(reader.head().upgrade.data());
  }
}
BENCHMARK(ReadSwitchingProtocols);

}  // namespace
}  // namespace fairlead::http1
