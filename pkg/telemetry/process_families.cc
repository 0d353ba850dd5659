#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "pkg/telemetry/families.h"

namespace fairlead::telemetry {
namespace {

using prometheus::MetricType;

// proc(5): the fields of /proc/self/stat that we want, counted from 1.
constexpr size_t kUserTime = 14;
constexpr size_t kSystemTime = 15;
constexpr size_t kStartTime = 22;
constexpr size_t kVirtualBytes = 23;
constexpr size_t kResidentPages = 24;

std::string ReadAll(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The numbers behind the command name, by field; what is no number stays 0. Nothing without /proc.
std::optional<std::array<double, kResidentPages + 1>> ReadStat() {
  const std::string text = ReadAll("/proc/self/stat");
  // The name may contain anything, a closing parenthesis too.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::array<double, kResidentPages + 1> fields{};
  const char* const end = text.data() + text.size();
  const char* begin = text.data() + name_end + 1;
  for (size_t field = 3; field < fields.size() && begin != end; ++field) {
    begin = std::find_if(begin, end, [](char c) { return c != ' '; });
    const char* const word_end = std::find(begin, end, ' ');
    std::from_chars(begin, word_end, fields[field]);
    begin = word_end;
  }
  return fields;
}

// Seconds since the epoch.
double BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  double seconds = 0;
  while (file >> word) {
    if (word == "btime") {
      file >> seconds;
      break;
    }
  }
  return seconds;
}

double OpenDescriptors() {
  // Linux says how many there are since 6.2; counting 20,000 entries takes milliseconds.
  struct stat directory {};
  if (::stat("/proc/self/fd", &directory) == 0 && directory.st_size > 0) {
    return static_cast<double>(directory.st_size);
  }
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return 0;
  // One of them is the directory being read.
  return static_cast<double>(std::distance(begin(entries), end(entries)) - 1);
}

double MaxDescriptors() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

void AddProcessFamilies(std::vector<prometheus::MetricFamily>* families) {
  const auto gauge = [&](std::string_view name, std::string_view help, double value) {
    Family family(name, help, MetricType::Gauge);
    family.Measure({}, value);
    std::move(family).MoveTo(families);
  };
  gauge("process_open_fds", "File descriptors open now.", OpenDescriptors());
  gauge("process_max_fds", "File descriptors that may be open.", MaxDescriptors());

  const auto stat = ReadStat();
  if (!stat) return;
  const double tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  Family cpu("process_cpu_seconds_total", "User and system time spent.", MetricType::Counter);
  cpu.Count({}, ((*stat)[kUserTime] + (*stat)[kSystemTime]) / tick);
  std::move(cpu).MoveTo(families);
  gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.",
        BootTime() + (*stat)[kStartTime] / tick);
  gauge("process_virtual_memory_bytes", "Virtual memory.", (*stat)[kVirtualBytes]);
  gauge("process_resident_memory_bytes", "Memory that is in RAM.",
        (*stat)[kResidentPages] * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

}  // namespace fairlead::telemetry
