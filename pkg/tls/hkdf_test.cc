#include "pkg/tls/hkdf.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::tls {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes FromHex(std::string_view text) {
  Bytes bytes;
  for (size_t i = 0; i < text.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

Bytes Extract(const Bytes& salt, const Bytes& ikm) {
  Bytes out(HashBytes(Hash::kSha256));
  HkdfExtract(Hash::kSha256, salt, ikm, out.data());
  return out;
}

Bytes Expand(const Bytes& secret, std::string_view label, const Bytes& context, size_t size) {
  Bytes out(size);
  HkdfExpandLabel(Hash::kSha256, secret, label, context, out);
  return out;
}

// RFC 5869 appendix A.1.
TEST(Hkdf, ExtractsAsInItsRfc) {
  EXPECT_EQ(Extract(FromHex("000102030405060708090a0b0c"), Bytes(22, 0x0b)),
            FromHex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
}

// RFC 8448 §3, simple 1-RTT handshake.
TEST(Hkdf, DerivesTheHandshakeSecretOfTheRfcsExample) {
  const Bytes early = Extract({}, Bytes(32, 0));
  EXPECT_EQ(early, FromHex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"));
  const Bytes derived = Expand(
      early, "derived", FromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), 32);
  EXPECT_EQ(derived, FromHex("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"));
  EXPECT_EQ(Extract(derived, FromHex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d")),
            FromHex("1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"));
}

TEST(Hkdf, ExpandsIntoItsOwnSecret) {
  Bytes secret(32, 7);
  const Bytes next = Expand(secret, "traffic upd", {}, 32);
  HkdfExpandLabel(Hash::kSha256, secret, "traffic upd", {}, secret);
  EXPECT_EQ(secret, next);
}

}  // namespace
}  // namespace fairlead::tls
