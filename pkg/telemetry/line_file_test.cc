#include "pkg/telemetry/line_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "pkg/telemetry/log.h"

namespace fairlead::telemetry {
namespace {

using ::testing::HasSubstr;

class LineFileTest : public ::testing::Test {
 protected:
  LineFileTest() {
    std::string name = ::testing::TempDir() + "line_file_XXXXXX";
    directory_ = ::mkdtemp(name.data());
    path_ = directory_ + "/lines";
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
  }
  ~LineFileTest() override { std::filesystem::remove_all(directory_); }

  static std::string Content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  static std::string WhyNot(const std::string& path) {
    const auto file = LineFile::Open(path);
    return file.ok() ? "" : std::string(file.status().message());
  }

  std::string directory_;
  std::string path_;
};

TEST_F(LineFileTest, AppendsLines) {
  for (const char* line : {"one", "two"}) {
    auto file = LineFile::Open(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    (*file)->Write(line);
    EXPECT_EQ((*file)->lost(), 0u);
  }
  EXPECT_EQ(Content(path_), "one\ntwo\n");
}

TEST_F(LineFileTest, MakesNoDirectories) {
  EXPECT_THAT(WhyNot(directory_ + "/a/b"),
              HasSubstr("access_log.path: \"" + directory_ + "/a/b\" cannot be"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/a"));
}

TEST_F(LineFileTest, SaysWhatToNameInstead) {
  EXPECT_THAT(WhyNot(directory_), HasSubstr("(Is a directory), name a file that may be written to"));
}

TEST_F(LineFileTest, DoesNotWaitForTheReaderOfAFifo) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(WhyNot(path_), HasSubstr("cannot be opened"));
}

TEST_F(LineFileTest, CountsWhatAFullDiskDoesNotTakeAndSaysSoOnce) {
  auto file = LineFile::Open("/dev/full");
  ASSERT_TRUE(file.ok()) << file.status();
  StartLog();
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) (*file)->Write("lost");
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ((*file)->lost(), 3u);
  EXPECT_THAT(log, HasSubstr("access log: /dev/full cannot be written to: No space left on device"));
  EXPECT_EQ(log.find("cannot"), log.rfind("cannot")) << log;
}

TEST_F(LineFileTest, CountsWhatNobodyReads) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  auto file = LineFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->Write("read");
  ::close(reader);
  (*file)->Write("lost");
  EXPECT_EQ((*file)->lost(), 1u);
}

TEST_F(LineFileTest, ALineThatIsCutShortSpoilsNoOther) {
  auto file = LineFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{.rlim_cur = 4, .rlim_max = before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &little);
  (*file)->Write("a long line");
  (*file)->Write("another");
  ::setrlimit(RLIMIT_FSIZE, &before);
  (*file)->Write("next");
  EXPECT_EQ((*file)->lost(), 2u);
  EXPECT_EQ(Content(path_), "a lo\nnext\n");
}

TEST_F(LineFileTest, ReopensThePath) {
  auto file = LineFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  (*file)->Write("before");
  std::filesystem::rename(path_, path_ + ".1");
  (*file)->Write("between");
  (*file)->Reopen();
  (*file)->Write("after");
  EXPECT_EQ(Content(path_ + ".1"), "before\nbetween\n");
  EXPECT_EQ(Content(path_), "after\n");
}

TEST_F(LineFileTest, KeepsTheFileThatItHasWhenItCannotReopen) {
  auto file = LineFile::Open(path_);
  ASSERT_TRUE(file.ok()) << file.status();
  std::filesystem::rename(path_, directory_ + "/old");
  std::filesystem::create_directory(path_);
  (*file)->Reopen();
  (*file)->Write("kept");
  EXPECT_EQ(Content(directory_ + "/old"), "kept\n");
}

}  // namespace
}  // namespace fairlead::telemetry
