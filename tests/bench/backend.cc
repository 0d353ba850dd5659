// bench_backend PORT [SECONDS]
//
// A WebSocket echo server: it waits for a whole message, then answers it with one write. It never stops
// reading, so a relay that blocks in one direction can always get rid of what it holds. It does not trust
// its clients to be well-formed any further than our load generator needs. Told to end (SIGTERM), it takes
// nobody new, serves those it has for at most SECONDS more (0), and prints what it has seen.

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/message.h"
#include "tests/bench/net.h"
#include "tests/bench/pace.h"

namespace fairlead::bench {
namespace {

constexpr size_t kReadBytes = 256 * 1024;
constexpr int kMaxEvents = 256;
constexpr int kLookEveryMs = 50;  // whether it is time to end
constexpr size_t kMaskBytes = 4;

constexpr char kPing = 0x9;
constexpr char kPong = 0xa;
constexpr char kClose = 0x8;

struct Connection {
  bool upgraded = false;
  bool closing = false;  // it has got a Close, and answered
  std::string in;        // the start of a head or frame whose end has not come yet
  std::string out;       // what the kernel has not taken yet
};

// RFC 6455, 4.2.2: base64(SHA-1(key + GUID)).
std::string AcceptValue(std::string_view key) {
  const std::string input = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  SHA1(reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest.data());
  std::array<unsigned char, 32> text;
  const int length = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return std::string(reinterpret_cast<const char*>(text.data()), static_cast<size_t>(length));
}

// The value of Sec-WebSocket-Key in a request head; a proxy may change the case of its name.
std::string_view KeyOf(std::string_view head) {
  constexpr std::string_view kName = "sec-websocket-key:";
  for (size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at)) {
    at += 2;
    if (strncasecmp(head.data() + at, kName.data(), kName.size()) != 0) continue;
    const size_t begin = head.find_first_not_of(' ', at + kName.size());
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  return {};
}

std::string Answer(std::string_view head) {
  const std::string_view key = KeyOf(head);
  if (key.empty()) return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         AcceptValue(key) + "\r\n\r\n";
}

struct Frame {
  size_t header_bytes = 0;  // 0: the header is not complete
  size_t payload_bytes = 0;
};

Frame ParseMaskedHeader(std::string_view bytes) {
  if (bytes.size() < 2) return {};
  const size_t short_length = static_cast<unsigned char>(bytes[1]) & 0x7f;
  const size_t extra = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  if (bytes.size() < 2 + extra + kMaskBytes) return {};
  size_t length = extra == 0 ? short_length : 0;
  for (size_t i = 0; i < extra; ++i) length = length << 8 | static_cast<unsigned char>(bytes[2 + i]);
  return {.header_bytes = 2 + extra + kMaskBytes, .payload_bytes = length};
}

void AppendUnmasked(std::string_view payload, const char* key, std::string& out) {
  const size_t start = out.size();
  out.append(payload);
  uint64_t wide_key = 0;
  std::memcpy(&wide_key, key, kMaskBytes);
  std::memcpy(reinterpret_cast<char*>(&wide_key) + kMaskBytes, key, kMaskBytes);
  char* data = out.data() + start;
  size_t i = 0;
  for (; i + sizeof(wide_key) <= payload.size(); i += sizeof(wide_key)) {
    uint64_t word;
    std::memcpy(&word, data + i, sizeof(word));
    word ^= wide_key;
    std::memcpy(data + i, &word, sizeof(word));
  }
  for (; i < payload.size(); ++i) data[i] = static_cast<char>(data[i] ^ key[i % kMaskBytes]);
}

int TakeSigterm() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

class EchoServer {
 public:
  EchoServer(int listener, int descriptor_limit, std::optional<std::chrono::seconds> grace)
      : epoll_(NewEpoll()),
        listener_(listener),
        terminated_(TakeSigterm()),
        grace_(grace),
        connections_(static_cast<size_t>(descriptor_limit)),
        buffer_(std::make_unique<std::array<char, kReadBytes>>()) {
    Watch(epoll_, EPOLL_CTL_ADD, listener_, EPOLLIN);
    Watch(epoll_, EPOLL_CTL_ADD, terminated_, EPOLLIN);
  }

  // Until it has been told to end, and has.
  void Run() {
    std::array<epoll_event, kMaxEvents> events;
    while (!end_ || (open_ > 0 && Clock::now() < *end_)) {
      const int count = epoll_wait(epoll_, events.data(), kMaxEvents, end_ ? kLookEveryMs : -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<size_t>(i)];
        if (event.data.fd == listener_) {
          AcceptAll();
        } else if (event.data.fd == terminated_) {
          BeginToEnd();
        } else {
          Serve(event.data.fd, event.events);
        }
      }
    }
    if (!grace_) return;
    std::printf("messages=%llu closes=%llu without_close=%llu open=%llu\n", messages_, closes_,
                without_close_, open_);
  }

