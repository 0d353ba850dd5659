#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "pkg/tls/test_certificates.h"

namespace fairlead::testing {

// Certificates on disk, in a directory of their own, as Kubernetes mounts them: `current` is a link to a
// version, and is swapped for another in one step.
class PemFiles {
 public:
  PemFiles() {
    std::string pattern = ::testing::TempDir() + "fairlead_pem_XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~PemFiles() { std::filesystem::remove_all(directory_); }
  PemFiles(const PemFiles&) = delete;
  PemFiles& operator=(const PemFiles&) = delete;

  std::string Path(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }
  // Returns the path.
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  // A new version of the pair tls.crt and tls.key.
  void Swap(const tls::Pem& chain, const tls::Pem& key) {
    const std::string version = fmt::format("version{}", ++versions_);
    std::filesystem::create_directory(Path(version));
    Write(version + "/tls.crt", chain.text);
    Write(version + "/tls.key", key.text);
    std::filesystem::create_symlink(version, Path("next"));
    std::filesystem::rename(Path("next"), Path("current"));
  }
  void Swap(const tls::TestPair& pair) { Swap(pair.chain, pair.key); }
  // That pair as an element of `certificates`.
  std::string current() const {
    return fmt::format("{{cert_file: '{}', key_file: '{}'}}", Path("current/tls.crt"),
                       Path("current/tls.key"));
  }

  // A pair of files as an element of `certificates`.
  std::string Pair(const std::string& name, const tls::TestPair& pair) const {
    return fmt::format("{{cert_file: '{}', key_file: '{}'}}", Write(name + ".crt", pair.chain.text),
                       Write(name + ".key", pair.key.text));
  }

 private:
  std::string directory_;
  int versions_ = 0;
};

}  // namespace fairlead::testing
