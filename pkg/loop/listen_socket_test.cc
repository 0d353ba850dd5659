#include "pkg/loop/listen_socket.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "pkg/loop/test_peer.h"

namespace fairlead::loop {
namespace {

using base::SocketAddress;
using ::testing::HasSubstr;

SocketAddress Address(const std::string& text) {
  return *SocketAddress::Parse(text);
}

SocketAddress NameOf(int fd) {
  sockaddr_storage native;
  socklen_t length = sizeof(native);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&native), &length);
  return SocketAddress::FromNative(native, length);
}

bool CanConnect(const SocketAddress& address) {
  sockaddr_storage native;
  const socklen_t length = address.ToNative(&native);
  const int fd = ::socket(native.ss_family, SOCK_STREAM, 0);
  const bool connected = ::connect(fd, reinterpret_cast<sockaddr*>(&native), length) == 0;
  ::close(fd);
  return connected;
}

class UnixPathTest : public ::testing::Test {
 protected:
  ~UnixPathTest() override {
    std::filesystem::remove(path_);
    std::filesystem::remove(path_ + ".lock");
  }

  // A socket file as another program makes it; returns the descriptor.
  int BindForeign() {
    sockaddr_storage native;
    const socklen_t length = address_.ToNative(&native);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&native), length), 0);
    EXPECT_EQ(::listen(fd, 1), 0);
    return fd;
  }

  const std::string path_ = UniqueSocketPath();
  const SocketAddress address_ = Address("unix:" + path_);
};

TEST(ListenSockets, AllShareThePortThatTheKernelChose) {
  const auto sockets = *ListenSockets::Bind(Address("127.0.0.1:0"), 3);
  ASSERT_EQ(sockets->fds().size(), 3u);
  EXPECT_NE(sockets->address().ip_port()->port, 0);
  for (const int fd : sockets->fds()) {
    EXPECT_EQ(NameOf(fd), sockets->address());
    EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_TRUE(CanConnect(sockets->address()));
}

TEST(ListenSockets, RefusesAnAddressThatIsTaken) {
  const auto first = *ListenSockets::Bind(Address("127.0.0.1:0"), 2);
  const auto second = ListenSockets::Bind(first->address(), 2);
  EXPECT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(first->address().ToString()));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("address already in use"));
}

TEST(ListenSockets, TheAddressIsFreeAgainWithTheLastOwner) {
  auto first = *ListenSockets::Bind(Address("127.0.0.1:0"), 2);
  const SocketAddress address = first->address();
  first.reset();
  EXPECT_FALSE(CanConnect(address));
  EXPECT_TRUE(ListenSockets::Bind(address, 2).ok());
}

TEST(ListenSockets, SaysWhyAnAddressCannotBeBound) {
  const auto elsewhere = ListenSockets::Bind(Address("192.0.2.1:0"), 1);  // RFC 5737: nobody's
  EXPECT_FALSE(elsewhere.ok());
  EXPECT_THAT(std::string(elsewhere.status().message()), HasSubstr("192.0.2.1:0"));
}

TEST_F(UnixPathTest, IsOneSocketForUserAndGroup) {
  const auto sockets = *ListenSockets::Bind(address_, 3);
  EXPECT_EQ(sockets->fds().size(), 1u);
  EXPECT_EQ(sockets->address(), address_);
  struct stat info;
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0660u);
  EXPECT_TRUE(CanConnect(address_));
}

TEST_F(UnixPathTest, IsGoneWithTheLastOwner) {
  auto sockets = *ListenSockets::Bind(address_, 1);
  sockets.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(ListenSockets::Bind(address_, 1).ok());
}

TEST_F(UnixPathTest, ReplacesAStaleSocket) {
  ::close(BindForeign());
  const auto sockets = ListenSockets::Bind(address_, 1);
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  EXPECT_TRUE(CanConnect(address_));
}

TEST_F(UnixPathTest, RefusesAPathThatOneOfUsHolds) {
  const auto first = *ListenSockets::Bind(address_, 1);
  const auto second = ListenSockets::Bind(address_, 1);
  EXPECT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("address already in use"));
  EXPECT_TRUE(CanConnect(address_));
}

TEST_F(UnixPathTest, RefusesAPathWhereAnotherProgramListens) {
  const int foreign = BindForeign();
  EXPECT_FALSE(ListenSockets::Bind(address_, 1).ok());
  EXPECT_TRUE(CanConnect(address_));
  ::close(foreign);
}

TEST_F(UnixPathTest, LeavesAFileThatIsNoSocketAlone) {
  std::ofstream(path_) << "precious";
  const auto sockets = ListenSockets::Bind(address_, 1);
  EXPECT_FALSE(sockets.ok());
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

TEST_F(UnixPathTest, SaysWhyAPathCannotBeBound) {
  const auto sockets = ListenSockets::Bind(Address("unix:" + ::testing::TempDir() + "no/such/dir/x"), 1);
  EXPECT_FALSE(sockets.ok());
  EXPECT_THAT(std::string(sockets.status().message()), HasSubstr("no such file or directory"));
}

TEST(ListenSockets, TheLastToLeaveIsTold) {
  const auto sockets = *ListenSockets::Bind(*base::SocketAddress::Parse("127.0.0.1:0"), 2);
  sockets->Attend();
  sockets->Attend();
  EXPECT_FALSE(sockets->LeaveIsLast());
  sockets->Attend();  // back before the other one left
  EXPECT_FALSE(sockets->LeaveIsLast());
  EXPECT_TRUE(sockets->LeaveIsLast());
}

}  // namespace
}  // namespace fairlead::loop
