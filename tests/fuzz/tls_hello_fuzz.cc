// What a stranger may send to a listener before he is anybody: any bytes for a ClientHello, and hellos of a
// real client with names and protocols of the input's choice, of which bytes may be changed on the way.
//
// The handshake goes the same way however the bytes are split. A client that was let alone gets the
// certificate and the protocol that a slow and obvious reading of the rules gives it.
//
// The first byte says what follows: raw bytes (even) or a client (odd); of a client, the next bit says
// whether it speaks TLS 1.2. The second byte says how the bytes are split. Then, for a client: a length and a
// server name, a length and a list of protocols, and pairs of bytes, each a place (of 256) in the hello and a
// change.

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/tls/server_context.h"
#include "pkg/tls/test_certificates.h"
#include "pkg/tls/test_openssl_peer.h"
#include "pkg/tls/tls_stream.h"
#include "tests/fuzz/pieces.h"
#include "tests/support/scripted_stream.h"

namespace {

using fairlead::tls::Failure;
using fairlead::tls::OpenSslPeer;
using fairlead::tls::ServerContext;
using fairlead::tls::TestAuthority;
using fairlead::tls::TlsStream;
using fairlead::tls::Workspace;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Which certificates there are: the common name, and the names that it is for.
const std::array<std::pair<std::string, std::vector<std::string>>, 4> kCertificates = {{
    {"first", {"first.example.com"}},
    {"exact", {"a.example.com", "b.example.org"}},
    {"wild", {"*.example.com"}},
    {"deep", {"*.b.example.com", "a.example.com"}},
}};
// What is before the hello itself is not vouched for by the handshake.
constexpr size_t kRecordHeader = 5;
const std::vector<std::string> kProtocols = {"http/1.1", "other"};

std::shared_ptr<const ServerContext> MakeContext() {
  TestAuthority authority;
  ServerContext::Options options;
  for (const auto& [common_name, names] : kCertificates) {
    options.certificates.push_back(authority.Load({.common_name = common_name, .names = names}));
  }
  options.alpn = kProtocols;
  return *ServerContext::Make(options);
}

// The rules of ServerContext::Options, read slowly: whose certificate is shown.
std::string ExpectedFor(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& [common_name, names] : kCertificates) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return common_name;
  }
  const size_t dot = name.find('.');
  if (dot == 0 || dot == std::string::npos) return kCertificates.front().first;
  const std::string wildcard = name.replace(0, dot, 1, '*');
  for (const auto& [common_name, names] : kCertificates) {
    if (std::find(names.begin(), names.end(), wildcard) != names.end()) return common_name;
  }
  return kCertificates.front().first;
}

// The protocols of a list in wire form; nothing where it is none.
std::optional<std::vector<std::string>> ReadProtocols(std::string_view list) {
  std::vector<std::string> protocols;
  while (!list.empty()) {
    const size_t size = static_cast<uint8_t>(list.front());
    if (size == 0 || list.size() <= size) return std::nullopt;
    protocols.emplace_back(list.substr(1, size));
    list.remove_prefix(size + 1);
  }
  return protocols;
}

class Owner final : public fairlead::stream::Delegate {
 public:
  void OnData(std::string_view) override {}
  void OnEnd() override {}
  void OnFlushed() override {}
  void OnError(fairlead::stream::Failure) override {}
};

// One connection to the listener.
class Connection {
 public:
  explicit Connection(std::shared_ptr<const ServerContext> context)
      : stream_(TlsStream::Accept(workspace_, std::move(context), wire_.Connect())) {
    stream_->SetDelegate(&owner_);
    stream_->Start();
  }

  // What it answers.
  std::string Send(std::string_view bytes) {
    wire_.Send(std::string(bytes));
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    return wire_.received().substr(std::exchange(taken_, wire_.received().size()));
  }
  const TlsStream& stream() const { return *stream_; }

 private:
  std::deque<absl::AnyInvocable<void()>> tasks_;
  fairlead::base::DeadlineWheel deadlines_{fairlead::base::MonotonicTime()};
  Workspace workspace_{[this](absl::AnyInvocable<void()> task) { tasks_.push_back(std::move(task)); },
                       [this]() -> fairlead::base::DeadlineWheel& { return deadlines_; }};
  fairlead::testing::ScriptedPeer wire_;
  Owner owner_;
  std::unique_ptr<TlsStream> stream_;
  size_t taken_ = 0;
};

