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

void RunEchoes(const EchoLoad::Options& options, uint64_t messages, Wire& wire) {
  EchoLoad load(options, wire);
  load.Open();
  load.Exchange(1);  // what a proxy allocates only at the first message is there before we look
  RunInSteps([&] { return SecondsOf([&] { load.Exchange(messages); }); });
}

void RunUpgrades(uint16_t port, int count, int concurrency, Wire& wire) {
  UpgradeLoad load(port, concurrency, wire);
  load.Run(concurrency);
  RunInSteps([&] { return SecondsOf([&] { load.Run(count); }); });
}

void RunChat(const ChatLoad::Options& options, Wire& wire) {
  ChatLoad load(options, wire);
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

void RunVisits(uint16_t port, double per_second, Wire& wire) {
  VisitLoad load(port, per_second, wire);
  RunInSteps([&] {
    const VisitLoad::Report report = load.Run(STDIN_FILENO);
    AwaitLine();
    std::ostringstream words;
    words << "visits=" << report.visits << " without_101=" << report.without_101
          << " unanswered=" << report.unanswered << " cut=" << report.cut;
    return words.str();
  });
}

void RunStay(const StayLoad::Options& options, Wire& wire) {
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

}  // namespace
}  // namespace fairlead::bench

int main(int argc, char** argv) {
  using fairlead::bench::EchoLoad;
  using fairlead::bench::Wire;
  CLI::App app("Load generator of the benchmark");
  app.require_subcommand(1);
  unsigned time_limit = 0;
  EchoLoad::Options options{.port = 0, .tunnels = 1, .payload_bytes = 64, .window = 1};
  uint64_t messages = 0;
  int count = 0;
  int concurrency = 1;
  int64_t interval = 1000;
  double per_second = 1;
  int64_t again = -1;
  std::string timeline = "/dev/null";
  auto protocol = Wire::Protocol::kPlain;
  const std::map<std::string, Wire::Protocol> protocols{{"1.2", Wire::Protocol::kTls12},
                                                        {"1.3", Wire::Protocol::kTls13}};
  app.add_option("--port", options.port, "Port of the proxy on 127.0.0.1")->required();
  app.add_option("--time-limit", time_limit, "Die of SIGALRM after so many seconds")->required();
  app.add_option("--tls", protocol, "Speak this version of TLS")
      ->transform(CLI::CheckedTransformer(protocols));

  CLI::App* echo = app.add_subcommand("echo", "Open tunnels, then exchange messages in all of them");
  echo->add_option("--tunnels", options.tunnels, "How many");
  echo->add_option("--bytes", options.payload_bytes, "Payload of a message")->check(CLI::Range(8, 1 << 30));
  echo->add_option("--window", options.window, "Messages in flight in each tunnel");
  echo->add_option("--messages", messages, "Messages in each tunnel; 0 leaves the tunnels idle");
  CLI::App* upgrade = app.add_subcommand("upgrade", "Open tunnels and close them at once");
  upgrade->add_option("--count", count, "How many");
  upgrade->add_option("--concurrency", concurrency, "How many at a time");
  CLI::App* chat = app.add_subcommand("chat", "Open tunnels and say something in each now and then");
  chat->add_option("--tunnels", options.tunnels, "How many");
  chat->add_option("--interval", interval, "Milliseconds from one message of a tunnel to its next");
  CLI::App* visit = app.add_subcommand("visit", "Open tunnels, echo once in each, and close it");
  visit->add_option("--rate", per_second, "How many in a second");
  CLI::App* stay =
      app.add_subcommand("stay", "Open tunnels, say something now and then, leave when told, come again");
  stay->add_option("--tunnels", options.tunnels, "How many");
  stay->add_option("--interval", interval, "Milliseconds from one message of a tunnel to its next; 0 = none");
  stay->add_option("--again", again, "Come again within so many milliseconds; less than 0 = never");
  stay->add_option("--timeline", timeline, "A file for when, and how, each tunnel has ended");
  CLI11_PARSE(app, argc, argv);

  alarm(time_limit);
  Wire wire(protocol);
  if (echo->parsed()) fairlead::bench::RunEchoes(options, messages, wire);
  if (upgrade->parsed()) fairlead::bench::RunUpgrades(options.port, count, concurrency, wire);
  if (chat->parsed()) {
    fairlead::bench::RunChat(
        {.port = options.port, .tunnels = options.tunnels, .interval = std::chrono::milliseconds(interval)},
        wire);
  }
  if (visit->parsed()) fairlead::bench::RunVisits(options.port, per_second, wire);
  if (stay->parsed()) {
    fairlead::bench::StayLoad::Options stays{.port = options.port,
                                             .tunnels = options.tunnels,
                                             .interval = std::chrono::milliseconds(interval),
                                             .again = {},
                                             .timeline = timeline};
    if (again >= 0) stays.again = std::chrono::milliseconds(again);
    fairlead::bench::RunStay(stays, wire);
  }
}
