#include "tests/bench/stay_load.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "tests/bench/net.h"

namespace fairlead::bench {
namespace {

constexpr size_t kPayloadBytes = 64;  // its length takes one byte, like that of a control frame
constexpr int kMaxEvents = 256;
constexpr int kMaxWaitMs = 200;
constexpr size_t kMaxOpening = 32;               // at a time
constexpr std::chrono::seconds kEndsWithin{30};  // after both have said Close
constexpr uint8_t kClose = 0x8;
constexpr uint8_t kPing = 0x9;
constexpr uint8_t kPong = 0xa;
constexpr std::array<char, 4> kMaskKey = {0x37, 0x5a, 0x21, 0x3d};

unsigned CodeOf(std::string_view payload) {
  if (payload.size() < 2) return 1005;
  return static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8 |
         static_cast<unsigned char>(payload[1]);
}

}  // namespace

StayLoad::StayLoad(const Options& options, Wire& wire)
    : options_(options),
      wire_(wire),
      epoll_(NewEpoll()),
      outgoing_(Message::FromClient(kPayloadBytes)),
      expected_(Message::FromServer(kPayloadBytes)),
      numbers_(static_cast<size_t>(RaiseDescriptorLimit())),
      buffer_(std::make_unique<std::array<char, 64 * 1024>>()),
      timeline_(options.timeline) {}

void StayLoad::Open() {
  clients_.resize(static_cast<size_t>(options_.tunnels));
  for (size_t number = 0; number < clients_.size(); ++number) away_.emplace(Clock::now(), number);
  while (!away_.empty() || opening_ > 0) {
    ComeAgain(Clock::now());
    Turn(kMaxWaitMs);
    if (report_.refused > 0) Die("a tunnel did not open");
  }
  report_.came_again = 0;
}

StayLoad::Report StayLoad::Stay(int stop) {
  Watch(epoll_, EPOLL_CTL_ADD, stop, EPOLLIN);
  const bool talks = options_.interval.count() > 0;
  const double per_second =
      talks ? static_cast<double>(clients_.size()) * 1000 / static_cast<double>(options_.interval.count())
            : 1;
  Pace pace(per_second, Clock::now());
  size_t turn = 0;
  for (Clock::time_point now = Clock::now(); !Turn(WaitMs(now, pace.MillisecondsLeft(now)), stop);
       now = Clock::now()) {
    for (int due = pace.TakeDue(Clock::now()); due > 0 && talks; --due)
      Say(clients_[turn++ % clients_.size()]);
    ComeAgain(Clock::now());
  }
  for (const Client& client : clients_) {
    report_.open += client.stage == Stage::kTalking ? 1 : 0;
    report_.not_ended +=
        client.stage == Stage::kLeaving && Clock::now() - client.told_at > kEndsWithin ? 1 : 0;
  }
  timeline_.flush();
  return report_;
}

bool StayLoad::Turn(int wait_ms, int stop) {
  std::array<epoll_event, kMaxEvents> events;
  bool stopped = false;
  const int count = epoll_wait(epoll_, events.data(), kMaxEvents, wait_ms);
  for (int i = 0; i < count; ++i) {
    const int fd = events[static_cast<size_t>(i)].data.fd;
    if (fd == stop) {
      stopped = true;
    } else {
      Continue(numbers_[static_cast<size_t>(fd)]);
    }
  }
  return stopped;
}

int StayLoad::WaitMs(Clock::time_point now, int pace_ms) const {
  int wait = std::min(kMaxWaitMs, pace_ms);
  if (!away_.empty() && opening_ < kMaxOpening) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(away_.begin()->first - now).count();
    wait = std::clamp(static_cast<int>(left), 0, wait);
  }
  return wait;
}

void StayLoad::Continue(size_t number) {
  Client& client = clients_[number];
  if (client.stage != Stage::kOpening) return Hear(number);
  const Handshake::Progress progress = client.handshake->Try(wire_, client.fd);
  if (progress == Handshake::Progress::kUnderWay) return Watch(epoll_, EPOLL_CTL_MOD, client.fd, EPOLLIN);
  --opening_;
  client.handshake.reset();
  if (progress == Handshake::Progress::kRefused) {
    ++report_.refused;
    return End(number);
  }
  client.stage = Stage::kTalking;
  ++report_.came_again;
}

