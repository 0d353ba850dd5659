#include "pkg/control/local_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "pkg/control/control_test.h"

namespace fairlead::control {
namespace {

enum class Reception { kTalkedTo, kTurnedAway, kNotLetIn };

// Connects and waits for a byte or the end.
Reception Visit(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Reception reception = Reception::kNotLetIn;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    char byte = 0;
    reception = ::recv(fd, &byte, 1, 0) == 1 ? Reception::kTalkedTo : Reception::kTurnedAway;
  }
  ::close(fd);
  return reception;
}

// As a process of another user does. Needs root.
Reception VisitAs(uid_t user, const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::setuid(user) == 0 ? static_cast<int>(Visit(path)) : 99);
  int status = 0;
  ::waitpid(child, &status, 0);
  return static_cast<Reception>(WEXITSTATUS(status));
}

// A socket that says one byte to whom it lets in, and ends the connection when its guest does.
class LocalSocketTest : public testing::Test {
 protected:
  LocalSocketTest() {
    auto socket = LocalSocket::Listen(base::UnixPath{.path = path_}, [this](int fd) {
      EXPECT_EQ(::send(fd, "x", 1, MSG_NOSIGNAL), 1);
      given_.push_back(fd);
    });
    EXPECT_TRUE(socket.ok()) << std::string(socket.status().message());
    socket_ = *std::move(socket);
  }

  ~LocalSocketTest() override {
    socket_.reset();
    for (const int fd : given_) ::close(fd);
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.Path("own/control.sock");
  std::vector<int> given_;  // the socket's thread's
  std::unique_ptr<LocalSocket> socket_;
};

TEST_F(LocalSocketTest, TalksToItsOwnUser) {
  EXPECT_EQ(Visit(path_), Reception::kTalkedTo);
}

TEST_F(LocalSocketTest, TurnsAwayAnotherUserEvenWhereTheFileSystemLetsHimIn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  constexpr uid_t kNobody = 65534;
  EXPECT_EQ(VisitAs(kNobody, path_), Reception::kNotLetIn);
  ::chmod(path_.c_str(), 0666);
  for (const std::string& directory : {directory_.Path("own"), directory_.Path("")}) {
    ::chmod(directory.c_str(), 0755);
  }
  EXPECT_EQ(VisitAs(kNobody, path_), Reception::kTurnedAway);
  EXPECT_EQ(Visit(path_), Reception::kTalkedTo);
}

TEST_F(LocalSocketTest, HasRoomForSoManyAtOnce) {
  for (size_t i = 0; i < LocalSocket::kMaxConnections; ++i) ASSERT_EQ(Visit(path_), Reception::kTalkedTo);
  EXPECT_EQ(Visit(path_), Reception::kTurnedAway);
  ::close(given_.back());  // nobody touches it now: the last guest was turned away
  given_.pop_back();
  EXPECT_EQ(Visit(path_), Reception::kTalkedTo);
}

}  // namespace
}  // namespace fairlead::control