// How it went, as far as it is not a matter of chance: nonces and keys are.
std::string Describe(const Connection& connection, std::string_view answer) {
  std::string text = std::to_string(static_cast<int>(connection.stream().failure()));
  text += connection.stream().error();
  // The kind of the first record, and an alert.
  text.append(answer.substr(0, 3));
  if (answer.starts_with('\x15')) text.append(answer);
  if (const auto* info = connection.stream().info()) text += info->server_name + info->alpn;
  return text;
}

void SendRaw(const std::shared_ptr<const ServerContext>& context, std::string_view bytes, uint32_t seed) {
  Connection whole(context);
  const std::string answer = whole.Send(bytes);
  Connection split(context);
  std::string answers;
  for (std::string_view piece : fairlead::testing::CutAtRandom(bytes, seed)) answers += split.Send(piece);
  Require(Describe(whole, answer) == Describe(split, answers));
}

std::string TakeString(std::string_view* input) {
  if (input->empty()) return "";
  const size_t size = static_cast<uint8_t>(input->front());
  input->remove_prefix(1);
  const std::string text(input->substr(0, size));
  input->remove_prefix(text.size());
  return text;
}

std::string ShownTo(OpenSslPeer& peer) {
  const fairlead::tls::X509Ptr shown(SSL_get1_peer_certificate(peer.ssl()));
  Require(shown != nullptr);
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name, sizeof(name));
  return name;
}

// Of a client that was let alone.
void RequireRules(const Connection& connection, const OpenSslPeer::Options& asked,
                  const std::vector<std::string>& protocols, OpenSslPeer& peer) {
  const auto common = std::find_if(kProtocols.begin(), kProtocols.end(), [&](const std::string& ours) {
    return std::find(protocols.begin(), protocols.end(), ours) != protocols.end();
  });
  if (!protocols.empty() && common == kProtocols.end()) {
    Require(connection.stream().failure() == Failure::kHandshake);
    Require(peer.alert() == SSL_AD_NO_APPLICATION_PROTOCOL);
    return;
  }
  Require(peer.established() && connection.stream().info() != nullptr);
  const fairlead::tls::HandshakeInfo& info = *connection.stream().info();
  Require(info.server_name == asked.server_name);
  Require(info.alpn == (protocols.empty() ? "" : *common));
  Require(ShownTo(peer) == ExpectedFor(asked.server_name));
}

void SendFromClient(const std::shared_ptr<const ServerContext>& context, bool old, uint32_t seed,
                    std::string_view input) {
  OpenSslPeer::Options asked;
  asked.version = old ? TLS1_2_VERSION : TLS1_3_VERSION;
  asked.server_name = TakeString(&input);
  asked.alpn = TakeString(&input);
  const auto protocols = ReadProtocols(asked.alpn);
  // What OpenSSL's client would not send.
  if (!protocols || asked.server_name.find('\0') != std::string::npos) return;
  OpenSslPeer peer(asked);
  peer.Read();
  const std::string hello = peer.Take();
  std::string sent = hello;
  for (; input.size() >= 2; input.remove_prefix(2)) {
    sent[static_cast<uint8_t>(input[0]) * sent.size() / 256] ^= input[1];
  }
  Connection connection(context);
  for (std::string_view piece : fairlead::testing::CutAtRandom(sent, seed)) {
    peer.Feed(connection.Send(piece));
  }
  for (std::string more = peer.Take(); !more.empty(); more = peer.Take()) peer.Feed(connection.Send(more));
  if (sent == hello) {
    RequireRules(connection, asked, *protocols, peer);
  } else if (sent.substr(kRecordHeader) != hello.substr(kRecordHeader)) {
    Require(!peer.established());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const ServerContext> context = MakeContext();
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] % 2 == 0) {
    SendRaw(context, input, data[1]);
  } else {
    SendFromClient(context, (data[0] & 2) != 0, data[1], input);
  }
  return 0;
}
