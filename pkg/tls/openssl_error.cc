#include "pkg/tls/openssl_error.h"

#include <openssl/err.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace fairlead::tls {

std::string TakeOpenSslError() {
  std::string text;
  // The first is the cause; those behind it say where it was noticed.
  if (const unsigned long code = ERR_get_error(); code != 0) {
    const char* reason = ERR_reason_error_string(code);
    if (ERR_SYSTEM_ERROR(code)) reason = std::strerror(ERR_GET_REASON(code));
    text = reason != nullptr ? reason : "error " + std::to_string(code);
  }
  ERR_clear_error();
  return text;
}

void Require(int done) {
  if (done != 1) std::abort();
}

}  // namespace fairlead::tls