 private:
  void BeginToEnd() {
    Watch(epoll_, EPOLL_CTL_DEL, terminated_, 0);
    Watch(epoll_, EPOLL_CTL_DEL, listener_, 0);
    close(listener_);
    end_ = Clock::now() + grace_.value_or(std::chrono::seconds(0));
  }

  void AcceptAll() {
    for (int fd = Accept(listener_); fd >= 0; fd = Accept(listener_)) {
      ++open_;
      connections_[static_cast<size_t>(fd)] = std::make_unique<Connection>();
      Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  void Serve(int fd, uint32_t events) {
    Connection& connection = *connections_[static_cast<size_t>(fd)];
    if ((events & EPOLLOUT) != 0) Flush(fd, connection);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
    const ssize_t bytes = read(fd, buffer_->data(), buffer_->size());
    if (bytes < 0 && errno == EAGAIN) return;
    if (bytes <= 0) {
      close(fd);
      --open_;
      if (connection.upgraded && !connection.closing) ++without_close_;
      connections_[static_cast<size_t>(fd)].reset();
      return;
    }
    connection.in.append(buffer_->data(), static_cast<size_t>(bytes));
    if (!connection.upgraded) Upgrade(fd, connection);
    if (connection.upgraded) EchoMessages(fd, connection);
  }

  void Upgrade(int fd, Connection& connection) {
    const size_t end = connection.in.find("\r\n\r\n");
    if (end == std::string::npos) return;
    Send(fd, connection, Answer(std::string_view(connection.in).substr(0, end + 4)));
    connection.in.erase(0, end + 4);
    connection.upgraded = true;
  }

  void EchoMessages(int fd, Connection& connection) {
    std::string_view rest = connection.in;
    while (true) {
      const Frame frame = ParseMaskedHeader(rest);
      const size_t frame_bytes = frame.header_bytes + frame.payload_bytes;
      if (frame.header_bytes == 0 || rest.size() < frame_bytes) break;
      echo_.clear();
      AppendServerHeader(frame.payload_bytes, echo_);
      const char* key = rest.data() + frame.header_bytes - kMaskBytes;
      AppendUnmasked(rest.substr(frame.header_bytes, frame.payload_bytes), key, echo_);
      Take(connection, rest[0] & 0xf);
      Send(fd, connection, echo_);
      rest.remove_prefix(frame_bytes);
    }
    connection.in.erase(0, connection.in.size() - rest.size());
  }

  // What is in echo_ is the answer, but for the opcode of one to a control frame.
  void Take(Connection& connection, int opcode) {
    if (opcode == kPing) {
      echo_[0] = static_cast<char>(0x80 | kPong);
    } else if (opcode == kClose) {
      echo_[0] = static_cast<char>(0x80 | kClose);
      connection.closing = true;
      ++closes_;
    } else {
      ++messages_;
    }
  }

  void Send(int fd, Connection& connection, std::string_view bytes) {
    if (connection.out.empty()) {
      const ssize_t written = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
      if (bytes.empty()) return EndIfClosing(fd, connection);
      Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
    }
    connection.out.append(bytes);
  }

  void Flush(int fd, Connection& connection) {
    const ssize_t written = send(fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (written > 0) connection.out.erase(0, static_cast<size_t>(written));
    if (!connection.out.empty()) return;
    Watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
    EndIfClosing(fd, connection);
  }

  // The server is the one to end the connection first (RFC 6455, 7.1.1).
  static void EndIfClosing(int fd, const Connection& connection) {
    if (connection.closing) shutdown(fd, SHUT_WR);
  }

  const int epoll_;
  const int listener_;
  const int terminated_;  // can be read once SIGTERM has come
  const std::optional<std::chrono::seconds> grace_;
  std::optional<Clock::time_point> end_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::unique_ptr<std::array<char, kReadBytes>> buffer_;
  std::string echo_;
  unsigned long long open_ = 0;
  unsigned long long messages_ = 0;
  unsigned long long closes_ = 0;
  unsigned long long without_close_ = 0;
};

}  // namespace
}  // namespace fairlead::bench

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    errno = EINVAL;
    fairlead::bench::Die("bench_backend PORT [SECONDS]");
  }
  std::optional<std::chrono::seconds> grace;
  if (argc == 3) grace = std::chrono::seconds(std::atoi(argv[2]));
  const int limit = fairlead::bench::RaiseDescriptorLimit();
  const int listener = fairlead::bench::Listen(static_cast<uint16_t>(std::atoi(argv[1])));
  fairlead::bench::EchoServer(listener, limit, grace).Run();
}
