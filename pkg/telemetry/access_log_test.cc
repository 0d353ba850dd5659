#include "pkg/telemetry/access_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "pkg/telemetry/flat_json.h"

namespace fairlead::telemetry {
namespace {

class AccessLogTest : public ::testing::Test {
 protected:
  AccessLogTest() {
    std::string name = ::testing::TempDir() + "access_log_XXXXXX";
    directory_ = ::mkdtemp(name.data());
    path_ = directory_ + "/access.log";
  }
  ~AccessLogTest() override { std::filesystem::remove_all(directory_); }

  std::vector<std::string> Lines() const {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(AccessLogTest, HasWrittenEverythingOnceDestroyed) {
  {
    auto log = AccessLog::Open(path_);
    ASSERT_TRUE(log.ok()) << log.status();
    for (uint64_t id = 1; id <= 500; ++id) (*log)->Ended({}, {.id = id}, {}, {});
    (*log)->Opened({}, {.id = 501}, {});
    EXPECT_EQ((*log)->dropped(), 0u);
  }
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 501u);
  for (const std::string& line : lines) EXPECT_TRUE(FlatJson::Parse(line)) << line;
  EXPECT_EQ(FlatJson::Parse(lines.front())->at("id"), "0000000000000001");
  EXPECT_EQ(FlatJson::Parse(lines.back())->at("event"), "open");
}

TEST_F(AccessLogTest, AppendsToWhatIsThere) {
  for (int run = 0; run < 2; ++run) {
    auto log = AccessLog::Open(path_);
    ASSERT_TRUE(log.ok()) << log.status();
    (*log)->Ended({}, {}, {}, {});
  }
  EXPECT_EQ(Lines().size(), 2u);
}

TEST_F(AccessLogTest, TellsWhyItCannotOpen) {
  const auto log = AccessLog::Open("/proc/no/such/directory/access.log");
  ASSERT_FALSE(log.ok());
  EXPECT_NE(std::string(log.status().message()).find("/proc/no/such/directory"), std::string::npos);
}

TEST_F(AccessLogTest, CountsLinesThatCannotBeWritten) {
  auto log = AccessLog::Open("/dev/full");
  ASSERT_TRUE(log.ok()) << log.status();
  for (uint64_t i = 0; i < 10; ++i) (*log)->Ended({}, {.id = i}, {}, {});
  while ((*log)->dropped() < 10) std::this_thread::yield();
  EXPECT_EQ((*log)->dropped(), 10u);
}

TEST_F(AccessLogTest, ReopensAtOnceNotWithTheNextLine) {
  auto log = AccessLog::Open(path_);
  ASSERT_TRUE(log.ok()) << log.status();
  std::filesystem::rename(path_, path_ + ".1");
  (*log)->Reopen();
  while (!std::filesystem::exists(path_)) std::this_thread::yield();
  (*log)->Ended({}, {}, {}, {});
  log->reset();
  EXPECT_EQ(Lines().size(), 1u);
}

TEST_F(AccessLogTest, TakesLinesFromSeveralThreads) {
  {
    auto log = AccessLog::Open(path_);
    ASSERT_TRUE(log.ok()) << log.status();
    std::vector<std::thread> threads;
    for (uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (uint64_t i = 0; i < 200; ++i) (*log)->Ended({}, {.id = t * 1000 + i}, {}, {});
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(Lines().size(), 800u);
}

// A pipe that nobody reads stands for a disk that hangs.
TEST_F(AccessLogTest, DropsAndCountsRatherThanWait) {
  constexpr uint64_t kLines = 5000;
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int pipe = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(pipe, 0);
  auto log = AccessLog::Open(path_, /*queued_lines=*/16);
  ASSERT_TRUE(log.ok()) << log.status();
  for (uint64_t i = 0; i < kLines; ++i) (*log)->Ended({}, {.id = i, .path = "/some/path"}, {}, {});
  const uint64_t dropped = (*log)->dropped();
  EXPECT_GT(dropped, 0u);

  std::atomic<bool> closed{false};
  uint64_t written = 0;
  std::thread reader([&] {
    std::array<char, 4096> buffer;
    while (true) {
      const bool last = closed;
      const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
      if (got > 0) {
        written += static_cast<uint64_t>(std::count(buffer.begin(), buffer.begin() + got, '\n'));
      } else if (last) {
        break;
      } else {
        pollfd wait{pipe, POLLIN, 0};
        ::poll(&wait, 1, 10);
      }
    }
  });
  log->reset();
  closed = true;
  reader.join();
  ::close(pipe);
  EXPECT_EQ(written + dropped, kLines);
}

}  // namespace
}  // namespace fairlead::telemetry
