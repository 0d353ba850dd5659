#include "pkg/base/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace fairlead::base {
namespace {

class ReadFileTest : public testing::Test {
 protected:
  ReadFileTest() : path_(testing::TempDir() + "/read_file_test") { std::filesystem::remove(path_); }
  ~ReadFileTest() override { std::filesystem::remove(path_); }

  std::string Why(size_t max_bytes = 100) {
    return std::string(ReadFile(path_, max_bytes).status().message());
  }

  const std::string path_;
};

TEST_F(ReadFileTest, ReadsAllOfAFile) {
  std::ofstream(path_, std::ios::binary) << std::string("a\0b\n", 4);
  EXPECT_EQ(*ReadFile(path_, 4), std::string("a\0b\n", 4));
  std::ofstream(path_, std::ios::trunc);
  EXPECT_EQ(*ReadFile(path_, 4), "");
  EXPECT_THAT(*ReadFile("/proc/self/status", 100'000), testing::HasSubstr("Threads:"));
}

TEST_F(ReadFileTest, SaysWhyNot) {
  EXPECT_EQ(Why(), "No such file or directory");
  std::ofstream(path_) << "12345";
  EXPECT_EQ(Why(4), "it is larger than 4 bytes");
  EXPECT_EQ(ReadFile(path_, 4).status().code(), absl::StatusCode::kOutOfRange);
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(Why(), "Is a directory");
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(Why(), "it is no regular file");
}

}  // namespace
}  // namespace fairlead::base
