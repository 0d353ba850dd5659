#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace fairlead::tls {

// Text in PEM form, and what errors call it: a path, or "inline". It may hold a private key: wiped where it
// is destroyed.
struct Pem {
  std::string name;
  std::string text;

  ~Pem();
};

// A regular file of at most 1 MiB. The error names the path.
absl::StatusOr<Pem> ReadPemFile(const std::string& path);

}  // namespace fairlead::tls
