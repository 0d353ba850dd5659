// What comes of a TLS 1.3 connection's bytes must not depend on how they are split, and nothing that a peer
// seals may make more content of a record than there is in it. Of what was changed on the way, and of all
// that follows it, nothing is opened.
//
// The first byte says which suite and side it is, the second how large the pieces are. Then follow steps: a
// byte for the kind, two for a length, and as many bytes. They are what the peer sends: as they are, or
// sealed by it as the inner text of a record; of such a one a byte may be changed on the way.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/tls/record_crypto.h"
#include "pkg/tls/record_framer.h"
#include "pkg/tls/record_opener.h"

namespace {

using fairlead::tls::kHeaderBytes;
using fairlead::tls::kMaxCiphertext;
using fairlead::tls::kSuiteCount;
using fairlead::tls::kTagBytes;
using fairlead::tls::RecordCrypto;
using fairlead::tls::RecordFramer;
using fairlead::tls::RecordOpener;
using fairlead::tls::Side;
using fairlead::tls::Suite;
using fairlead::tls::TrafficKeys;

void Require(bool holds) {
  if (!holds) std::abort();
}

TrafficKeys KeysOf(Suite suite) {
  return TrafficKeys(suite, std::vector<uint8_t>(fairlead::tls::SecretBytes(suite), 1));
}

// Reads the steps and has the peer send them.
class Peer {
 public:
  explicit Peer(Suite suite) : keys_(KeysOf(suite)) {}

  std::string Send(std::string_view steps) {
    std::string wire;
    while (steps.size() >= 3) {
      const uint8_t kind = static_cast<uint8_t>(steps[0]) % 4;
      const bool damaged = static_cast<uint8_t>(steps[0]) >= 128;
      const size_t asked = static_cast<uint8_t>(steps[1]) << 8 | static_cast<uint8_t>(steps[2]);
      steps.remove_prefix(3);
      const std::string_view bytes = steps.substr(0, asked);
      steps.remove_prefix(bytes.size());
      if (kind == 0) {
        wire.append(bytes);
      } else {
        AppendSealed(bytes, damaged, &wire);
      }
      if (kind == 3) keys_.Update();  // as a peer does behind a KeyUpdate
    }
    return wire;
  }
  // How many records it has sealed that may be opened.
  size_t intact() const { return intact_; }

 private:
  // The last byte is the inner type, or padding. The first two say what is damaged, and how.
  void AppendSealed(std::string_view inner, bool damaged, std::string* wire) {
    if (inner.empty()) return;
    const size_t payload = inner.size() + kTagBytes;
    std::string record = {23, 3, 3, static_cast<char>(payload >> 8), static_cast<char>(payload)};
    record.resize(kHeaderBytes + payload);
    auto* bytes = reinterpret_cast<uint8_t*>(record.data());
    crypto_.Seal(keys_, bytes, inner.substr(0, inner.size() - 1), static_cast<uint8_t>(inner.back()),
                 bytes + kHeaderBytes);
    if (damaged) {
      record[static_cast<uint8_t>(inner.front()) * record.size() / 256] ^=
          static_cast<char>(inner.size() > 1 && inner[1] != 0 ? inner[1] : 1);
    }
    damaged_ = damaged_ || damaged;
    if (!damaged_) ++intact_;
    wire->append(record);
  }

  RecordCrypto crypto_;
  TrafficKeys keys_;
  bool damaged_ = false;
  size_t intact_ = 0;
};

// Everything that the connection tells of these bytes, of which `intact` records can be opened.
std::string Transcribe(Suite suite, Side side, std::string_view wire, size_t step, size_t intact) {
  RecordCrypto crypto;
  RecordFramer framer;
  RecordOpener opener(KeysOf(suite), side);
  std::string transcript;
  for (size_t at = 0; at < wire.size(); at += step) {
    std::string_view in = wire.substr(at, step);
    std::string_view record;
    RecordFramer::Result result;
    while ((result = framer.Next(&in, kMaxCiphertext, &record)) == RecordFramer::Result::kRecord) {
      std::vector<uint8_t> out(record.size());
      const RecordOpener::Opened opened = opener.Open(crypto, record, out.data());
      Require(opened.size + kHeaderBytes + kTagBytes < record.size() || opened.size == 0);
      Require(opened.size <= fairlead::tls::kMaxContent);
      transcript += std::to_string(static_cast<int>(opened.kind)) + ' ' +
                    std::to_string(static_cast<int>(opened.alert)) + ' ';
      transcript.append(out.begin(), out.begin() + static_cast<ptrdiff_t>(opened.size));
      using Kind = RecordOpener::Kind;
      if (opened.kind == Kind::kError) return transcript;
      Require(intact-- > 0);
      if (opened.kind == Kind::kAborted || opened.kind == Kind::kClosed) return transcript;
    }
    Require(framer.rest().size() <= kHeaderBytes + kMaxCiphertext);
    if (result != RecordFramer::Result::kMore) return transcript + std::to_string(static_cast<int>(result));
    Require(in.empty());
  }
  return transcript;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto suite = static_cast<Suite>(data[0] % kSuiteCount);
  const Side side = data[0] >= 128 ? Side::kClient : Side::kServer;
  const size_t step = std::max<size_t>(data[1], 1);
  Peer peer(suite);
  const std::string wire = peer.Send({reinterpret_cast<const char*>(data) + 2, size - 2});
  Require(Transcribe(suite, side, wire, wire.size() + 1, peer.intact()) ==
          Transcribe(suite, side, wire, step, peer.intact()));
  return 0;
}
