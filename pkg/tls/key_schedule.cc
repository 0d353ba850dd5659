#include "pkg/tls/key_schedule.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "pkg/tls/openssl_ptr.h"

namespace fairlead::tls {
namespace {

using Bytes = std::span<const uint8_t>;

// OpenSSL does not tell a provider for which connection it derives: whoever shakes hands says it by thread.
thread_local TrafficSecrets* capturing = nullptr;

Bytes BytesIn(const OSSL_PARAM& parameter) {
  return {static_cast<const uint8_t*>(parameter.data), parameter.data_size};
}

std::string_view TextIn(const OSSL_PARAM& parameter) {
  return {static_cast<const char*>(parameter.data), parameter.data_size};
}

std::optional<Hash> HashIn(const OSSL_PARAM& parameter) {
  const std::string_view name = TextIn(parameter);
  if (name == "SHA2-256" || name == "SHA256") return Hash::kSha256;
  if (name == "SHA2-384" || name == "SHA384") return Hash::kSha384;
  return std::nullopt;
}

// The parameters of EVP_KDF-TLS13_KDF(7).
struct Parameters {
  int mode = -1;
  std::optional<Hash> hash;
  std::optional<Bytes> key;
  std::optional<Bytes> salt;
  std::string_view prefix;
  std::string_view label;
  Bytes data;
};

Parameters Read(const OSSL_PARAM* parameters) {
  Parameters read;
  for (; parameters != nullptr && parameters->key != nullptr; ++parameters) {
    const std::string_view name = parameters->key;
    if (name == OSSL_KDF_PARAM_MODE) {
      OSSL_PARAM_get_int(parameters, &read.mode);
    } else if (name == OSSL_KDF_PARAM_DIGEST) {
      read.hash = HashIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_KEY) {
      read.key = BytesIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_SALT) {
      read.salt = BytesIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_PREFIX) {
      read.prefix = TextIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_LABEL) {
      read.label = TextIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_DATA) {
      read.data = BytesIn(*parameters);
    }
  }
  return read;
}

void Capture(std::string_view label, Bytes secret) {
  if (capturing == nullptr) return;
  TrafficSecrets::Secret* place = nullptr;
  if (label == "c ap traffic") place = &capturing->client;
  if (label == "s ap traffic") place = &capturing->server;
  if (place == nullptr || secret.size() > place->bytes.size()) return;
  std::copy(secret.begin(), secret.end(), place->bytes.begin());
  place->size = secret.size();
}

Bytes HashOfNothing(Hash hash) {
  static constexpr uint8_t kSha256[] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                        0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                        0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
  static constexpr uint8_t kSha384[] = {
      0x38, 0xb0, 0x60, 0xa7, 0x51, 0xac, 0x96, 0x38, 0x4c, 0xd9, 0x32, 0x7e, 0xb1, 0xb1, 0xe3, 0x6a,
      0x21, 0xfd, 0xb7, 0x11, 0x14, 0xbe, 0x07, 0x43, 0x4c, 0x0c, 0xc7, 0xbf, 0x63, 0xf6, 0xe1, 0xda,
      0x27, 0x4e, 0xde, 0xbf, 0xe7, 0x6f, 0x65, 0xfb, 0xd5, 0x1a, 0xd2, 0xf1, 0x48, 0x98, 0xb9, 0x5b};
  return hash == Hash::kSha384 ? Bytes(kSha384) : Bytes(kSha256);
}

// Makes the secret of a stage, out of a shared secret (zeros where there is none) and the stage before.
bool Extract(const Parameters& asked, std::span<uint8_t> out) {
  const size_t size = HashBytes(*asked.hash);
  if (out.size() != size) return false;
  constexpr std::array<uint8_t, kMaxHashBytes> kZeros{};
  const Bytes ikm = asked.key.value_or(Bytes(kZeros.data(), size));
  if (!asked.salt) {
    HkdfExtract(*asked.hash, {}, ikm, out.data());
    return true;
  }
  if (asked.label != "derived" || asked.salt->size() != size) return false;
  std::array<uint8_t, kMaxHashBytes> derived;
  HkdfExpandLabel(*asked.hash, *asked.salt, "derived", HashOfNothing(*asked.hash), {derived.data(), size});
  HkdfExtract(*asked.hash, {derived.data(), size}, ikm, out.data());
  OPENSSL_cleanse(derived.data(), derived.size());
  return true;
}

bool Expand(const Parameters& asked, std::span<uint8_t> out) {
  const size_t size = HashBytes(*asked.hash);
  if (!asked.key || asked.key->size() != size || asked.label.size() > kMaxLabelBytes ||
      asked.data.size() > kMaxContextBytes || out.size() > 255 * size)
    return false;
  HkdfExpandLabel(*asked.hash, *asked.key, asked.label, asked.data, out);
  Capture(asked.label, out);
  return true;
}

// OpenSSL's side.

// Not null, which would be a failure; there is no state, since all comes with the question.
void* NewKdfContext(void* provider) {
  return provider;
}

void FreeKdfContext(void*) {}

int Derive(void*, unsigned char* out, size_t size, const OSSL_PARAM parameters[]) {
  const Parameters asked = Read(parameters);
  if (!asked.hash || asked.prefix != "tls13 ") return 0;
  switch (asked.mode) {
    case EVP_KDF_HKDF_MODE_EXTRACT_ONLY:
      return Extract(asked, {out, size}) ? 1 : 0;
    case EVP_KDF_HKDF_MODE_EXPAND_ONLY:
      return Expand(asked, {out, size}) ? 1 : 0;
    default:
      return 0;
  }
}

template <typename Function>
constexpr OSSL_DISPATCH Entry(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

const OSSL_DISPATCH kFunctions[] = {Entry(OSSL_FUNC_KDF_NEWCTX, NewKdfContext),
                                    Entry(OSSL_FUNC_KDF_FREECTX, FreeKdfContext),
                                    Entry(OSSL_FUNC_KDF_DERIVE, Derive),
                                    {0, nullptr}};

const OSSL_ALGORITHM kAlgorithms[] = {
    {OSSL_KDF_NAME_TLS1_3_KDF, "provider=fairlead,fairlead.keys=yes", kFunctions, "TLS 1.3's key schedule"},
    {nullptr, nullptr, nullptr, nullptr}};

const OSSL_ALGORITHM* QueryOperation(void*, int operation, int* no_cache) {
  *no_cache = 0;
  return operation == OSSL_OP_KDF ? kAlgorithms : nullptr;
}

const OSSL_DISPATCH kProvider[] = {Entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, QueryOperation), {0, nullptr}};

int InitProvider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions,
                 void** provider) {
  *functions = kProvider;
  *provider = const_cast<OSSL_CORE_HANDLE*>(handle);
  return 1;
}

using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, OpenSslFree<OSSL_PROVIDER_unload>>;

ProviderPtr Load() {
  // OpenSSL's own first, since who asks for none in particular is given the one that was there first.
  OSSL_PROVIDER_available(nullptr, "default");
  constexpr int kKeepOthers = 1;
  if (OSSL_PROVIDER_add_builtin(nullptr, "fairlead", InitProvider) != 1) return nullptr;
  return ProviderPtr(OSSL_PROVIDER_try_load(nullptr, "fairlead", kKeepOthers));
}

}  // namespace

const char* LoadKeySchedule() {
  static const ProviderPtr provider = Load();
  // A property of its own: with `provider` it would stand in for the operator's choice (default_properties of
  // openssl.cnf), and not beside it.
  return provider != nullptr ? "?fairlead.keys=yes" : nullptr;
}

void TrafficSecrets::Wipe() {
  OPENSSL_cleanse(&client, sizeof(client));
  OPENSSL_cleanse(&server, sizeof(server));
}

TrafficSecretCapture::TrafficSecretCapture(TrafficSecrets* secrets) {
  assert(capturing == nullptr);
  capturing = secrets;
}

TrafficSecretCapture::~TrafficSecretCapture() {
  capturing = nullptr;
}

}  // namespace fairlead::tls
