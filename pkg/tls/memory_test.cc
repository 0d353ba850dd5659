#include <malloc.h>

#include "pkg/tls/tls_stream_test.h"

namespace fairlead::tls {
namespace {

// What an idle connection holds, of its own: its wire and its peer do not count.
class MemoryTest : public TlsStreamTest {
 protected:
  size_t BytesPerConnection(Side side, OpenSslPeer::Options peer) {
    constexpr size_t kConnections = 50;
    std::vector<std::unique_ptr<TlsStream>> streams;
    std::vector<std::unique_ptr<testing::ScriptedPeer>> wires;
    for (size_t i = 0; i < kConnections; ++i) {
      Begin(side, peer);
      Pump();
      stream_->Write(std::string(20'000, 'x'));
      peer_->Write(std::string(20'000, 'x'));
      Pump(1500);
      stream_->TakeInfo();
      stream_->ResetOnClose();
      streams.push_back(std::move(stream_));
      wires.push_back(std::move(wire_));
    }
    const size_t before = ::mallinfo2().uordblks;
    streams.clear();
    const size_t each = (before - ::mallinfo2().uordblks) / kConnections;
    RecordProperty(side == Side::kServer ? "server" : "client", static_cast<int>(each));
    return each;
  }
};

TEST_F(MemoryTest, ACompactConnectionHoldsHardlyMoreThanItsKeys) {
  for (const Side side : {Side::kServer, Side::kClient}) {
    EXPECT_LE(BytesPerConnection(side, {}), 640u);
  }
}

TEST_F(MemoryTest, AConnectionOfTls12HoldsNoBuffers) {
  // OpenSSL's own state, and not one byte of a record. A client's has the server's certificate besides.
  EXPECT_LE(BytesPerConnection(Side::kServer, {.version = TLS1_2_VERSION}), 15'000u);
  EXPECT_LE(BytesPerConnection(Side::kClient, {.version = TLS1_2_VERSION}), 20'000u);
}

}  // namespace
}  // namespace fairlead::tls
