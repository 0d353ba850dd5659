// The load generator. It works in steps, so that its caller can read the proxy's CPU time and memory
// between them: it prints "ready" when it is prepared, starts to work at the next line on its standard
// input, prints "done" and what came of it, and ends, closing what is open, at the line after that. `chat`,
// `visit` and `stay` work until one line more tells them to stop.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include "tests/bench/chat_load.h"
#include "tests/bench/echo_load.h"
#include "tests/bench/stay_load.h"
#include "tests/bench/upgrade_load.h"
#include "tests/bench/visit_load.h"
#include "tests/bench/wire.h"

namespace fairlead::bench {
namespace {

struct Flags {
  uint16_t port = 0;
  unsigned time_limit = 0;  // in seconds
  Wire::Protocol protocol = Wire::Protocol::kPlain;
  int tunnels = 1;
  size_t payload_bytes = 64;
  uint64_t window = 1;
  uint64_t messages = 0;
  int count = 0;
  int concurrency = 1;
  int64_t interval = 1000;  // in milliseconds, as `again`
  double per_second = 1;
  int64_t again = -1;
  std::string timeline = "/dev/null";
  void (*work)(const Flags&, Wire&) = nullptr;  // the subcommand's
};

// Ends the process when the caller has gone away. Not through std::cin, which might take more than the line
// and leave nothing to be seen by those who wait for the next one.
void AwaitLine() {
  char byte = 0;
  while (byte != '\n') {
    if (read(STDIN_FILENO, &byte, 1) != 1) std::exit(1);
  }
}

// `work` returns what to say of it.
template <typename Work>
void RunInSteps(Work work) {
  std::cout << "ready" << std::endl;
  AwaitLine();
  const std::string result = work();
  std::cout << "done " << result << std::endl;
  AwaitLine();
}

template <typename Work>
std::string SecondsOf(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return std::to_string(taken.count());
}

void RunEchoes(const Flags& flags, Wire& wire) {
  EchoLoad load({.port = flags.port,
                 .tunnels = flags.tunnels,
                 .payload_bytes = flags.payload_bytes,
                 .window = flags.window},
                wire);
  load.Open();
  load.Exchange(1);  // what a proxy allocates only at the first message is there before we look
  RunInSteps([&] { return SecondsOf([&] { load.Exchange(flags.messages); }); });
}

void RunUpgrades(const Flags& flags, Wire& wire) {
  UpgradeLoad load(flags.port, flags.concurrency, wire);
  load.Run(flags.concurrency);
  RunInSteps([&] { return SecondsOf([&] { load.Run(flags.count); }); });
}

void RunChat(const Flags& flags, Wire& wire) {
  ChatLoad load(
      {.port = flags.port, .tunnels = flags.tunnels, .interval = std::chrono::milliseconds(flags.interval)},
      wire);
  load.Open();
  RunInSteps([&] {
    load.Chat(STDIN_FILENO);
    AwaitLine();
    const ChatLoad::Report report = load.Finish();
    std::ostringstream words;
    words << "lost_tunnels=" << report.lost_tunnels << " sent=" << report.sent << " echoed=" << report.echoed
          << " skipped=" << report.skipped << " median_us=" << report.median << " p99_us=" << report.p99
          << " slowest_us=" << report.slowest;
    return words.str();
  });
}

void RunVisits(const Flags& flags, Wire& wire) {
  VisitLoad load(flags.port, flags.per_second, wire);
  RunInSteps([&] {
    const VisitLoad::Report report = load.Run(STDIN_FILENO);
    AwaitLine();
    std::ostringstream words;
    words << "visits=" << report.visits << " without_101=" << report.without_101
          << " unanswered=" << report.unanswered << " cut=" << report.cut;
    return words.str();
  });
}

void RunStay(const Flags& flags, Wire& wire) {
  StayLoad::Options options{.port = flags.port,
                            .tunnels = flags.tunnels,
                            .interval = std::chrono::milliseconds(flags.interval),
                            .again = {},
                            .timeline = flags.timeline};
  if (flags.again >= 0) options.again = std::chrono::milliseconds(flags.again);
  StayLoad load(options, wire);
  load.Open();
  RunInSteps([&] {
    const StayLoad::Report report = load.Stay(STDIN_FILENO);
    AwaitLine();
    std::ostringstream words;
    words << "ends=" << report.ends << " without_close=" << report.without_close << " wrong=" << report.wrong
          << " not_ended=" << report.not_ended << " sent=" << report.sent << " echoed=" << report.echoed
          << " came_again=" << report.came_again << " refused=" << report.refused << " open=" << report.open;
    return words.str();
  });
}

// `flags` outlives the parsing.
void AddFlags(CLI::App& app, Flags& flags) {
  const std::map<std::string, Wire::Protocol> protocols{{"1.2", Wire::Protocol::kTls12},
                                                        {"1.3", Wire::Protocol::kTls13}};
  app.require_subcommand(1);
  app.add_option("--port", flags.port, "Port of the proxy on 127.0.0.1")->required();
  app.add_option("--time-limit", flags.time_limit, "Die of SIGALRM after so many seconds")->required();
  app.add_option("--tls", flags.protocol, "Speak this version of TLS")
      ->transform(CLI::CheckedTransformer(protocols));
  const auto add = [&](const char* name, const char* description, void (*work)(const Flags&, Wire&)) {
    CLI::App* const command = app.add_subcommand(name, description);
    command->callback([&flags, work] { flags.work = work; });
    return command;
  };

  CLI::App* const echo = add("echo", "Open tunnels, then exchange messages in all of them", RunEchoes);
  echo->add_option("--tunnels", flags.tunnels, "How many");
  echo->add_option("--bytes", flags.payload_bytes, "Payload of a message")->check(CLI::Range(8, 1 << 30));
  echo->add_option("--window", flags.window, "Messages in flight in each tunnel");
  echo->add_option("--messages", flags.messages, "Messages in each tunnel; 0 leaves the tunnels idle");
  CLI::App* const upgrade = add("upgrade", "Open tunnels and close them at once", RunUpgrades);
  upgrade->add_option("--count", flags.count, "How many");
  upgrade->add_option("--concurrency", flags.concurrency, "How many at a time");
  CLI::App* const chat = add("chat", "Open tunnels and say something in each now and then", RunChat);
  chat->add_option("--tunnels", flags.tunnels, "How many");
  chat->add_option("--interval", flags.interval, "Milliseconds from one message of a tunnel to its next");
  CLI::App* const visit = add("visit", "Open tunnels, echo once in each, and close it", RunVisits);
  visit->add_option("--rate", flags.per_second, "How many in a second");
  CLI::App* const stay =
      add("stay", "Open tunnels, say something now and then, leave when told, come again", RunStay);
  stay->add_option("--tunnels", flags.tunnels, "How many");
  stay->add_option("--interval", flags.interval,
                   "Milliseconds from one message of a tunnel to its next; 0 = none");
  stay->add_option("--again", flags.again, "Come again within so many milliseconds; less than 0 = never");
  stay->add_option("--timeline", flags.timeline, "A file for when, and how, each tunnel has ended");
}

void Run(const Flags& flags) {
  alarm(flags.time_limit);
  Wire wire(flags.protocol);
  flags.work(flags, wire);
}

}  // namespace
}  // namespace fairlead::bench

int main(int argc, char** argv) {
  CLI::App app("Load generator of the benchmark");
  fairlead::bench::Flags flags;
  AddFlags(app, flags);
  CLI11_PARSE(app, argc, argv);
  Run(flags);
}
