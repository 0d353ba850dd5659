#include "pkg/websocket/handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>

#include "pkg/http1/ascii.h"
#include "pkg/http1/tokens.h"

namespace fairlead::websocket {

namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3
constexpr size_t kSha1Bytes = 20;

// 16 bytes in base64: 22 digits and the padding.
bool ValidKey(std::string_view key) {
  constexpr size_t kDigits = 22;
  const auto digit = [](char c) { return http1::IsAlphanumeric(c) || c == '+' || c == '/'; };
  return key.size() == kDigits + 2 && std::all_of(key.begin(), key.begin() + kDigits, digit) &&
         key.substr(kDigits) == "==";
}

// Whether Connection calls a field of the handshake one for the next hop only.
bool NamesHandshake(const http1::Fields& fields) {
  for (const http1::Field& line : fields) {
    if (!http1::EqualsIgnoreCase(line.name, "connection")) continue;
    for (const std::string_view option : http1::Tokens(line.value)) {
      if (http1::StartsWithIgnoreCase(option, "sec-websocket-")) return true;
    }
  }
  return false;
}

}  // namespace

RequestCheck CheckRequest(std::string_view method, const http1::Fields& fields) {
  if (method != "GET") return RequestCheck::kBadMethod;
  if (NamesHandshake(fields)) return RequestCheck::kBadConnection;
  if (fields.Count("sec-websocket-version") != 1 || fields.Get("sec-websocket-version") != kVersion) {
    return RequestCheck::kBadVersion;
  }
  const size_t keys = fields.Count("sec-websocket-key");
  if (keys == 0) return RequestCheck::kMissingKey;
  return keys == 1 && ValidKey(*fields.Get("sec-websocket-key")) ? RequestCheck::kOk : RequestCheck::kBadKey;
}

int StatusOf(RequestCheck check) {
  return check == RequestCheck::kBadVersion ? 426 : 400;
}

std::string AllowedSubprotocols(const http1::Fields& fields, std::span<const std::string> allowed) {
  std::string left;
  for (const http1::Field& field : fields) {
    if (!http1::EqualsIgnoreCase(field.name, "sec-websocket-protocol")) continue;
    for (std::string_view offered : http1::Tokens(field.value)) {
      if (std::find(allowed.begin(), allowed.end(), offered) == allowed.end()) continue;
      if (!left.empty()) left.append(", ");
      left.append(offered);
    }
  }
  return left;
}

std::string_view ToString(RequestCheck check) {
  switch (check) {
    case RequestCheck::kOk:
      return "ok";
    case RequestCheck::kBadMethod:
      return "bad_method";
    case RequestCheck::kBadVersion:
      return "bad_version";
    case RequestCheck::kMissingKey:
      return "missing_key";
    case RequestCheck::kBadKey:
      return "bad_key";
    case RequestCheck::kBadConnection:
      return "bad_connection";
  }
  return "unknown";
}

std::array<char, 28> ComputeAccept(std::string_view key) {
  // OpenSSL 3 looks an algorithm up by name at each use, which costs twice the digest itself: do that once.
  static const EVP_MD* const kSha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  const std::string text = std::string(key).append(kGuid);
  std::array<unsigned char, kSha1Bytes> digest{};
  [[maybe_unused]] const int done =
      EVP_Digest(text.data(), text.size(), digest.data(), nullptr, kSha1, nullptr);
  assert(done == 1);
  std::array<unsigned char, 29> encoded{};  // EVP_EncodeBlock adds a NUL
  EVP_EncodeBlock(encoded.data(), digest.data(), kSha1Bytes);
  std::array<char, 28> accept{};
  std::copy_n(encoded.begin(), accept.size(), accept.begin());
  return accept;
}

bool CheckAccept(std::string_view key, const http1::Fields& response) {
  if (response.Count("sec-websocket-accept") != 1) return false;
  const std::array<char, 28> expected = ComputeAccept(key);
  return response.Get("sec-websocket-accept") == std::string_view(expected.data(), expected.size());
}

}  // namespace fairlead::websocket
