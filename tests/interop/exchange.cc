#include "tests/interop/exchange.h"

#include <openssl/evp.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <random>
#include <string_view>

namespace fairlead::interop {
namespace {

using Result = Session::Result;

// How long a side may have nothing to do before the other one is taken for stuck.
constexpr int kPatienceMs = 60'000;
// Prime, so that chunks and blocks never fall into step.
constexpr size_t kBlock = 1'048'573;
// One record: OpenSSL that is asked for a new key in the middle of several breaks off (SSL_R_BAD_LENGTH).
constexpr size_t kLargestWrite = 16'000;

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(context_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void Add(std::string_view bytes) {
    EVP_DigestUpdate(context_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  uint64_t size() const { return size_; }
  std::string Hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value;
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_, value.data(), &size);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
      hex += "0123456789abcdef"[value[i] >> 4];
      hex += "0123456789abcdef"[value[i] & 15];
    }
    return hex;
  }

 private:
  EVP_MD_CTX* const context_;
  uint64_t size_ = 0;
};

// What is sent: noise, in pieces of every size.
class Source {
 public:
  explicit Source(uint64_t bytes) : bytes_(bytes), random_(std::random_device{}()) {
    block_.resize(kBlock);
    std::generate(block_.begin(), block_.end(), [this] { return static_cast<char>(random_()); });
  }

  // What comes next, the last byte by itself: the same until it is taken.
  std::string_view Peek() {
    if (size_ == 0) size_ = 1 + random_() % (random_() % 4 == 0 ? 100 : kLargestWrite);
    const size_t at = taken_.size() % kBlock;
    const uint64_t left = std::max<uint64_t>(bytes_ - taken_.size(), 2) - 1;
    return std::string_view(block_).substr(at, std::min<uint64_t>(size_, left));
  }
  void Take(size_t size) {
    taken_.Add(std::string_view(block_).substr(taken_.size() % kBlock, size));
    size_ = 0;
    if (taken_.size() % kBlock == 0) ++block_[random_() % kBlock];
  }
  uint64_t taken() const { return taken_.size(); }
  bool empty() const { return taken_.size() == bytes_; }
  bool at_last_byte() const { return taken_.size() + 1 == bytes_; }
  std::string Hex() { return taken_.Hex(); }

 private:
  const uint64_t bytes_;
  std::minstd_rand random_;
  std::string block_;
  size_t size_ = 0;  // of the next piece
  Digest taken_;
};

class Exchanger {
 public:
  Exchanger(Session& session, int fd, const Plan& plan)
      : session_(session), fd_(fd), plan_(plan), source_(plan.bytes), buffer_(65'536, '\0') {}

  std::optional<Outcome> Run() {
    while (!(source_.empty() && received_.size() >= plan_.bytes)) {
      if (ended_ || !Step()) return std::nullopt;
    }
    if (plan_.client && !End()) return std::nullopt;
    while (!ended_) {
      if (!Step()) return std::nullopt;
    }
    if (!plan_.client && !End()) return std::nullopt;
    return Outcome{.sent = source_.taken(),
                   .received = received_.size(),
                   .sent_sha256 = source_.Hex(),
                   .received_sha256 = received_.Hex(),
                   .updates_sent = updates_,
                   .orderly = received_.size() == plan_.bytes};
  }

 private:
  // As much as goes; waits where nothing does. False when it is over.
  bool Step() {
    moved_ = false;
    events_ = 0;
    const bool stalled = plan_.stalls && !source_.empty() && !source_.at_last_byte();
    if (stalled && !waited_ && source_.taken() >= plan_.bytes / 2) AwaitSignal();
    if (MaySend() && !Send()) return false;
    if (!stalled && !ended_ && !Receive()) return false;
    return moved_ || Await();
  }
  bool MaySend() const {
    if (source_.empty()) return false;
    return !source_.at_last_byte() || received_.size() >= plan_.bytes - (plan_.client ? 1 : 0);
  }
  bool Send() {
    const bool due = plan_.update_every > 0 && source_.taken() >= (updates_ + 1) * plan_.update_every;
    if (due && !writing_) {
      if (!Note(session_.UpdateKeys(updates_ % 2 == 1))) return false;
      if (!moved_) return true;
      ++updates_;
    }
    size_t taken = 0;
    const Result result = session_.Write(source_.Peek(), &taken);
    writing_ = result != Result::kDone;
    if (!writing_) source_.Take(taken);
    return Note(result);
  }
  bool Receive() {
    size_t size = 0;
    const Result result = session_.Read(buffer_.data(), buffer_.size(), &size);
    if (result == Result::kDone) received_.Add(std::string_view(buffer_).substr(0, size));
    ended_ = result == Result::kEnded;
    moved_ |= ended_;
    return ended_ || Note(result);
  }
  bool End() {
    while (true) {
      moved_ = false;
      events_ = 0;
      if (!Note(session_.End())) return false;
      if (moved_) return true;
      if (!Await()) return false;
    }
  }
  bool Note(Result result) {
    moved_ |= result == Result::kDone;
    if (result == Result::kWantsRead) events_ |= POLLIN;
    if (result == Result::kWantsWrite) events_ |= POLLOUT;
    return result != Result::kFailed && result != Result::kEnded;
  }
  bool Await() {
    pollfd waiting{.fd = fd_, .events = events_, .revents = 0};
    if (::poll(&waiting, 1, kPatienceMs) == 1) return true;
    std::cerr << "nothing moves any more\n";
    return false;
  }
  void AwaitSignal() {
    waited_ = true;
    std::cout << "stalls" << std::endl;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    int got = 0;
    ::sigwait(&set, &got);
  }

  Session& session_;
  const int fd_;
  const Plan plan_;
  Source source_;
  Digest received_;
  std::string buffer_;
  uint64_t updates_ = 0;
  bool moved_ = false;
  bool writing_ = false;  // a Write waits
  bool waited_ = false;
  bool ended_ = false;
  short events_ = 0;
};

}  // namespace

std::optional<Outcome> Exchange(Session& session, int fd, const Plan& plan) {
  return Exchanger(session, fd, plan).Run();
}

}  // namespace fairlead::interop
