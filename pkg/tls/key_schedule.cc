#include "pkg/tls/key_schedule.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace fairlead::tls {
namespace {

using Bytes = std::span<const uint8_t>;

thread_local TrafficSecrets* kept = nullptr;

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
struct Question {
  int mode = -1;
  std::optional<Hash> hash;
  std::optional<Bytes> key;
  std::optional<Bytes> salt;
  std::string_view prefix;
  std::string_view label;
  Bytes data;
};

Question Read(const OSSL_PARAM* parameters) {
  Question question;
  for (; parameters != nullptr && parameters->key != nullptr; ++parameters) {
    const std::string_view name = parameters->key;
    if (name == OSSL_KDF_PARAM_MODE) {
      OSSL_PARAM_get_int(parameters, &question.mode);
    } else if (name == OSSL_KDF_PARAM_DIGEST) {
      question.hash = HashIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_KEY) {
      question.key = BytesIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_SALT) {
      question.salt = BytesIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_PREFIX) {
      question.prefix = TextIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_LABEL) {
      question.label = TextIn(*parameters);
    } else if (name == OSSL_KDF_PARAM_DATA) {
      question.data = BytesIn(*parameters);
    }
  }
  return question;
}

void Keep(std::string_view label, Bytes secret) {
  if (kept == nullptr) return;
  TrafficSecrets::Secret* place = nullptr;
  if (label == "c ap traffic") place = &kept->client;
  if (label == "s ap traffic") place = &kept->server;
  if (place == nullptr || secret.size() > place->bytes.size()) return;
  std::copy(secret.begin(), secret.end(), place->bytes.begin());
  place->size = secret.size();
}

// Makes the secret of a stage, out of a shared secret (zeros where there is none) and the stage before.
bool Extract(const Question& question, std::span<uint8_t> out) {
  const size_t size = HashBytes(*question.hash);
  if (out.size() != size) return false;
  constexpr std::array<uint8_t, kMaxHashBytes> kZeros{};
  const Bytes key = question.key.value_or(Bytes(kZeros.data(), size));
  if (!question.salt) {
    HkdfExtract(*question.hash, {}, key, out.data());
    return true;
  }
  if (question.label != "derived" || question.salt->size() != size) return false;
  HkdfNextStage(*question.hash, *question.salt, key, out.data());
  return true;
}

bool Expand(const Question& question, std::span<uint8_t> out) {
  const size_t size = HashBytes(*question.hash);
  if (!question.key || question.key->size() != size || question.label.size() > kMaxLabelBytes ||
      question.data.size() > kMaxContextBytes || out.size() > 255 * size)
    return false;
  HkdfExpandLabel(*question.hash, *question.key, question.label, question.data, out);
  Keep(question.label, out);
  return true;
}

// OpenSSL's side: a context has no state, all comes with the question.

void* NewContext(void* provider) {
  return provider;
}

void FreeContext(void*) {}

int Derive(void*, unsigned char* out, size_t size, const OSSL_PARAM parameters[]) {
  const Question question = Read(parameters);
  if (!question.hash || question.prefix != "tls13 ") return 0;
  switch (question.mode) {
    case EVP_KDF_HKDF_MODE_EXTRACT_ONLY:
      return Extract(question, {out, size}) ? 1 : 0;
    case EVP_KDF_HKDF_MODE_EXPAND_ONLY:
      return Expand(question, {out, size}) ? 1 : 0;
    default:
      return 0;
  }
}

template <typename Function>
constexpr OSSL_DISPATCH Offer(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

const OSSL_DISPATCH kFunctions[] = {Offer(OSSL_FUNC_KDF_NEWCTX, NewContext),
                                    Offer(OSSL_FUNC_KDF_FREECTX, FreeContext),
                                    Offer(OSSL_FUNC_KDF_DERIVE, Derive),
                                    {0, nullptr}};

const OSSL_ALGORITHM kAlgorithms[] = {
    {OSSL_KDF_NAME_TLS1_3_KDF, "provider=fairlead", kFunctions, "TLS 1.3's key schedule"},
    {nullptr, nullptr, nullptr, nullptr}};

const OSSL_ALGORITHM* Query(void*, int operation, int* no_cache) {
  *no_cache = 0;
  return operation == OSSL_OP_KDF ? kAlgorithms : nullptr;
}

const OSSL_DISPATCH kProvider[] = {Offer(OSSL_FUNC_PROVIDER_QUERY_OPERATION, Query), {0, nullptr}};

int Begin(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions, void** provider) {
  static char there;  // null would be a failure
  *functions = kProvider;
  *provider = &there;
  return 1;
}

}  // namespace

const char* KeyScheduleQuery() {
  // OpenSSL's own providers go on serving all else.
  constexpr int kKeepOthers = 1;
  static const bool loaded = OSSL_PROVIDER_add_builtin(nullptr, "fairlead", Begin) == 1 &&
                             OSSL_PROVIDER_try_load(nullptr, "fairlead", kKeepOthers) != nullptr;
  return loaded ? "?provider=fairlead" : nullptr;
}

TrafficSecrets::~TrafficSecrets() {
  OPENSSL_cleanse(&client, sizeof(client));
  OPENSSL_cleanse(&server, sizeof(server));
}

KeepTrafficSecrets::KeepTrafficSecrets(TrafficSecrets* secrets) {
  kept = secrets;
}

KeepTrafficSecrets::~KeepTrafficSecrets() {
  kept = nullptr;
}

}  // namespace fairlead::tls
