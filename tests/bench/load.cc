// The load generator. It works in steps, so that its caller can read the proxy's CPU time and memory
// between them: it prints "ready" when it is prepared, starts to work at the next line on its standard
// input, prints "done SECONDS", and ends, closing what is open, at the line after that.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/bench/echo_load.h"
#include "tests/bench/upgrade_load.h"

namespace fairlead::bench {
namespace {

// Ends the process when the caller has gone away.
void AwaitLine() {
  std::string line;
  if (!std::getline(std::cin, line)) std::exit(1);
}

template <typename Work>
void RunInSteps(Work work) {
  std::cout << "ready" << std::endl;
  AwaitLine();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::cout << "done " << taken.count() << std::endl;
  AwaitLine();
}

void RunEchoes(const EchoLoad::Options& options, uint64_t messages) {
  EchoLoad load(options);
  load.Open();
  load.Exchange(1);  // what a proxy allocates only at the first message is there before we look
  RunInSteps([&] { load.Exchange(messages); });
}

void RunUpgrades(uint16_t port, int count, int concurrency) {
  UpgradeLoad load(port, concurrency);
  load.Run(concurrency);
  RunInSteps([&] { load.Run(count); });
}

}  // namespace
}  // namespace fairlead::bench

int main(int argc, char** argv) {
  using fairlead::bench::EchoLoad;
  CLI::App app("Load generator of the benchmark");
  app.require_subcommand(1);
  unsigned time_limit = 0;
  EchoLoad::Options options{.port = 0, .tunnels = 1, .payload_bytes = 64, .window = 1};
  uint64_t messages = 0;
  int count = 0;
  int concurrency = 1;
  app.add_option("--port", options.port, "Port of the proxy on 127.0.0.1")->required();
  app.add_option("--time-limit", time_limit, "Die of SIGALRM after so many seconds")->required();

  CLI::App* echo = app.add_subcommand("echo", "Open tunnels, then exchange messages in all of them");
  echo->add_option("--tunnels", options.tunnels, "How many");
  echo->add_option("--bytes", options.payload_bytes, "Payload of a message")->check(CLI::Range(8, 1 << 30));
  echo->add_option("--window", options.window, "Messages in flight in each tunnel");
  echo->add_option("--messages", messages, "Messages in each tunnel; 0 leaves the tunnels idle");
  CLI::App* upgrade = app.add_subcommand("upgrade", "Open tunnels and close them at once");
  upgrade->add_option("--count", count, "How many");
  upgrade->add_option("--concurrency", concurrency, "How many at a time");
  CLI11_PARSE(app, argc, argv);

  alarm(time_limit);
  if (echo->parsed()) fairlead::bench::RunEchoes(options, messages);
  if (upgrade->parsed()) fairlead::bench::RunUpgrades(options.port, count, concurrency);
}