void StayLoad::Say(Client& client) {
  if (client.stage != Stage::kTalking || client.echoed < client.sent) return;
  const std::string_view frame = outgoing_.WithSequence(client.sent);
  // What cannot be sent is found out when its end is read.
  if (wire_.Send(client.fd, frame) != static_cast<ssize_t>(frame.size())) return;
  ++client.sent;
  ++report_.sent;
}

void StayLoad::Hear(size_t number) {
  Client& client = clients_[number];
  const ssize_t bytes = wire_.Receive(client.fd, buffer_->data(), buffer_->size());
  if (bytes < 0 && errno == EAGAIN) return;
  if (bytes > 0) {
    client.in.append(buffer_->data(), static_cast<size_t>(bytes));
    return TakeFrames(number);
  }
  if (client.stage == Stage::kTalking) {
    ++report_.ends;
    ++report_.without_close;
    WriteDown(0);
  }
  End(number);
}

void StayLoad::TakeFrames(size_t number) {
  Client& client = clients_[number];
  while (client.in.size() >= 2) {
    const auto opcode = static_cast<uint8_t>(client.in[0] & 0xf);
    const size_t length = static_cast<unsigned char>(client.in[1]);
    if (client.in.size() < 2 + length) return;
    const std::string frame = client.in.substr(0, 2 + length);
    client.in.erase(0, frame.size());
    const std::string_view payload = std::string_view(frame).substr(2);
    if (client.stage == Stage::kLeaving) continue;
    if (opcode == kPing) {
      Answer(client, kPong, payload);
    } else if (opcode == kClose) {
      ++report_.ends;
      WriteDown(CodeOf(payload));
      Answer(client, kClose, payload.substr(0, 2));
      client.stage = Stage::kLeaving;
      client.told_at = Clock::now();
    } else if (client.echoed < client.sent && frame == expected_.WithSequence(client.echoed)) {
      ++client.echoed;
      ++report_.echoed;
    } else {
      ++report_.ends;
      ++report_.wrong;
      WriteDown(0);
      return End(number);
    }
  }
}

void StayLoad::Answer(Client& client, uint8_t opcode, std::string_view payload) {
  std::string frame = {static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | payload.size())};
  frame.append(kMaskKey.data(), kMaskKey.size());
  for (size_t i = 0; i < payload.size(); ++i)
    frame.push_back(static_cast<char>(payload[i] ^ kMaskKey[i % 4]));
  wire_.Send(client.fd, frame);
}

void StayLoad::WriteDown(unsigned code) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  timeline_ << std::chrono::duration_cast<std::chrono::milliseconds>(now).count() << ' ' << code << '\n';
}

void StayLoad::End(size_t number) {
  Client& client = clients_[number];
  wire_.Close(client.fd);
  client = Client{};
  client.stage = Stage::kAway;
  if (!options_.again) return;
  std::uniform_int_distribution<int64_t> within(0, options_.again->count());
  away_.emplace(Clock::now() + std::chrono::milliseconds(within(random_)), number);
}

void StayLoad::ComeAgain(Clock::time_point now) {
  while (opening_ < kMaxOpening && !away_.empty() && away_.begin()->first <= now) {
    const size_t number = away_.begin()->second;
    away_.erase(away_.begin());
    const int fd = wire_.TryConnect(options_.port);
    if (fd < 0) {
      ++report_.refused;
      if (options_.again) away_.emplace(now + *options_.again, number);
      continue;
    }
    ++opening_;
    numbers_[static_cast<size_t>(fd)] = number;
    clients_[number].fd = fd;
    clients_[number].stage = Stage::kOpening;
    clients_[number].handshake = std::make_unique<Handshake>(options_.port, number);
    Watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLOUT);
  }
}

}  // namespace fairlead::bench
