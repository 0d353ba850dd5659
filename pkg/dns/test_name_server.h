#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/address.h"
#include "pkg/loop/fd_watcher.h"
#include "pkg/loop/loop.h"

namespace fairlead::dns {

// For tests: a name server on a UDP port of 127.0.0.1 and on the loop of the test, that says what it is told
// to (RFC 1035).
class TestNameServer {
 public:
  enum class Code : uint8_t { kNoError = 0, kServerFailure = 2, kNoSuchName = 3 };

  explicit TestNameServer(loop::Loop& loop)
      : fd_(Bind()), watcher_(loop, fd_, [this](bool, bool) { Serve(); }) {
    watcher_.Watch(true, false);
  }
  ~TestNameServer() { ::close(fd_); }

  // As Resolver::Options::servers takes it.
  std::string address() const {
    sockaddr_storage native;
    socklen_t length = sizeof(native);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&native), &length);
    return base::SocketAddress::FromNative(native, length).ToString();
  }

  // What a name has from now on. Names that it was not told of do not exist.
  void Set(const std::string& name, const std::vector<std::string>& addresses) {
    Records records;
    for (const std::string& text : addresses) records.push_back(*base::IpAddress::Parse(text));
    names_[name] = std::move(records);
  }

  Code code = Code::kNoError;  // other than kNoError: says so of every name
  bool silent = false;         // takes questions and answers none
  int questions = 0;           // A and AAAA each count

 private:
  using Records = std::vector<base::IpAddress>;
  static constexpr size_t kHeader = 12;
  static constexpr uint8_t kTypeA = 1, kTypeAaaa = 28;

  static int Bind() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    return fd;
  }

  void Serve() {
    char buffer[512];
    sockaddr_storage from;
    socklen_t length = sizeof(from);
    const ssize_t size =
        ::recvfrom(fd_, buffer, sizeof(buffer), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (size < static_cast<ssize_t>(kHeader)) return;
    ++questions;
    if (silent) return;
    const std::string answer = Answer({buffer, static_cast<size_t>(size)});
    ::sendto(fd_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), length);
  }

  std::string Answer(std::string_view question) const {
    std::string name;
    size_t at = kHeader;
    while (question[at] != 0) {
      const size_t label = static_cast<uint8_t>(question[at]);
      if (!name.empty()) name += '.';
      name.append(question.substr(at + 1, label));
      at += label + 1;
    }
    const uint8_t type = question[at + 2];
    const auto known = names_.find(name);
    const Code said = code != Code::kNoError || known != names_.end() ? code : Code::kNoSuchName;

    std::string records;
    uint8_t count = 0;
    if (said == Code::kNoError) {
      for (const base::IpAddress& address : known->second) {
        if (address.is_v4() != (type == kTypeA)) continue;
        ++count;
        records += Record(type, address);
      }
    }
    // The question's id; an answer, recursion available; one question, `count` records.
    std::string answer(question.substr(0, 2));
    answer +=
        {'\x81', static_cast<char>(0x80 | static_cast<uint8_t>(said)), 0, 1, 0, static_cast<char>(count)};
    answer += std::string(4, '\0');
    answer += question.substr(kHeader, at + 5 - kHeader);
    return answer + records;
  }

  static std::string Record(uint8_t type, const base::IpAddress& address) {
    // The name is the question's, by reference; class IN; a TTL of 60 s.
    std::string record{'\xc0', kHeader, 0, static_cast<char>(type), 0, 1, 0, 0, 0, 60, 0};
    record += static_cast<char>(address.bytes().size());
    return record.append(address.bytes());
  }

  const int fd_;
  loop::FdWatcher watcher_;
  std::map<std::string, Records> names_;
};

}  // namespace fairlead::dns
