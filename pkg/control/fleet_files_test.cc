#include "pkg/control/fleet_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "pkg/control/control_test.h"

namespace fairlead::control {
namespace {

using testing::HasSubstr;

// A directory with a token in a file of it.
class FleetFilesTest : public testing::Test {
 protected:
  absl::StatusOr<FleetFiles> ReadToken(const std::string& token) {
    std::ofstream(directory_.Path("token"), std::ios::binary) << token;
    return ReadFleetFiles({.address = "localhost:1",
                           .server_name = "",
                           .ca_file = "",
                           .cert_file = "",
                           .key_file = "",
                           .token_file = directory_.Path("token")});
  }

  TemporaryDirectory directory_;
};

TEST_F(FleetFilesTest, ReadsATokenWithoutTheEndOfItsLine) {
  const auto files = ReadToken("abc.def-_~+/=\r\n");
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->token, "abc.def-_~+/=");
  EXPECT_EQ(files->ca, "");
}

TEST_F(FleetFilesTest, RefusesWhatNoHeaderCanCarry) {
  for (const char* text : {"", "\n", "two words", "a\nb", "gr\xC3\xBC\xC3\x9F"}) {
    EXPECT_FALSE(ReadToken(text).ok()) << text;
  }
  EXPECT_THAT(std::string(ReadToken("two words").status().message()), HasSubstr(directory_.Path("token")));
}

TEST_F(FleetFilesTest, RefusesWhatIsNoFile) {
  std::filesystem::create_directory(directory_.Path("token"));
  const auto files = ReadFleetFiles({.address = "localhost:1",
                                     .server_name = "",
                                     .ca_file = "",
                                     .cert_file = "",
                                     .key_file = "",
                                     .token_file = directory_.Path("token")});
  EXPECT_THAT(std::string(files.status().message()), HasSubstr("Is a directory"));
}

TEST_F(FleetFilesTest, NamesTheFileThatIsMissing) {
  const auto files = ReadFleetFiles({.address = "localhost:1",
                                     .server_name = "",
                                     .ca_file = directory_.Path("none.pem"),
                                     .cert_file = "",
                                     .key_file = "",
                                     .token_file = ""});
  ASSERT_FALSE(files.ok());
  EXPECT_THAT(std::string(files.status().message()), HasSubstr("none.pem"));
}

}  // namespace
}  // namespace fairlead::control
