#pragma once

#include <vector>

#include "pkg/tls/openssl_ptr.h"
#include "pkg/tls/trust_store.h"

namespace fairlead::tls {

struct TrustStore::Parts {
  X509StorePtr store;
  std::vector<X509Ptr> authorities;
};

}  // namespace fairlead::tls
