// `fairlead run -c FILE` that exchanges its TLS keys every INTEROP_RECORDS_PER_KEY records instead of every
// 2^24, to see that all follow.

#include <cstdlib>
#include <iostream>
#include <string>

#include "pkg/app/run.h"

int main(int argc, char** argv) {
  const char* records = std::getenv("INTEROP_RECORDS_PER_KEY");
  if (records == nullptr || argc != 4 || std::string(argv[1]) != "run" || std::string(argv[2]) != "-c") {
    std::cerr << "usage: INTEROP_RECORDS_PER_KEY=N interop_impatient_proxy run -c FILE\n";
    return 2;
  }
  return fairlead::app::Run(argv[3], {}, {.tls_records_per_key = std::stoull(records)});
}
