#include "pkg/control/control_certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pkg/base/read_file.h"
#include "pkg/control/control_test.h"
#include "pkg/tls/test_certificates.h"

namespace fairlead::control {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

std::string Content(const std::string& path) {
  return *base::ReadFile(path, 1 << 20);
}

void Write(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

class ControlCertificatesTest : public testing::Test {
 protected:
  ControlCertificatesTest() {
    tls_.cert_file = directory_.Path("tls.crt");
    tls_.key_file = directory_.Path("tls.key");
    tls_.client_ca_file = directory_.Path("ca.crt");
    Write(tls_.cert_file, old_.chain.text);
    Write(tls_.key_file, old_.key.text);
    Write(tls_.client_ca_file, authority_.pem().text);
  }

  absl::StatusOr<std::unique_ptr<ControlCertificates>> Load() {
    return ControlCertificates::Load(tls_, std::chrono::hours(1));
  }
  std::string Refusal() { return std::string(Load().status().message()); }

  TemporaryDirectory directory_;
  tls::TestAuthority authority_;
  const tls::TestPair old_ = authority_.Issue({}), newer_ = authority_.Issue({});
  config::ControlTls tls_;
};

TEST_F(ControlCertificatesTest, FollowTheirFiles) {
  const auto certificates = *Load();
  EXPECT_EQ(Content(certificates->cert_path()), old_.chain.text);
  Write(tls_.cert_file, newer_.chain.text);
  Write(tls_.key_file, newer_.key.text);
  certificates->Refresh();
  EXPECT_EQ(Content(certificates->cert_path()), newer_.chain.text);
  EXPECT_EQ(Content(certificates->key_path()), newer_.key.text);
}

TEST_F(ControlCertificatesTest, KeepWhatWasGoodBefore) {
  const auto certificates = *Load();
  for (const std::string& path : {tls_.cert_file, tls_.key_file, tls_.client_ca_file}) {
    const std::string good = Content(path);
    for (const std::string& content :
         {std::string(), std::string("nonsense"), good.substr(0, good.size() / 2)}) {
      Write(path, content);
      certificates->Refresh();
    }
    fs::remove(path);
    certificates->Refresh();
    fs::create_directory(path);
    certificates->Refresh();
    fs::remove(path);
    Write(path, good);
  }
  Write(tls_.cert_file, newer_.chain.text);
  certificates->Refresh();  // its key is not there yet
  EXPECT_EQ(Content(certificates->cert_path()), old_.chain.text);
  EXPECT_EQ(Content(certificates->key_path()), old_.key.text);
  EXPECT_EQ(Content(certificates->client_ca_path()), authority_.pem().text);
}

TEST_F(ControlCertificatesTest, NeedGoodOnesToBeginWith) {
  Write(tls_.client_ca_file, "");
  EXPECT_THAT(Refusal(), HasSubstr("control.tls.client_ca_file: "));
  fs::remove(tls_.key_file);
  fs::create_directory(tls_.key_file);
  EXPECT_THAT(Refusal(), HasSubstr("control.tls.key_file: "));
  EXPECT_THAT(Refusal(), HasSubstr("Is a directory"));
  fs::remove(tls_.cert_file);
  EXPECT_THAT(Refusal(), HasSubstr("control.tls.cert_file: "));
  EXPECT_THAT(Refusal(), HasSubstr("No such file or directory"));
}

TEST_F(ControlCertificatesTest, MayBeOutOfDate) {
  const tls::TestPair expired = authority_.Issue({.ends = std::chrono::seconds(-60)});
  Write(tls_.cert_file, expired.chain.text);
  Write(tls_.key_file, expired.key.text);
  EXPECT_EQ(Refusal(), "") << "it is for the callers to refuse, and no reason to serve no tunnels";
}

}  // namespace
}  // namespace fairlead::control
